// How long a signed URL may live: the least of what was asked, the grant, the token and seven days.
import { err, ok, type Result } from '../result.ts'
import type { Grant } from '../policy/grant.ts'
import type { Session } from '../token/session.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (X-Amz-Expires) */
export const MAX_EXPIRES_SECONDS = 604_800
export const DEFAULT_EXPIRES_SECONDS = 900

export interface Lifetime {
  /** The signing time is its whole second; `expiresAtSeconds` counts from there. */
  readonly expiresInSeconds: number
  readonly expiresAtSeconds: number
}

/** Bounds a life; `session_over` when the token lives on only by leeway, so that no URL can outlive it. */
export function toLifetime(
  grant: Pick<Grant, 'maxExpiresSeconds'>,
  session: Pick<Session, 'expiresAtSeconds'>,
  askedSeconds: number | undefined,
  nowMs: number,
): Result<Lifetime, 'session_over'> {
  const nowSeconds = Math.floor(nowMs / 1000)
  const expiresInSeconds = Math.min(
    askedSeconds ?? DEFAULT_EXPIRES_SECONDS,
    grant.maxExpiresSeconds,
    Math.floor(session.expiresAtSeconds) - nowSeconds,
    MAX_EXPIRES_SECONDS,
  )
  if (expiresInSeconds < 1) return err('session_over')
  return ok({ expiresInSeconds, expiresAtSeconds: nowSeconds + expiresInSeconds })
}
