// Sends one part to S3, watched for stalls, and decides by how that ended: it is stored, rests and goes again, or ends its upload.
import type { UploadPart, UploadState } from '../contract/upload.ts'
import type { Breaker } from './breaker.ts'
import { BLIND_TRIES } from './control.ts'
import { isPassing, PosternError, type PosternErrorCode, toRetryAfterMs } from './error.ts'
import type { Tools } from './open.ts'
import type { Ports, SendAnswer } from './ports.ts'
import type { Opened, Task } from './task.ts'

/** A connection on which nothing moves for so long is dead. */
const STALL_MS = 14_000
/** A refusal for good, unless it was chance. */
const MAX_REFUSALS = 8

export interface Steps {
  readonly pump: () => void
  /** Ends the upload, or begins it anew where what was begun is gone. */
  readonly drop: (task: Task, error: unknown, isGone?: boolean) => void
  readonly onStored: (task: Task, opened: Opened, partNumber: number, etag?: string) => void
}

/** Base64 of an ETag that is an MD5. */
function toMd5(etag = ''): string | undefined {
  const pairs = /^[\da-f]{32}$/.test(etag) ? etag.match(/../g) : null
  return pairs ? btoa(String.fromCharCode(...pairs.map((pair) => parseInt(pair, 16)))) : undefined
}

/** The answer, or null when there is none or nothing moves any more. */
async function send(
  { clock, send: transport }: Ports,
  part: UploadPart,
  bytes: Blob,
  onSent: (sent: number) => void,
  flight: AbortSignal,
): Promise<SendAnswer | null> {
  const stalled = new AbortController()
  const abort = (): void => stalled.abort()
  const startedAt = clock.now()
  let cancel = clock.after(STALL_MS, abort)
  const move = (sent: number): void => {
    cancel()
    // Buffers on the way drain as slowly as they were filled.
    const filledMs = sent < bytes.size ? 0 : clock.now() - startedAt
    cancel = clock.after(Math.max(STALL_MS, filledMs), abort)
    onSent(sent)
  }
  try {
    return await transport(part, bytes, move, AbortSignal.any([flight, stalled.signal]))
  } catch {
    return null
  } finally {
    cancel()
  }
}

export function createDelivery({ api, ports }: Tools, breaker: Breaker, steps: Steps) {
  const { clock, hash } = ports
  const { pump, drop, onStored } = steps
  /** Origins of S3 that have answered this page. */
  const answered = new Set<string>()

  /** Whether S3 holds this part, although its answer was lost; then its ETag. */
  async function findStored(
    { file, signal }: Task,
    opened: Opened,
    partNumber: number,
  ): Promise<string | undefined> {
    const { parts, record } = opened
    if (!parts.isSent(partNumber) || !opened.canList) return undefined
    try {
      const path = `/v1/uploads/${record.id}`
      const state = await api.call<UploadState>('GET', path, { signal })
      const found = state.parts.find((part) => part.partNumber === partNumber)
      const bytes = file.slice(...parts.range(partNumber))
      const isWhole =
        found?.size === bytes.size &&
        (record.verify !== 'etag' || (await hash(bytes, 'md5')) === toMd5(found.etag))
      return isWhole ? found.etag : undefined
    } catch (error) {
      // Asked once: at worst it is sent again.
      if (error instanceof PosternError && error.status === 501) opened.canList = false
      return undefined
    }
  }

  return async function deliver(task: Task, opened: Opened, part: UploadPart): Promise<void> {
    const { partNumber, url } = part
    const { record, parts, urls } = opened
    const { origin } = new URL(url)
    const bytes = task.file.slice(...parts.range(partNumber))
    const patience = task.patienceOf(partNumber)
    const startedAt = clock.now()
    const flight = task.flight()

    /** Puts the part back after a while; patience that has ended ends the upload. */
    function rest(askedMs = 0): void {
      const waitMs = patience.fail(clock.now() - startedAt, askedMs)
      if (waitMs === null) return drop(task, new PosternError('timeout'))
      clock.after(waitMs, async () => {
        const etag = await findStored(task, opened, partNumber)
        if (etag !== undefined) onStored(task, opened, partNumber, etag)
        else parts.drop(partNumber)
        pump()
      })
    }
    const fail = (code: PosternErrorCode, status?: number): void =>
      drop(task, new PosternError(code, status), status === 404)

    const summed = record.verify === 'etag' ? hash(bytes, 'md5') : undefined
    let before = 0
    const onSent = (sent: number): void => {
      task.moved(partNumber, sent, before)
      before = sent
    }
    const answer = await send(ports, part, bytes, onSent, flight)
    const sum = await summed
    if (task.opened !== opened || task.signal.aborted) return
    const tries = patience.count()
    if (answer === null) {
      if (flight.aborted) return parts.drop(partNumber)
      try {
        await bytes.slice(0, 1).arrayBuffer()
      } catch {
        return fail('unreadable')
      }
      if (!answered.has(origin) && tries >= BLIND_TRIES) return fail('cors')
      rest()
      void breaker.trip(origin).catch((error: unknown) => drop(task, error))
      return
    }
    answered.add(origin)
    const { status, header } = answer
    if (status < 300) {
      const etag = header('ETag')?.replaceAll('"', '')
      const told = toMd5(etag)
      if (!sum || !told || sum === told) return onStored(task, opened, partNumber, etag)
      // What S3 stored is not what was sent.
      parts.move(partNumber, 0)
      return tries < MAX_REFUSALS ? rest() : fail('checksum_mismatch')
    }
    // The object of a PUT exists: ours, whose answer was lost, or another's. The gateway can tell.
    if (status === 412) return onStored(task, opened, partNumber)
    if (isPassing(status)) return rest(toRetryAfterMs(header('Retry-After'), clock.now()))
    urls.forget(partNumber)
    if (status === 404 || tries >= MAX_REFUSALS) return fail('storage', status)
    // Most likely the URL has died: a fresh one goes at once.
    if (status !== 403 || tries > 0) return rest()
    patience.fail(0, 0)
    parts.drop(partNumber)
  }
}
