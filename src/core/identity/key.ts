// The gateway's own signing keys: ES256 private JWKs, from which receipts and identity tokens are signed.
import { hashText, toBytes } from '../bytes.ts'
import { fromBase64Url, toBase64Url } from '../base64url.ts'
import { parsePart } from '../token/compact.ts'

export interface IdentityKey {
  readonly kid: string
  /** Not extractable. */
  readonly privateKey: CryptoKey
  /** What is published: public members only. */
  readonly publicJwk: { readonly [member: string]: string }
}

export const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** RFC 7638 §3: the SHA-256 of the required members in lexicographic order. */
export async function toThumbprint(x: string, y: string): Promise<string> {
  const text = JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })
  const hash = await hashText(text)
  return toBase64Url(new Uint8Array(hash))
}

function toCoordinate(value: unknown): string | null {
  return typeof value === 'string' && fromBase64Url(value)?.length === 32 ? value : null
}

/** Whether what the private half signs the public one verifies: else nobody could check a receipt. */
async function isPair(privateKey: CryptoKey, publicJwk: JsonWebKey): Promise<boolean> {
  const publicKey = await crypto.subtle.importKey('jwk', publicJwk, ES256, false, ['verify'])
  const probe = new Uint8Array(1)
  const signature = await crypto.subtle.sign(ES256, privateKey, probe)
  return crypto.subtle.verify(ES256, publicKey, signature, probe)
}

/** The key of a private JWK on P-256 (RFC 7518 §6.2), as `postern keys new` prints it; null for anything else. */
export async function parseIdentityKey(text: string): Promise<IdentityKey | null> {
  const jwk = parsePart(Uint8Array.from(toBytes(text))) ?? {}
  const [x, y, d] = [toCoordinate(jwk['x']), toCoordinate(jwk['y']), toCoordinate(jwk['d'])]
  const { kty, crv, alg = 'ES256', kid } = jwk
  if (kty !== 'EC' || crv !== 'P-256' || alg !== 'ES256') return null
  if (x === null || y === null || d === null) return null
  if (kid !== undefined && (typeof kid !== 'string' || !/^[\w.-]{1,128}$/.test(kid))) return null
  const publicKey = { kty, crv, x, y }
  try {
    const privateJwk = { ...publicKey, d }
    const privateKey = await crypto.subtle.importKey('jwk', privateJwk, ES256, false, ['sign'])
    if (!(await isPair(privateKey, publicKey))) return null
    const name = kid ?? (await toThumbprint(x, y))
    return {
      kid: name,
      privateKey,
      publicJwk: { ...publicKey, kid: name, alg, use: 'sig' },
    }
  } catch {
    // WebCrypto refuses what is no point of the curve.
    return null
  }
}
