// Finds the one credential of a request and verifies it into a session: one path for tokens and cookies.
import { isCookieRequestAllowed, openSessionCookie } from '../../core/token/cookie.ts'
import { type Credential, findCredential } from '../../core/token/credential.ts'
import type { TokenFault } from '../../core/token/fault.ts'
import type { Session } from '../../core/token/session.ts'
import { verifyToken } from '../../core/token/verify.ts'
import { err, ok, type Result } from '../../core/result.ts'
import type { Ctx } from '../env.ts'
import type { Failure } from '../failure.ts'
import { mark } from '../timing.ts'

/** The token of a cookie, which must be one that the browser may send for this. */
async function openCookie(c: Ctx, sealed: string): Promise<Result<string, Failure>> {
  const { config } = c.get('deps')
  const [site, origin] = [c.req.header('Sec-Fetch-Site'), c.req.header('Origin')]
  if (!isCookieRequestAllowed(c.req.method, site, origin, config.origins))
    return err({ kind: 'cross_site' })
  const token = await openSessionCookie(config.sealingKeys, sealed)
  return token === null ? err({ kind: 'token', fault: { reason: 'cookie' } }) : ok(token)
}

function toToken(c: Ctx, credential: Credential) {
  switch (credential.kind) {
    case 'none':
      return err<Failure>({ kind: 'token', fault: null })
    case 'bearer':
      return ok(credential.token)
    case 'cookie':
      return openCookie(c, credential.sealed)
  }
}

/** A token that passes every check, and the session that it is. */
export interface Authenticated {
  readonly token: string
  readonly session: Session
}

/** Whether the token was ended before its time, or nobody can know and the issuer wants it known. */
export async function findRevocation(c: Ctx, session: Session): Promise<TokenFault | null> {
  const { config, revocations } = c.get('deps')
  const state = await revocations.judge(session)
  if (state === 'revoked') return { reason: 'revoked' }
  const mayDoubt = config.issuers.get(session.issuer)?.onRevocationError === 'allow'
  return state === 'valid' || mayDoubt ? null : { reason: 'revocation_unknown' }
}

/** The session of a request; `cookieName` is what a session cookie is called, if one counts at all. */
export async function findSession(
  c: Ctx,
  cookieName: string | undefined,
): Promise<Result<Authenticated, Failure>> {
  const { config, clock } = c.get('deps')
  const [authorization, cookies] = [c.req.header('Authorization'), c.req.header('Cookie')]
  const found = findCredential(authorization ?? null, cookies ?? null, cookieName)
  if (!found.ok)
    return err(
      found.error.kind === 'several'
        ? { kind: 'two_credentials' }
        : { kind: 'token', fault: found.error.fault },
    )
  const token = await toToken(c, found.value)
  if (!token.ok) return token
  const session = await verifyToken(token.value, config.issuers, clock.now())
  if (!session.ok) return err({ kind: 'token', fault: session.error })
  const fault = await findRevocation(c, session.value)
  return fault === null
    ? ok({ token: token.value, session: session.value })
    : err({ kind: 'token', fault })
}

/** Finds the caller's session for the steps that follow; null when there is one. */
export async function authenticate(c: Ctx): Promise<Failure | null> {
  const found = await findSession(c, c.get('deps').config.cookie)
  mark(c, 'token')
  if (!found.ok) return found.error
  c.set('session', found.value.session)
  return null
}
