// Sends one part to S3, watched for stalls, and decides by how that ended: it is stored, rests and goes again, or ends its upload.
import type { UploadPart, UploadState } from '../contract/upload.ts'
import { BLIND_TRIES } from './control.ts'
import { isPassing, PosternError, toKnown, toRetryAfterMs } from './error.ts'
import type { Tools } from './open.ts'
import type { Ports, SendAnswer } from './ports.ts'
import type { Opened } from './task.ts'

/** A connection on which nothing moves for so long is dead. */
const STALL_MS = 14_000
/** A refusal for good, unless it was chance. */
const MAX_REFUSALS = 8

/** Whether an ETag is not that of bytes with this MD5, as far as both can tell. */
function isOther(md5: string | null | undefined, etag = ''): boolean {
  const pairs = /^[\da-f]{32}$/.test(etag) && etag.match(/../g)
  if (!md5 || !pairs) return false
  return md5 !== btoa(String.fromCharCode(...pairs.map((pair) => parseInt(pair, 16))))
}

const toMd5 = async ({ signs, sumOf }: Opened, partNumber: number) =>
  signs ? undefined : sumOf(partNumber)

/** The answer, or nothing when there is none or nothing moves any more. */
async function send(
  { clock, send: transport }: Ports,
  part: UploadPart,
  bytes: Blob,
  onSent: (sent: number) => void,
  flight: AbortSignal,
): Promise<SendAnswer | null> {
  const stalled = new AbortController()
  const startedAt = clock.now()
  const watch = (ms: number): (() => void) => clock.after(ms, () => stalled.abort())
  let unwatch = watch(STALL_MS)
  const move = (sent: number): void => {
    unwatch()
    // Buffers on the way drain as slowly as they were filled.
    const filledMs = sent < bytes.size ? 0 : clock.now() - startedAt
    unwatch = watch(Math.max(STALL_MS, filledMs))
    onSent(sent)
  }
  const signal = AbortSignal.any([flight, stalled.signal])
  const answer = await transport(part, bytes, move, signal).catch(() => null)
  unwatch()
  return answer
}

type OnStored = (opened: Opened, partNumber: number, etag?: string) => void

export function createDelivery(tools: Tools, onStored: OnStored) {
  const { api, clock, pump, fail, trip } = tools
  /** Origins of S3 that have answered this page. */
  const answered = new Set<string>()

  /** The part's ETag if S3 holds it, although its answer was lost. */
  async function findStored(opened: Opened, partNumber: number): Promise<string | undefined> {
    const { record, task } = opened
    if (!opened.isSent(partNumber) || !opened.canList) return undefined
    try {
      const path = `/v1/uploads/${record.id}`
      const { parts } = await api.call<UploadState>('GET', path, { signal: task.signal })
      const found = parts.find((part) => part.partNumber === partNumber)
      if (found?.size !== opened.slice(partNumber).size) return undefined
      return isOther(await toMd5(opened, partNumber), found.etag) ? undefined : found.etag
    } catch (error) {
      // Asked once: at worst it is sent again.
      if (toKnown(error).status === 501) opened.canList = false
      return undefined
    }
  }

  /** Rejects with what ends the upload. */
  return async function deliver(opened: Opened, part: UploadPart): Promise<void> {
    const { task } = opened
    const { partNumber, url } = part
    const { origin } = new URL(url)
    const bytes = opened.slice(partNumber)
    const patience = task.patienceOf(partNumber)
    const startedAt = clock.now()
    const flight = task.flight()

    /** Puts the part back after a while. */
    function rest(askedMs = 0): void {
      clock.after(patience.fail(clock.now() - startedAt, askedMs), async () => {
        if (flight.aborted) return
        const etag = await findStored(opened, partNumber)
        if (flight.aborted) return
        if (etag === undefined) opened.drop(partNumber)
        else onStored(opened, partNumber, etag)
        pump()
      })
    }

    const summed = toMd5(opened, partNumber)
    const onSent = (sent: number): void => task.move(partNumber, sent)
    const answer = await send(tools, part, bytes, onSent, flight)
    const md5 = await summed
    if (flight.aborted) return
    const tries = patience.count()
    if (!answer) {
      const isReadable = await bytes
        .slice(0, 1)
        .arrayBuffer()
        .catch(() => null)
      if (!isReadable) throw new PosternError('unreadable')
      if (!answered.has(origin) && tries >= BLIND_TRIES) throw new PosternError('cors')
      rest()
      return void trip(origin).catch((error: unknown) => fail(task, error))
    }
    answered.add(origin)
    const { status, header } = answer
    const etag = header('ETag')?.replaceAll('"', '')
    // The object of a PUT exists (412): ours, whose answer was lost, or another's. The gateway can tell.
    if (status === 412) return onStored(opened, partNumber)
    if (status < 300) {
      if (!isOther(md5, etag)) return onStored(opened, partNumber, etag)
      // What S3 stored is not what was sent.
      opened.move(partNumber, 0)
      if (tries >= MAX_REFUSALS) throw new PosternError('checksum_mismatch')
    } else if (!isPassing(status)) {
      opened.forgetUrl(partNumber)
      if (status === 404 || tries >= MAX_REFUSALS) throw new PosternError('storage', status)
      if (status === 403 && !tries) {
        // Most likely the URL has died: a fresh one goes at once.
        patience.fail()
        return opened.drop(partNumber)
      }
    }
    rest(toRetryAfterMs(header('Retry-After'), clock.now()))
  }
}
