// The gate: one path from a token's text to a session, cheap checks before cryptography.
import { err, type Result } from '../result.ts'
import { toSession } from './claims.ts'
import { parseCompact } from './compact.ts'
import type { TokenFault } from './fault.ts'
import { judgeHeader } from './header.ts'
import type { Issuer } from './issuer.ts'
import type { Json, Session } from './session.ts'
import { isSignedBy } from './signature.ts'

/** Whether a key of the issuer signed the token under the algorithm of its header; null when one did. */
export async function verifySignature(
  token: string,
  header: { readonly [name: string]: Json },
  issuer: Issuer,
): Promise<TokenFault | null> {
  const fault = judgeHeader(header, issuer)
  if (fault !== null) return fault
  const { alg, kid } = header
  const lookup = await issuer.keys.find({
    alg: String(alg),
    ...(typeof kid === 'string' && { kid }),
  })
  if (lookup.kind === 'unavailable') return { reason: 'keys_unavailable' }
  if (lookup.keys.length === 0) return { reason: 'no_key' }
  for (const key of lookup.keys) if (await isSignedBy(token, key, String(alg))) return null
  return { reason: 'signature' }
}

/** Verifies a session token (RFC 7519, RFC 8725). Faults are private; the caller answers one public 401. */
export async function verifyToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  nowMs: number,
): Promise<Result<Session, TokenFault>> {
  const compact = parseCompact(token)
  if (!compact.ok) return compact
  const { header, payload } = compact.value
  const iss = payload['iss']
  // The issuer is looked up in a fixed map, and brings its own algorithms and keys (RFC 8725 §3.8).
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined
  if (issuer === undefined) return err({ reason: 'unknown_issuer' })
  const fault = await verifySignature(token, header, issuer)
  return fault === null ? toSession(payload, issuer, nowMs / 1000) : err(fault)
}
