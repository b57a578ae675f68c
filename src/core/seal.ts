// Seals small values that clients carry for the gateway: AES-256-GCM under keys derived from POSTERN_KEY.
import { toBytes } from './bytes.ts'
import { fromBase64Url, toBase64Url } from './base64url.ts'

/** What a sealed value is for; a value sealed for one purpose never opens for another. */
export type SealPurpose = 'upload-ticket' | 'session-cookie' | 'link-cookie' | 'link-cursor'

export interface SealingKey {
  /** HKDF base key, not extractable. */
  readonly base: CryptoKey
}

export const SEAL_NONCE_BYTES = 12
const TAG_BYTES = 16
const VERSION = 1

/** The bytes of POSTERN_KEY, or null unless it is base64url of at least 32 bytes. */
export function parsePosternKey(text: string): Uint8Array<ArrayBuffer> | null {
  const bytes = fromBase64Url(text)
  return bytes !== null && bytes.length >= 32 ? bytes : null
}

export async function createSealingKey(bytes: Uint8Array<ArrayBuffer>): Promise<SealingKey> {
  return {
    base: await crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey', 'deriveBits']),
  }
}

function hkdf(info: string) {
  // RFC 5869: the base key is random already, so that an empty salt is enough.
  return {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(0),
    info: toBytes(info),
  }
}

/** Derived keys by base key and purpose: deriving costs more than sealing. */
const derived = new WeakMap<CryptoKey, Map<SealPurpose, CryptoKey>>()

async function deriveKey(key: SealingKey, purpose: SealPurpose): Promise<CryptoKey> {
  const byPurpose = derived.get(key.base) ?? new Map<SealPurpose, CryptoKey>()
  derived.set(key.base, byPurpose)
  const known = byPurpose.get(purpose)
  if (known !== undefined) return known
  const fresh = await crypto.subtle.deriveKey(
    hkdf(`postern ${purpose} v1`),
    key.base,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  byPurpose.set(purpose, fresh)
  return fresh
}

/** 32 bytes for a keyed hash of this name, independent of every other derived key. */
export async function deriveHashKey(key: SealingKey, name: string): Promise<CryptoKey> {
  const bits = await crypto.subtle.deriveBits(hkdf(`postern hash ${name} v1`), key.base, 256)
  return crypto.subtle.importKey('raw', bits, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** 16 characters of a keyed hash: a pseudonym that cannot be guessed back. */
export async function toKeyedHash(key: CryptoKey, name: string): Promise<string> {
  const mac = await crypto.subtle.sign('HMAC', key, toBytes(name))
  return toBase64Url(new Uint8Array(mac)).slice(0, 16)
}

/** Sealed text: base64url of version, nonce (12 random bytes, never used twice) and ciphertext. */
export async function seal(
  keys: readonly SealingKey[],
  purpose: SealPurpose,
  plain: Uint8Array,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const [current] = keys
  if (current === undefined || nonce.length !== SEAL_NONCE_BYTES)
    throw new Error('no sealing key, or a wrong nonce')
  const key = await deriveKey(current, purpose)
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, plain),
  )
  const out = new Uint8Array(1 + nonce.length + sealed.length)
  out[0] = VERSION
  out.set(nonce, 1)
  out.set(sealed, 1 + nonce.length)
  return toBase64Url(out)
}

/** The sealed bytes, or null for anything that was not sealed for this purpose with one of the keys. */
export async function unseal(
  keys: readonly SealingKey[],
  purpose: SealPurpose,
  text: string,
): Promise<Uint8Array | null> {
  const bytes = fromBase64Url(text)
  if (bytes === null || bytes.length < 1 + SEAL_NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION)
    return null
  const iv = bytes.subarray(1, 1 + SEAL_NONCE_BYTES)
  const sealed = bytes.subarray(1 + SEAL_NONCE_BYTES)
  for (const candidate of keys) {
    try {
      const key = await deriveKey(candidate, purpose)
      return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
    } catch {
      // Not this key, or not ours at all: the next one decides.
    }
  }
  return null
}
