// Checks a token's JOSE header against its issuer before any key is touched.
import type { TokenFault } from './fault.ts'
import type { Issuer } from './issuer.ts'
import type { Json } from './session.ts'

/**
 * Members that bring keys, critical extensions or other encodings along: an attacker's key in `jwk`, `jku`
 * or `x5c`, an unencoded payload by `b64`, a nested or compressed token (RFC 8725 §2.5, §3.1, §3.10).
 */
const REFUSED = ['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'enc']

/** RFC 7515 §4.1.9: `application/` may be left out, and media types know no case. */
function toTyp(value: string): string {
  return value.toLowerCase().replace(/^application\//, '')
}

/** What is wrong with the header, or null. */
export function judgeHeader(
  header: { readonly [name: string]: Json },
  issuer: Issuer,
): TokenFault | null {
  const refused = REFUSED.find((member) => Object.hasOwn(header, member))
  if (refused !== undefined) return { reason: 'header', member: refused }
  const { alg, kid, typ } = header
  // Exact allow-list: `none`, `NONE` and HS256 under a public key are all simply not in it (RFC 8725 §3.1).
  if (!issuer.algorithms.some((allowed) => allowed === alg)) return { reason: 'algorithm' }
  if (kid !== undefined && typeof kid !== 'string') return { reason: 'header', member: 'kid' }
  if (typ !== undefined && typeof typ !== 'string') return { reason: 'header', member: 'typ' }
  // Explicit typing keeps link tokens, receipts and id tokens out of sessions (RFC 8725 §3.11).
  const expected = issuer.typ === undefined ? [undefined, 'jwt'] : [toTyp(issuer.typ)]
  return expected.includes(typ === undefined ? undefined : toTyp(typ))
    ? null
    : { reason: 'header', member: 'typ' }
}
