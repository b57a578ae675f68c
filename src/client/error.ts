// What went wrong, for programs and for people: a stable code, the request's id, and whether a retry makes sense.
import type { ErrorCode, FieldError } from '../contract/errors.ts'
import type { Problem } from '../contract/problem.ts'

/**
 * The gateway's codes, and the client's own: `network` (out of reach), `timeout` (ten minutes without progress),
 * `storage` (S3 refuses for good), `cors` (the bucket's CORS rules refuse this page), `unreadable` (the file changed
 * or went away), `aborted`.
 */
export type PosternErrorCode =
  ErrorCode | 'network' | 'timeout' | 'storage' | 'cors' | 'unreadable' | 'aborted'

export class PosternError extends Error {
  override readonly name = 'PosternError'
  readonly code: PosternErrorCode
  /** Of the answer; 0 where there was none. */
  readonly status: number
  /** Finds the request in the gateway's log. */
  readonly requestId: string
  /** Whether the same call can succeed later. */
  readonly retryable: boolean
  /** Of bad input: where. */
  readonly errors: readonly FieldError[]
  /** What the answer asked to wait. */
  readonly retryAfterMs: number

  constructor(
    code: PosternErrorCode,
    message: string,
    status = 0,
    { requestId = '', errors = [] }: Partial<Problem> = {},
    retryAfterMs = 0,
  ) {
    super(message)
    this.code = code
    this.status = status
    this.requestId = requestId
    this.errors = errors
    this.retryAfterMs = retryAfterMs
    this.retryable = isPassing(status)
      ? code !== 'misconfigured'
      : code === 'network' || code === 'timeout'
  }
}

/** Answers that a later try may not get: overload, failures that are not the caller's (RFC 9110 §15.6). */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501)
}

/** Milliseconds of a Retry-After (RFC 9110 §10.2.3), in seconds or as a date. */
export function toRetryAfterMs(value: string | null, now: number): number {
  if (value === null) return 0
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return ms > 0 ? ms : 0
}

/** A refusal of the gateway: the detail, and which member of the request it is about. */
export function toError(status: number, problem: Partial<Problem>, retryAfterMs = 0): PosternError {
  const faults = (problem.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`.trim())
  const detail = problem.detail ?? `The gateway answered ${status}.`
  const text = faults.length > 0 ? `${detail} (${faults.join('; ')})` : detail
  return new PosternError(problem.code ?? 'internal', text, status, problem, retryAfterMs)
}
