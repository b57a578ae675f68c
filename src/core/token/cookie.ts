// The session cookie: the token itself, sealed, so that a cookie session passes every check of a token again.
import { toBytes } from '../bytes.ts'
import { type SealingKey, seal, unseal } from '../seal.ts'

/** Browsers keep cookies of up to 4096 bytes, name and attributes included (RFC 6265 §6.1). */
export const MAX_COOKIE_BYTES = 4000

/** `Set-Cookie` for the token, or null when it would be longer than browsers keep. */
export async function toSessionCookie(
  keys: readonly SealingKey[],
  name: string,
  token: string,
  lifeSeconds: number,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<string | null> {
  const sealed = await seal(keys, 'session-cookie', toBytes(token), nonce)
  const cookie = `${name}=${sealed}; Path=/; Max-Age=${lifeSeconds}; Secure; HttpOnly; SameSite=Lax`
  return cookie.length > MAX_COOKIE_BYTES ? null : cookie
}

export function toClearedCookie(name: string): string {
  return `${name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`
}

/** The token in the cookie, or null for a text that this gateway did not seal. */
export async function openSessionCookie(
  keys: readonly SealingKey[],
  sealed: string,
): Promise<string | null> {
  const bytes = await unseal(keys, 'session-cookie', sealed)
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Whether a request that the browser authenticated by itself may do what it asks: safe methods may, others
 * only from our own pages or from configured origins, or any page could act for its visitor (CSRF).
 * https://www.w3.org/TR/fetch-metadata/
 */
export function isCookieRequestAllowed(
  method: string,
  secFetchSite: string | undefined,
  origin: string | undefined,
  origins: ReadonlySet<string>,
): boolean {
  if (SAFE_METHODS.has(method)) return true
  return secFetchSite === 'same-origin' || (origin !== undefined && origins.has(origin))
}
