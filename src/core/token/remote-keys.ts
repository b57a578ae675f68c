// Keys that an issuer publishes: a JWK Set (RFC 7517 §5) from outside, of which only what is sound is used.
import type { KeySet } from '../../ports.ts'
import type { Algorithm } from './issuer.ts'
import { judgeJwk, type PublicJwk, usableAlgorithms } from './jwk.ts'
import { type KeyEntry, toKeySet } from './keys.ts'
import { importPublicKey } from './signature.ts'
import { parseStrictJson } from './strict-json.ts'

function isObject(value: unknown): value is PublicJwk {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The members of `keys`, or null for a text that is no JWK Set. */
function parseMembers(text: string): readonly PublicJwk[] | null {
  const json = parseStrictJson(text)
  if (!json.ok || !isObject(json.value)) return null
  const { keys } = json.value
  return Array.isArray(keys) && keys.every(isObject) ? keys : null
}

/**
 * The usable keys, or null when there is none. Keys for other purposes and algorithms are passed over, as RFC 7517
 * §5 wants it; so are weak ones, private ones (published, they sign for everybody) and all of one kid that stands twice.
 */
export async function parseRemoteKeys(
  text: string,
  algorithms: readonly Algorithm[],
): Promise<KeySet | null> {
  const members = parseMembers(text)
  if (members === null) return null
  const entries: KeyEntry[] = []
  for (const jwk of members) {
    const { kid } = jwk
    const isTwice = kid !== undefined && members.filter((other) => other['kid'] === kid).length > 1
    const usable = usableAlgorithms(jwk, algorithms)
    const [alg] = usable
    // One key, one algorithm (RFC 8725 §3.1): one that fits several must say which.
    if (isTwice || alg === undefined || usable.length > 1 || judgeJwk(jwk) !== null) continue
    const key = await importPublicKey(jwk, alg)
    if (key !== null) entries.push({ alg, key, ...(typeof kid === 'string' && { kid }) })
  }
  return entries.length === 0 ? null : toKeySet(entries)
}
