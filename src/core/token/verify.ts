// The gate: one path from a token's text to a session, cheap checks before cryptography.
import { err, ok, type Result } from '../result.ts'
import { toSession } from './claims.ts'
import { type CompactToken, parseCompact } from './compact.ts'
import type { TokenFault } from './fault.ts'
import { judgeHeader } from './header.ts'
import type { Issuer } from './issuer.ts'
import type { Json, Session } from './session.ts'
import { isSignedBy } from './signature.ts'

/** The key of the issuer that signed the token under the algorithm of its header; `known` is one that did before. */
export async function verifySignature(
  token: string,
  header: { readonly [name: string]: Json },
  issuer: Issuer,
  known?: CryptoKey,
): Promise<Result<CryptoKey, TokenFault>> {
  const fault = judgeHeader(header, issuer)
  if (fault !== null) return err(fault)
  const { alg, kid } = header
  const lookup = await issuer.keys.find({
    alg: String(alg),
    ...(typeof kid === 'string' && { kid }),
  })
  if (lookup.kind === 'unavailable') return err({ reason: 'keys_unavailable' })
  if (lookup.keys.length === 0) return err({ reason: 'no_key' })
  // It must be a key of the issuer still: one that was removed has signed nothing.
  if (known && lookup.keys.includes(known)) return ok(known)
  for (const key of lookup.keys) if (await isSignedBy(token, key, String(alg))) return ok(key)
  return err({ reason: 'signature' })
}

/** Whole tokens with a good signature, what they say, and the key that made it; a forger adds none. */
type Seen = CompactToken & { readonly key: CryptoKey }
const seenBy = new WeakMap<ReadonlyMap<string, Issuer>, Map<string, Seen>>()
/** Tokens of a configuration that are remembered before all are forgotten. */
export const MAX_SEEN = 500

/**
 * Verifies a session token (RFC 7519, RFC 8725). Faults are private; the caller answers one public 401. A token that comes
 * again, as a browser's does, is not parsed and its signature not computed again; all else is judged at each request.
 */
export async function verifyToken(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  nowMs: number,
): Promise<Result<Session, TokenFault>> {
  const seen = seenBy.get(issuers) ?? new Map<string, Seen>()
  const known = seen.get(token)
  const compact = known ? ok(known) : parseCompact(token)
  if (!compact.ok) return compact
  const { header, payload } = compact.value
  const iss = payload['iss']
  // The issuer is looked up in a fixed map, and brings its own algorithms and keys (RFC 8725 §3.8).
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined
  if (issuer === undefined) return err({ reason: 'unknown_issuer' })
  const signer = await verifySignature(token, header, issuer, known?.key)
  if (!signer.ok) return signer
  if (signer.value !== known?.key) {
    if (seen.size >= MAX_SEEN) seen.clear()
    seenBy.set(issuers, seen.set(token, { header, payload, key: signer.value }))
  }
  return toSession(payload, issuer, nowMs / 1000)
}
