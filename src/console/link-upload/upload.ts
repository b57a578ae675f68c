// One upload from file to verified object: opens it, sends its parts a few at a time, completes or aborts it.
import type {
  CompleteAnswer,
  PartsAnswer,
  UploadAnswer,
  UploadPart,
} from '../../contract/upload.ts'
import type { Api } from './api.ts'
import { sendPart } from './send.ts'

/** Attempts at one part, each with a fresh signature. */
const ATTEMPTS = 3
const WINDOW = 100

export interface UploadTarget {
  readonly bucket: string
  readonly prefix: string
}

interface Run {
  readonly api: Api
  readonly file: File
  readonly upload: UploadAnswer
  readonly signal: AbortSignal
  readonly onSent: (partNumber: number, bytes: number) => void
}

/** Sends one part; after a failure asks for a fresh URL, since the old one may have died. */
async function sendWithRetry(run: Run, first: UploadPart): Promise<string | null> {
  const { api, file, upload, signal, onSent } = run
  let part = first
  for (let attempt = 1; ; attempt += 1) {
    const start = (part.partNumber - 1) * upload.partSize
    try {
      const bytes = file.slice(start, start + part.size)
      return await sendPart(part, bytes, (sent) => onSent(part.partNumber, sent), signal)
    } catch (error) {
      if (signal.aborted || attempt === ATTEMPTS) throw error
      const parts = [{ partNumber: part.partNumber }]
      const again = await api.call<PartsAnswer>('POST', `${api.uploads}/${upload.id}/parts`, {
        parts,
      })
      part = again.parts[0] ?? part
    }
  }
}

/** All parts in windows of 100; the ETags that S3 told, by part. */
async function sendAll(run: Run): Promise<Map<number, string>> {
  const { api, upload, signal } = run
  const etags = new Map<number, string>()
  let parts: readonly UploadPart[] = upload.parts
  for (let first = 1; first <= upload.partCount; first += WINDOW) {
    if (first > 1) {
      const count = Math.min(WINDOW, upload.partCount - first + 1)
      const wanted = Array.from({ length: count }, (_, at) => ({ partNumber: first + at }))
      const path = `${api.uploads}/${upload.id}/parts`
      parts = (await api.call<PartsAnswer>('POST', path, { parts: wanted })).parts
    }
    const queue = [...parts]
    const work = async (): Promise<void> => {
      for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
        signal.throwIfAborted()
        const etag = await sendWithRetry(run, part)
        if (etag !== null) etags.set(part.partNumber, etag)
      }
    }
    await Promise.all(Array.from({ length: upload.concurrency }, work))
  }
  return etags
}

/** Uploads the file below the prefix; `onProgress` gets the share that has been sent, 0 to 1. */
export async function uploadFile(
  api: Api,
  file: File,
  target: UploadTarget | Record<never, never>,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<CompleteAnswer> {
  const upload = await api.call<UploadAnswer>('POST', api.uploads, {
    ...target,
    filename: file.name,
    size: file.size,
    type: file.type === '' ? 'application/octet-stream' : file.type,
  })
  // A failing part ends the others too.
  const ours = new AbortController()
  const sent = new Map<number, number>()
  try {
    const etags = await sendAll({
      api,
      file,
      upload,
      signal: AbortSignal.any([signal, ours.signal]),
      onSent(partNumber, bytes) {
        sent.set(partNumber, bytes)
        const total = [...sent.values()].reduce((sum, part) => sum + part, 0)
        onProgress(file.size === 0 ? 1 : total / file.size)
      },
    })
    const parts = [...etags].map(([partNumber, etag]) => ({ partNumber, etag }))
    const body = parts.length === upload.partCount ? { parts } : {}
    return await api.call('POST', `${api.uploads}/${upload.id}/complete`, body)
  } catch (error) {
    ours.abort()
    // Leaves no parts behind; that it fails as well changes nothing for the user.
    await api.call('DELETE', `${api.uploads}/${upload.id}`).catch(() => null)
    throw error
  }
}
