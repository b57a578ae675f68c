// JWS signatures by Web Crypto (RFC 7518 §3, RFC 8037, RFC 9864): parameters by algorithm, and nothing chosen by the token.
import { toBytes } from '../bytes.ts'
import { fromBase64Url } from '../base64url.ts'
import type { Algorithm } from './issuer.ts'
import type { PublicJwk } from './jwk.ts'

/** Import and verification take the same parameters, each reading its own. */
function parametersOf(alg: string): {
  name: string
  hash?: string
  saltLength?: number
  namedCurve?: string
} {
  const bits = alg.slice(2)
  const hash = `SHA-${bits}`
  switch (alg.slice(0, 2)) {
    case 'HS':
      return { name: 'HMAC', hash }
    case 'RS':
      return { name: 'RSASSA-PKCS1-v1_5', hash }
    case 'PS':
      // RFC 7518 §3.5: the salt is as long as the hash.
      return { name: 'RSA-PSS', hash, saltLength: Number(bits) / 8 }
    case 'ES':
      return { name: 'ECDSA', hash, namedCurve: `P-${bits === '512' ? '521' : bits}` }
    default:
      return { name: 'Ed25519' }
  }
}

/** The key under this algorithm, or null when it is none. Members that are not key material are left out. */
export async function importPublicKey(jwk: PublicJwk, alg: Algorithm): Promise<CryptoKey | null> {
  const names = ['crv', 'x', 'y', 'n', 'e']
  const own = Object.entries(jwk).filter(([name]) => names.includes(name))
  const material = { kty: String(jwk['kty']), ...Object.fromEntries(own) }
  try {
    return await crypto.subtle.importKey('jwk', material, parametersOf(alg), false, ['verify'])
  } catch {
    return null
  }
}

/** Whether the key signed the compact token, whose parts are strict base64url; ECDSA as r and s (RFC 7518 §3.4). */
export async function isSignedBy(token: string, key: CryptoKey, alg: string): Promise<boolean> {
  const end = token.lastIndexOf('.')
  const signature = fromBase64Url(token.slice(end + 1))
  if (signature === null) return false
  const input = toBytes(token.slice(0, end))
  try {
    return await crypto.subtle.verify(parametersOf(alg), key, signature, input)
  } catch {
    return false
  }
}
