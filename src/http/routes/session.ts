// /v1/session: who the caller is and what he may do; and a browser's cookie session, begun and ended.
import type { SessionAnswer } from '../../contract/session.ts'
import { listGranted } from '../../core/policy/granted.ts'
import { SEAL_NONCE_BYTES } from '../../core/seal.ts'
import { toTimestamp } from '../../core/sign/requests.ts'
import {
  isCookieRequestAllowed,
  toClearedCookie,
  toSessionCookie,
} from '../../core/token/cookie.ts'
import type { Ctx } from '../env.ts'
import { invalid } from '../input.ts'
import { findSession } from '../middleware/authenticate.ts'
import { peekLimits } from '../middleware/limit.ts'
import { hasByteQuota } from '../middleware/quota.ts'
import { refuse } from '../problem.ts'

export async function readSession(c: Ctx): Promise<Response> {
  const { session, deps } = c.var
  const answer: SessionAnswer = {
    sub: session.subject,
    expiresAt: toTimestamp(Math.floor(session.expiresAtSeconds)),
    grants: listGranted(deps.config.policy, session, hasByteQuota(c)),
    limits: await peekLimits(c),
  }
  return c.json(answer)
}

/** The bearer token in, the same token as a sealed cookie out; a cookie that came along is not read. */
export async function beginSession(c: Ctx): Promise<Response> {
  const { config, random, clock } = c.var.deps
  if (config.cookie === undefined) return refuse(c, { kind: 'no_route' })
  const found = await findSession(c, undefined)
  if (!found.ok) return refuse(c, found.error)
  const { token, session } = found.value
  c.set('session', session)
  const lifeSeconds = Math.floor(session.expiresAtSeconds - clock.now() / 1000)
  // A token that lives on only by leeway is no start for a session.
  if (lifeSeconds < 1) return refuse(c, { kind: 'token', fault: { reason: 'expired' } })
  const nonce = random.bytes(SEAL_NONCE_BYTES)
  const cookie = await toSessionCookie(config.sealingKeys, config.cookie, token, lifeSeconds, nonce)
  if (cookie === null)
    return refuse(c, invalid('', 'the token is too long for a cookie: send it as bearer'))
  return c.body(null, 204, { 'Set-Cookie': cookie })
}

/** Signs out, also a session that has ended by itself; but not at the word of a foreign page. */
export function endSession(c: Ctx): Response {
  const { config } = c.var.deps
  if (config.cookie === undefined) return refuse(c, { kind: 'no_route' })
  const [site, origin] = [c.req.header('Sec-Fetch-Site'), c.req.header('Origin')]
  if (!isCookieRequestAllowed(c.req.method, site, origin, config.origins))
    return refuse(c, { kind: 'cross_site' })
  return c.body(null, 204, { 'Set-Cookie': toClearedCookie(config.cookie) })
}
