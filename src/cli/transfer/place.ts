// Where in a bucket something goes or lies: BUCKET/KEY or BUCKET/PREFIX/, the bucket by its alias.
import type { SessionAnswer } from '../../contract/session.ts'
import { parseKeyPrefix, parseObjectKey } from '../../core/policy/key.ts'
import { UsageError } from '../frame/usage.ts'

export interface Place {
  readonly bucket: string
  /** A key, or a prefix: empty or ending in "/". */
  readonly key: string
}

export function isPrefix({ key }: Place): boolean {
  return key === '' || key.endsWith('/')
}

export function parsePlace(text: string, what: string): Place {
  const [, bucket = '', key = ''] = /^([^/]{1,64})(?:\/([^]*))?$/.exec(text) ?? []
  if (bucket === '') throw new UsageError(`${what} is BUCKET/KEY or BUCKET/PREFIX/`)
  const place = { bucket, key }
  const parsed = isPrefix(place) ? parseKeyPrefix(key) : parseObjectKey(key)
  if (!parsed.ok) throw new UsageError(`${what}: the key ${parsed.error}`)
  return place
}

/** The one place where the session may upload; several need a choice. */
export function toOnlyPlace({ grants }: SessionAnswer): Place {
  const found = grants.filter(({ allow }) => allow.includes('upload'))
  const places = new Map(
    found.map(({ bucket, prefix }) => [`${bucket}/${prefix}`, { bucket, key: prefix }]),
  )
  const [only, second] = places.values()
  if (only === undefined) throw new UsageError('this token may not upload anywhere')
  if (second === undefined) return only
  throw new UsageError(`--to is needed; this token may upload to ${[...places.keys()].join(', ')}`)
}
