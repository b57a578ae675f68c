// What went wrong, for programs and for people: a stable code, the request's id, and whether a retry makes sense.
import type { ErrorCode, FieldError } from '../contract/errors.ts'
import type { Problem } from '../contract/problem.ts'

/**
 * The gateway's codes, and the client's own: `network` (out of reach), `timeout` (ten minutes without progress),
 * `storage` (S3 refuses for good), `cors` (the bucket's CORS rules, or the gateway's ORIGINS, refuse this page),
 * `unreadable` (the file changed or went away), `aborted`.
 */
export type PosternErrorCode =
  ErrorCode | 'network' | 'timeout' | 'storage' | 'cors' | 'unreadable' | 'aborted'

export class PosternError extends Error {
  declare readonly code: PosternErrorCode
  /** Of the answer; 0 where there was none. */
  declare readonly status: number
  /** Finds the request in the gateway's log. */
  declare readonly requestId: string
  /** Whether the same call can succeed later. */
  declare readonly retryable: boolean
  /** Of bad input: where. */
  declare readonly errors: readonly FieldError[]
  /** What the answer asked to wait. */
  declare readonly retryAfterMs: number

  /** The message is what the gateway says of it; of the client's own codes the code. */
  constructor(
    code: PosternErrorCode,
    status = 0,
    problem: Partial<Problem> = {},
    retryAfterMs = 0,
  ) {
    super(problem.detail ?? code)
    const { requestId, errors } = problem
    const retryable = status
      ? isPassing(status) && code !== 'misconfigured'
      : code === 'network' || code === 'timeout'
    Object.assign(this, {
      name: 'PosternError',
      code,
      status,
      requestId: requestId ?? '',
      retryable,
      errors: errors ?? [],
      retryAfterMs,
    })
  }
}

/** Answers that a later try may not get: overload, failures that are not the caller's (RFC 9110 §15.6). */
export function isPassing(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501)
}

/** Milliseconds of a Retry-After (RFC 9110 §10.2.3), in seconds or as a date. */
export function toRetryAfterMs(value: string | null, now: number): number {
  const seconds = Number(value)
  return Math.max(0, (seconds >= 0 ? seconds * 1000 : Date.parse(value ?? '') - now) || 0)
}

/** A refusal of the gateway. */
export function toError(problem: Partial<Problem>, status = 500, retryAfterMs = 0): PosternError {
  return new PosternError(problem.code ?? 'internal', status, problem, retryAfterMs)
}

/** Whatever was thrown: what is not ours is a bug, or the caller's. */
export function toKnown(thrown: unknown): PosternError {
  return thrown instanceof PosternError ? thrown : new PosternError('internal')
}
