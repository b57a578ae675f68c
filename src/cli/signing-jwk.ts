// Makes the key that the gateway signs receipts and identity tokens with.
import { generateKeyPairSync } from 'node:crypto'
import { toThumbprint } from '../core/identity/key.ts'

/** An ES256 private JWK with its RFC 7638 thumbprint as `kid`. */
export async function createSigningJwk(): Promise<{ readonly [member: string]: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' })
  const kid = await toThumbprint(x, y)
  return { kty: 'EC', crv: 'P-256', x, y, d, kid, alg: 'ES256', use: 'sig' }
}
