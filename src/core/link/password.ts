// Passwords of links: PBKDF2 over a keyed hash, so that stored hashes alone cannot be guessed at.
import { toBytes } from '../bytes.ts'
import { fromBase64Url, toBase64Url } from '../base64url.ts'
import { deriveHashKey, type SealingKey } from '../seal.ts'

/** All that production workerd allows; the pepper and counted attempts make up for the rest. */
const ITERATIONS = 100_000
export const SALT_BYTES = 16
const HASH_BITS = 256

/** Wrong guesses that a link bears in a window. */
export const MAX_ATTEMPTS = 10
export const ATTEMPT_WINDOW_MS = 600_000

/** A password of 100 random bits, in groups that can be read out: no letters that look alike. */
export function toPassword(random: Uint8Array): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  return Array.from(random.subarray(0, 20), (byte) => letters[byte % 32])
    .join('')
    .replace(/.{5}(?=.)/g, '$&-')
}

async function hash(key: SealingKey, password: string, salt: Uint8Array): Promise<Uint8Array> {
  const pepper = await deriveHashKey(key, 'link-password')
  const text = toBytes(password.normalize('NFC'))
  const mac = await crypto.subtle.sign('HMAC', pepper, text)
  const base = await crypto.subtle.importKey('raw', mac, 'PBKDF2', false, ['deriveBits'])
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS }
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, base, HASH_BITS))
}

/** What is stored: base64url of salt and hash. */
export async function hashPassword(
  keys: readonly SealingKey[],
  password: string,
  salt: Uint8Array,
): Promise<string> {
  const [key] = keys
  if (key === undefined) throw new Error('no sealing key')
  return toBase64Url(Uint8Array.from([...salt, ...(await hash(key, password, salt))]))
}

/** Against every key, since POSTERN_KEY may have been rotated; in constant time. */
export async function isPassword(
  keys: readonly SealingKey[],
  password: string,
  stored: string,
): Promise<boolean> {
  const bytes = fromBase64Url(stored) ?? new Uint8Array()
  const [salt, expected] = [bytes.slice(0, SALT_BYTES), bytes.slice(SALT_BYTES)]
  for (const key of keys) {
    const found = await hash(key, password, salt)
    if (found.reduce((sum, byte, at) => sum | (byte ^ (expected[at] ?? 256)), 0) === 0) return true
  }
  return false
}
