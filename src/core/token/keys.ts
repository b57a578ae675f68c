// Keys of an issuer from configuration: a shared secret, or public keys inline, refused when weak.
import { toBytes } from '../bytes.ts'
import type { KeySet } from '../../ports.ts'
import { fromBase64Url } from '../base64url.ts'
import { err, ok, type Result } from '../result.ts'
import type { Algorithm } from './issuer.ts'
import { judgeJwk, type PublicJwk, usableAlgorithms } from './jwk.ts'
import { importPublicKey } from './signature.ts'

export type KeySource =
  | { readonly kind: 'secret'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'jwks'; readonly jwks: { readonly keys: readonly PublicJwk[] } }

/** What is wrong with a source; `path` is relative to the issuer, such as `jwks.keys[1]`. */
export interface KeyFault {
  readonly path: string
  readonly detail: string
}

export interface KeyEntry {
  readonly alg: string
  readonly kid?: string
  readonly key: CryptoKey
}

/** Keys tried for a token without `kid`, so that a large set does not multiply the work of junk. */
const MAX_TRIED = 4

/** UTF-8 text, or the bytes behind `base64url:` or `hex:`; null when those are malformed. */
export function parseSecretText(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.startsWith('base64url:')) return fromBase64Url(text.slice('base64url:'.length))
  if (!text.startsWith('hex:')) return Uint8Array.from(toBytes(text))
  const digits = text.slice('hex:'.length)
  if (!/^([0-9a-f]{2})*$/i.test(digits)) return null
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export function toKeySet(entries: readonly KeyEntry[]): KeySet {
  return {
    find({ alg, kid }) {
      const fitting = entries.filter(
        (entry) => entry.alg === alg && (kid === undefined || entry.kid === kid),
      )
      return { kind: 'keys', keys: fitting.slice(0, MAX_TRIED).map(({ key }) => key) }
    },
  }
}

async function fromSecret(
  bytes: Uint8Array<ArrayBuffer>,
  algorithms: readonly Algorithm[],
): Promise<Result<KeySet, KeyFault[]>> {
  const entries: KeyEntry[] = []
  for (const alg of algorithms) {
    const bits = Number(alg.slice(2))
    // RFC 7518 §3.2: a key of at least the hash's size; shorter ones are guessed offline.
    if (bytes.length * 8 < bits)
      return err([
        { path: 'secret', detail: `${alg} needs a secret of at least ${bits / 8} bytes` },
      ])
    const key = await crypto.subtle.importKey(
      'raw',
      bytes,
      { name: 'HMAC', hash: `SHA-${bits}` },
      false,
      ['verify'],
    )
    entries.push({ alg, key })
  }
  // A token's kid names nothing here: there is one secret.
  const keys = toKeySet(entries)
  return ok({ find: ({ alg }) => keys.find({ alg }) })
}

async function fromJwks(
  keys: readonly PublicJwk[],
  algorithms: readonly Algorithm[],
): Promise<Result<KeySet, KeyFault[]>> {
  const faults: KeyFault[] = []
  const entries: KeyEntry[] = []
  const kids = new Set<unknown>()
  for (const [index, jwk] of keys.entries()) {
    const path = `jwks.keys[${index}]`
    if (jwk['kid'] !== undefined && kids.has(jwk['kid']))
      faults.push({ path: `${path}.kid`, detail: 'stands twice' })
    kids.add(jwk['kid'])
    const fault = judgeJwk(jwk)
    const usable = usableAlgorithms(jwk, algorithms)
    const [alg] = usable
    if (fault !== null) faults.push({ path, detail: fault })
    // One key, one algorithm: under two, a signature made for one could be presented under the other (RFC 8725 §3.1).
    else if (usable.length > 1)
      faults.push({
        path: `${path}.alg`,
        detail: 'required, since several algorithms fit this key',
      })
    else if (alg === undefined) faults.push({ path, detail: 'fits none of the algorithms' })
    else {
      const key = await importPublicKey(jwk, alg)
      if (key === null) faults.push({ path, detail: 'is not a valid public key' })
      else entries.push({ alg, key, ...(typeof jwk['kid'] === 'string' && { kid: jwk['kid'] }) })
    }
  }
  for (const alg of algorithms) {
    if (faults.length === 0 && !entries.some((entry) => entry.alg === alg))
      faults.push({ path: 'jwks', detail: `has no key for ${alg}` })
  }
  return faults.length > 0 ? err(faults) : ok(toKeySet(entries))
}

/** Whether the algorithms go together, and with this kind of key; null when they do. */
export function judgeFamily(
  kind: KeySource['kind'],
  algorithms: readonly Algorithm[],
): KeyFault | null {
  const symmetric = algorithms.filter((alg) => alg.startsWith('HS'))
  // A public key taken for an HMAC secret is the classic forgery (RFC 8725 §2.1).
  if (symmetric.length > 0 && symmetric.length < algorithms.length)
    return { path: 'algorithms', detail: 'HS* and asymmetric algorithms never together' }
  if (symmetric.length > 0 !== (kind === 'secret'))
    return { path: 'algorithms', detail: 'HS* goes with secret, everything else with jwks' }
  return null
}

/** Imports the keys once; every fault is reported with its path. */
export async function createLocalKeySet(
  source: KeySource,
  algorithms: readonly Algorithm[],
): Promise<Result<KeySet, KeyFault[]>> {
  const mixed = judgeFamily(source.kind, algorithms)
  if (mixed !== null) return err([mixed])
  return source.kind === 'secret'
    ? fromSecret(source.bytes, algorithms)
    : fromJwks(source.jwks.keys, algorithms)
}
