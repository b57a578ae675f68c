// What a link opens, from words: bucket/key, several of one bucket, or bucket/prefix/.
import { UsageError } from '../frame/usage.ts'
import { toBytes, toCount } from './terms.ts'

export interface UploadOptions {
  readonly uploadMaxBytes?: string | undefined
  readonly uploadType: readonly string[]
  readonly uploadMaxFiles?: string | undefined
}

export function toTarget(words: readonly string[]): Readonly<Record<string, unknown>> {
  const places = words.map((word) => {
    const slash = word.indexOf('/')
    if (slash < 1 || slash === word.length - 1)
      throw new UsageError('bucket/key or bucket/prefix/ is needed, the bucket by its alias')
    return { bucket: word.slice(0, slash), rest: word.slice(slash + 1) }
  })
  const [first, ...more] = places
  if (first === undefined) throw new UsageError('bucket/key or bucket/prefix/ is needed')
  const { bucket } = first
  if (more.some((place) => place.bucket !== bucket))
    throw new UsageError('all keys of a link are of one bucket')
  const isPrefix = places.some(({ rest }) => rest.endsWith('/'))
  if (isPrefix && more.length > 0) throw new UsageError('a link opens one prefix, or keys')
  if (isPrefix) return { bucket, prefix: first.rest }
  return more.length === 0
    ? { bucket, key: first.rest }
    : { bucket, keys: places.map(({ rest }) => rest) }
}

/** A request for uploads below the prefix, where any of its options is named. */
export function toUpload(options: UploadOptions): Readonly<Record<string, unknown>> {
  const { uploadMaxBytes, uploadType, uploadMaxFiles } = options
  if (uploadMaxBytes === undefined && uploadMaxFiles === undefined && uploadType.length === 0)
    return {}
  if (uploadMaxBytes === undefined || uploadMaxFiles === undefined || uploadType.length === 0)
    throw new UsageError('--upload-max-bytes, --upload-max-files and --upload-type go together')
  return {
    upload: {
      maxBytes: toBytes(uploadMaxBytes, '--upload-max-bytes'),
      types: uploadType,
      maxFiles: toCount(uploadMaxFiles, '--upload-max-files'),
    },
  }
}

/** The id of a link, also of its URL. */
export function toLinkId(text: string): string {
  const id = /^(?:https?:\/\/[^?#]+\/l\/)?([\w-]{22})\/?$/.exec(text)?.[1]
  if (id === undefined) throw new UsageError('the id or the URL of a link is needed')
  return id
}
