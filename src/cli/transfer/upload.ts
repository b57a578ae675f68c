// Sends files through a gateway by the engine of `postern/client`, and says what became of each.
import mime from 'mime'
import { PosternError } from '../../client/error.ts'
import { createPosternOn, type Postern } from '../../client/postern.ts'
import type { CompletedUpload } from '../../client/types.ts'
import type { Shell } from '../frame/shell.ts'
import { Failure } from '../frame/usage.ts'
import { createDisplay, type Display, toShown } from './display.ts'
import { toFileBlob } from './file-blob.ts'
import { onInterrupt } from './interrupt.ts'
import { runAll } from './pool.ts'
import { createNodePorts } from './ports.ts'
import type { Source } from './sources.ts'
import { toSizeText } from './units.ts'

/** Files that are open at a time: enough that small ones fill the calls that take many. */
const MAX_OPEN = 200

export interface UploadJob {
  readonly gateway: string
  readonly token: () => Promise<string>
  readonly bucket: string
  readonly sources: readonly Source[]
  readonly type: string | undefined
  readonly isOverwriting: boolean
  readonly connections: number
  readonly isQuiet: boolean
  /** One line of JSON a file. */
  readonly isJson: boolean
}

export interface Tally {
  files: number
  bytes: number
  failed: number
  /** Bytes that an earlier run had stored. */
  resumedBytes: number
}

/** Other words where the engine speaks of pages, or a caller can do something. */
export function toReason({ code, message }: PosternError): string {
  if (code === 'cors') return 'there is no answer from the gateway or the storage'
  if (code === 'unreadable') return 'it changed or went away while it was sent'
  if (code === 'conflict') return `${message} (--overwrite replaces, where the grant allows it)`
  return message
}

/** What ends the whole run, in the gateway's words. */
function toFailure(error: unknown): unknown {
  if (!(error instanceof PosternError)) return error
  const { status, code, requestId } = error
  return new Failure(`${status > 0 ? `${status} ` : ''}${code}; ${toReason(error)}`, {
    status,
    code,
    ...(requestId && { requestId }),
  })
}

/** A file that has changed since: its old upload can't go on, and is dropped. */
async function dropChanged(postern: Postern, { bucket, sources }: UploadJob, display: Display) {
  const byKey = new Map(sources.map((source) => [source.key, source]))
  for (const pending of await postern.pending()) {
    const source = pending.bucket === bucket ? byKey.get(pending.key) : undefined
    if (source === undefined) continue
    const isSame =
      pending.size === source.size && pending.lastModified === Math.floor(source.mtimeMs)
    if (isSame) continue
    display.line(`${source.name} has changed since its upload began: it is sent anew`)
    await pending.discard()
  }
}

export async function uploadAll(shell: Shell, job: UploadJob): Promise<Tally> {
  const { sources, bucket, gateway, token, connections } = job
  const totalBytes = sources.reduce((sum, { size }) => sum + size, 0)
  const isQuiet = job.isQuiet || job.isJson
  const display = createDisplay(shell, { isQuiet, totalBytes, totalFiles: sources.length })
  const tally: Tally = { files: 0, bytes: 0, failed: 0, resumedBytes: 0 }
  const storedNow = new Map<string, number>()
  const sentOf = new Map<string, number>()
  let sentBytes = 0
  const ports = createNodePorts(shell, {
    gateway,
    connections,
    onStored: ({ path, start, end }) =>
      storedNow.set(path, (storedNow.get(path) ?? 0) + end - start),
  })
  const postern = createPosternOn(ports, { baseUrl: gateway, token, connections })
  const unwatch = onInterrupt(
    shell,
    () => {
      display.end()
      void ports.close()
    },
    'what is stored stays: the same command goes on where it was',
  )

  function move(path: string, bytes: number): void {
    sentBytes += bytes - (sentOf.get(path) ?? 0)
    sentOf.set(path, bytes)
    display.move(sentBytes, tally.files)
  }

  function tell({ name, path, key, size }: Source, answer: CompletedUpload): void {
    const resumed = Math.max(0, size - (storedNow.get(path) ?? 0))
    tally.files += 1
    tally.bytes += size
    tally.resumedBytes += resumed
    if (job.isJson)
      shell.print(JSON.stringify({ ok: true, file: name, ...answer, resumedBytes: resumed }))
    const before = resumed > 0 ? `, ${toSizeText(resumed)} of it before` : ''
    display.line(`${name} → ${bucket}/${key} (${toSizeText(size)}${before})`)
    display.move(sentBytes, tally.files)
  }

  async function sendOne(source: Source): Promise<void> {
    const { name, path, key, size, mtimeMs } = source
    try {
      const upload = postern.upload(toFileBlob({ path, start: 0, end: size, size, mtimeMs }), {
        bucket,
        key,
        type: job.type ?? mime.getType(path) ?? 'application/octet-stream',
        ...(job.isOverwriting && { overwrite: true }),
        lastModified: Math.floor(mtimeMs),
        onProgress: ({ sentBytes: bytes }) => move(path, bytes),
      })
      tell(source, await upload.done)
    } catch (error) {
      if (!(error instanceof PosternError)) throw error
      tally.failed += 1
      const reason = toReason(error)
      const { code, status, requestId } = error
      if (job.isJson)
        shell.print(
          JSON.stringify({
            ok: false,
            file: name,
            bucket,
            key,
            code,
            status,
            requestId,
            error: reason,
          }),
        )
      else if (isQuiet) shell.note(`${toShown(name)}: ${reason}`)
      else display.line(`${name}: ${reason}`)
    }
  }

  try {
    await ports.store.prune(shell.now())
    await dropChanged(postern, job, display)
    await runAll(sources, MAX_OPEN, sendOne)
  } catch (error) {
    throw toFailure(error)
  } finally {
    unwatch()
    display.end()
    await ports.close()
  }
  return tally
}
