// Checks the claims of a token whose signature is verified, and makes the session of them.
import { parseNarrowing } from '../policy/narrow.ts'
import { err, ok, type Result } from '../result.ts'
import type { TokenFault } from './fault.ts'
import type { Issuer } from './issuer.ts'
import type { Json, Session } from './session.ts'

type Claims = { readonly [name: string]: Json }

/** The last second that RFC 3339 can write. */
const MAX_SECONDS = 253_402_300_799

/** A NumericDate (RFC 7519 §2): undefined when absent, null when it is none. */
function toNumericDate(value: Json | undefined): number | null | undefined {
  if (value === undefined) return undefined
  return typeof value === 'number' && value >= 0 && value <= MAX_SECONDS ? value : null
}

function isAudienceOurs(aud: Json | undefined, issuer: Issuer): boolean {
  const values = typeof aud === 'string' ? [aud] : aud
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) return false
  return values.some((value) => issuer.audiences.includes(value))
}

/** RFC 9068 §2.2: what an access token must carry beside what every token must; each is text, but for the time. */
function findMissing(claims: Claims, issuer: Issuer): string | undefined {
  if (issuer.typ?.toLowerCase().replace(/^application\//, '') !== 'at+jwt') return undefined
  if (claims['iat'] === undefined) return 'iat'
  return ['client_id', 'jti', 'sub'].find((claim) => typeof claims[claim] !== 'string')
}

function judgeTimes(claims: Claims, issuer: Issuer, nowSeconds: number): TokenFault | null {
  const [exp, nbf, iat] = [
    toNumericDate(claims['exp']),
    toNumericDate(claims['nbf']),
    toNumericDate(claims['iat']),
  ]
  if (typeof exp !== 'number') return { reason: 'claim', claim: 'exp' }
  if (nbf === null) return { reason: 'claim', claim: 'nbf' }
  if (iat === null) return { reason: 'claim', claim: 'iat' }
  if (nowSeconds >= exp + issuer.leewaySeconds) return { reason: 'expired' }
  const latest = nowSeconds + issuer.leewaySeconds
  if ((nbf ?? 0) > latest || (iat ?? 0) > latest) return { reason: 'not_yet_valid' }
  if (issuer.maxAgeSeconds === undefined) return null
  if (iat === undefined) return { reason: 'claim', claim: 'iat' }
  return nowSeconds - iat > issuer.maxAgeSeconds + issuer.leewaySeconds
    ? { reason: 'too_old' }
    : null
}

/** A subject of 1 to 255 characters without control characters: it becomes a key segment and a hash. */
function toSubject(value: Json | undefined): string | null {
  if (typeof value !== 'string' || value === '' || value.length > 255) return null
  return value.isWellFormed() && !/\p{Cc}/u.test(value) ? value : null
}

export function toSession(
  claims: Claims,
  issuer: Issuer,
  nowSeconds: number,
): Result<Session, TokenFault> {
  if (!isAudienceOurs(claims['aud'], issuer)) return err({ reason: 'audience' })
  const timeFault = judgeTimes(claims, issuer, nowSeconds)
  if (timeFault !== null) return err(timeFault)
  const missing = findMissing(claims, issuer)
  if (missing !== undefined) return err({ reason: 'claim', claim: missing })
  const subject = toSubject(
    Object.hasOwn(claims, issuer.subjectClaim) ? claims[issuer.subjectClaim] : undefined,
  )
  if (subject === null) return err({ reason: 'claim', claim: issuer.subjectClaim })
  const { jti, iat, exp } = claims
  if (jti !== undefined && typeof jti !== 'string') return err({ reason: 'claim', claim: 'jti' })
  // A claim that is there but malformed must not mean that nothing is narrowed.
  const narrowing = Object.hasOwn(claims, 'postern')
    ? parseNarrowing(claims['postern'] ?? null)
    : null
  if (narrowing?.ok === false) return err({ reason: 'claim', claim: 'postern' })
  return ok({
    issuer: issuer.issuer,
    subject,
    expiresAtSeconds: Number(exp),
    ...(typeof iat === 'number' && { issuedAtSeconds: iat }),
    ...(jti !== undefined && { tokenId: jti }),
    ...(narrowing !== null && { narrowing: narrowing.value }),
    claims,
  })
}
