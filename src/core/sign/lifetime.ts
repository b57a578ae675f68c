// How long a signed URL may live: the least of what was asked, grant, token, credentials and seven days.
import { err, ok, type Result } from '../result.ts'
import type { Grant } from '../policy/grant.ts'
import type { Session } from '../token/session.ts'
import type { Credentials } from './bucket.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (X-Amz-Expires) */
export const MAX_EXPIRES_SECONDS = 604_800
export const DEFAULT_EXPIRES_SECONDS = 900

/** A URL that is stable for a window must live for this many windows, or it could be handed out nearly dead. */
export const STABLE_SHARE = 1.5

export interface Lifetime {
  /** The signing time is its whole second; `expiresAtSeconds` counts from there. */
  readonly expiresInSeconds: number
  readonly expiresAtSeconds: number
}

/**
 * The second at which a URL is signed: now, or where the grant wants stable URLs the start of the current window, so that
 * the same object has the same URL in it and browsers can cache it. At least a third of the life asked for is left.
 */
export function toSigningTime(
  { stableUrlSeconds, maxExpiresSeconds }: Pick<Grant, 'stableUrlSeconds' | 'maxExpiresSeconds'>,
  askedSeconds: number | undefined,
  nowMs: number,
): number {
  const nowSeconds = Math.floor(nowMs / 1000)
  const life = Math.min(askedSeconds ?? DEFAULT_EXPIRES_SECONDS, maxExpiresSeconds)
  if (stableUrlSeconds === undefined || life < stableUrlSeconds * STABLE_SHARE) return nowSeconds
  return nowSeconds - (nowSeconds % stableUrlSeconds)
}

/**
 * Bounds a life; `session_over` when the token lives on only by leeway, so that no URL can outlive it. A URL dies
 * with the temporary credentials that signed it, whatever its X-Amz-Expires says: so it never says more.
 */
export function toLifetime(
  grant: Pick<Grant, 'maxExpiresSeconds'>,
  session: Pick<Session, 'expiresAtSeconds'>,
  credentials: Pick<Credentials, 'expiresAtSeconds'>,
  askedSeconds: number | undefined,
  nowMs: number,
  signedAtSeconds = Math.floor(nowMs / 1000),
): Result<Lifetime, 'session_over'> {
  const expiresInSeconds = Math.min(
    askedSeconds ?? DEFAULT_EXPIRES_SECONDS,
    grant.maxExpiresSeconds,
    Math.floor(session.expiresAtSeconds) - signedAtSeconds,
    (credentials.expiresAtSeconds ?? Number.POSITIVE_INFINITY) - signedAtSeconds,
    MAX_EXPIRES_SECONDS,
  )
  const expiresAtSeconds = signedAtSeconds + expiresInSeconds
  if (expiresAtSeconds <= Math.floor(nowMs / 1000)) return err('session_over')
  return ok({ expiresInSeconds, expiresAtSeconds })
}
