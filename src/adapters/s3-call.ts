// One call to S3: a pre-signed request within the deadlines of the call and of the request, no retries, no redirects; a failure is a StoreFault, never a throw.
import type { OwnPermit, Permit } from '../core/policy/decide.ts'
import { err, ok, type Result } from '../core/result.ts'
import { presign, type UnsignedRequest } from '../core/sign/presign.ts'
import type { SigningKeys } from '../core/sign/scope.ts'
import type { Clock, StoreFault } from '../ports.ts'
import { parseAnswer, toErrorCode } from './s3-xml.ts'

const TIMEOUT_MS = 10_000
/** All calls of one request together; it begins anew once S3 has answered a completion or copy, which take their time. */
const REQUEST_MS = 30_000
/** Life of a URL that only the gateway itself uses. */
const OWN_URL_SECONDS = 60

export interface StoreRequest {
  readonly method: UnsignedRequest['method']
  readonly query?: ReadonlyMap<string, string>
  readonly headers?: ReadonlyMap<string, string>
  readonly body?: string
  readonly timeoutMs?: number
  /** For bytes instead of text: so many at most, one character for each. */
  readonly firstBytes?: number
}

/** An answer read to its end, so that no connection stays open. */
export interface StoreAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export type StoreCall = (
  permit: OwnPermit,
  request: StoreRequest,
) => Promise<Result<StoreAnswer, StoreFault>>

const NONE: ReadonlyMap<string, string> = new Map()

/** A server may ignore Range and send all of a large object: the rest is not waited for. */
async function readFirst(body: ReadableStream<Uint8Array> | null, bytes: number): Promise<string> {
  let text = ''
  if (body === null) return text
  for await (const chunk of body) {
    text += String.fromCharCode(...chunk.subarray(0, bytes - text.length))
    if (text.length >= bytes) break
  }
  return text
}

export function createStoreCall(clock: Clock, signingKeys: SigningKeys): StoreCall {
  /** Until when, by the session, which each request has of its own; what has none is housekeeping. */
  const untilMs = new WeakMap<object, number>()

  return async function callStore(permit, request) {
    const { method, query = NONE, headers = NONE, body, timeoutMs } = request
    const { session = {} } = permit as Partial<Permit>
    const until = untilMs.get(session) ?? clock.now() + REQUEST_MS
    untilMs.set(session, until)
    const credentials = await permit.bucket.credentials.get()
    if (!credentials.ok) return credentials
    const leftMs = timeoutMs ?? Math.min(TIMEOUT_MS, until - clock.now())
    if (leftMs <= 0) return err({ reason: 'timeout' })
    const unsigned = { method, query, headers, nowMs: clock.now() }
    const url = await presign(
      permit,
      credentials.value,
      { ...unsigned, expiresInSeconds: OWN_URL_SECONDS },
      signingKeys,
    )
    try {
      const answer = await fetch(url, {
        method,
        redirect: 'manual',
        // A compressed answer would report another length.
        headers: [...headers, ['accept-encoding', 'identity']],
        signal: AbortSignal.timeout(leftMs),
        ...(body !== undefined && { body }),
      })
      const { firstBytes } = request
      const text =
        firstBytes === undefined ? await answer.text() : await readFirst(answer.body, firstBytes)
      if (timeoutMs !== undefined) untilMs.delete(session)
      return ok({ status: answer.status, headers: answer.headers, text })
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === 'TimeoutError'
      return err({ reason: isTimeout ? 'timeout' : 'unreachable' })
    }
  }
}

/** S3's error code, of a refusal or of the `Error` that may stand in a 200 (CompleteMultipartUpload). */
export function codeOf({ text }: StoreAnswer): string | undefined {
  return text === '' ? undefined : toErrorCode(parseAnswer(text))
}

/**
 * Whether S3 has removed something: it says so with 204 and no words (DeleteObject, AbortMultipartUpload). What brings
 * a page of its own along, or an `Error`, is not S3 saying so.
 */
export function isRemoval({ status, text }: StoreAnswer): boolean {
  return status < 300 && text === ''
}

export function toFault(answer: StoreAnswer): StoreFault {
  const code = codeOf(answer)
  return {
    reason: 'status',
    status: answer.status,
    // S3's own words, but only if they look like a code.
    ...(code !== undefined && /^\w{1,64}$/.test(code) && { code }),
  }
}
