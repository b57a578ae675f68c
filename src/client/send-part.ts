// Sends one part to S3: watched for stalls, compared with what S3 says that it stored.
import { toRetryAfterMs } from './error.ts'
import type { Ports, SendAnswer, SendRequest } from './ports.ts'

/** A connection on which nothing moves for so long is dead. */
const STALL_MS = 14_000

export type Outcome =
  | { readonly kind: 'stored'; readonly etag: string | null }
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number }
  /** What S3 stored is not what was sent. */
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'stopped' }

/** Base64 of an ETag that is an MD5; null of any other. */
function toMd5(etag: string | null): string | null {
  if (etag === null || !/^[0-9a-f]{32}$/.test(etag)) return null
  const codes = (etag.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))
  return btoa(String.fromCharCode(...codes))
}

/** The answer, or null when nothing moves any more. */
async function sendWatched(
  { clock, send }: Pick<Ports, 'clock' | 'send'>,
  request: SendRequest,
  bytes: Blob,
  onSent: (sent: number) => void,
  outer: AbortSignal,
): Promise<SendAnswer | null> {
  const own = new AbortController()
  const abort = (): void => own.abort()
  outer.addEventListener('abort', abort)
  const startedAt = clock.now()
  let cancel = clock.after(STALL_MS, abort)
  const move = (sent: number): void => {
    cancel()
    // Buffers on the way drain as slowly as they were filled.
    const ownMs = sent < bytes.size ? 0 : clock.now() - startedAt
    cancel = clock.after(Math.max(STALL_MS, ownMs), abort)
    onSent(sent)
  }
  try {
    return await send(request, bytes, move, own.signal)
  } catch {
    return null
  } finally {
    cancel()
    outer.removeEventListener('abort', abort)
  }
}

export async function sendPart(
  ports: Pick<Ports, 'clock' | 'send' | 'hash'>,
  request: SendRequest,
  bytes: Blob,
  /** Compare the ETag with the MD5 of the bytes. */
  isCompared: boolean,
  onSent: (sent: number) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const summed = isCompared ? ports.hash(bytes, 'md5').catch(() => null) : null
  const answer = await sendWatched(ports, request, bytes, onSent, signal)
  if (answer === null) return { kind: signal.aborted ? 'stopped' : 'silent' }
  const { status } = answer
  if (status < 200 || status > 299) {
    const retryAfterMs = toRetryAfterMs(answer.header('Retry-After'), ports.clock.now())
    return { kind: 'refused', status, retryAfterMs }
  }
  const etag = answer.header('ETag')?.replaceAll('"', '') ?? null
  const [sum, told] = [await summed, toMd5(etag)]
  if (sum !== null && told !== null && sum !== told) return { kind: 'corrupt' }
  return { kind: 'stored', etag }
}
