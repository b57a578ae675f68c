// Mints a link token offline, as an application server would: a JWT of a trusted issuer.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { importJWK } from 'jose/key/import'
import { SignJWT } from 'jose/jwt/sign'
import { parseSecretText } from '../../core/token/keys.ts'
import { UsageError } from '../frame/usage.ts'

export interface LinkClaims {
  readonly issuer: string
  readonly audience: string
  readonly sub: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  readonly claims: Readonly<Record<string, unknown>>
}

/** What a gateway's issuer may list; the first that the key fits is taken. */
const BY_CURVE = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
])

function toAlgorithm(key: KeyObject): string {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA'
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  const curve = BY_CURVE.get(key.asymmetricKeyDetails?.namedCurve ?? '')
  if (curve === undefined) throw new UsageError('the key is of no kind that a gateway takes')
  return curve
}

interface SigningKey {
  readonly key: KeyObject | Uint8Array | CryptoKey
  readonly alg: string
  readonly kid?: string
}

async function fromJwk(text: string): Promise<SigningKey> {
  const jwk: { readonly alg?: string; readonly kid?: string; readonly crv?: string } =
    JSON.parse(text)
  const alg = jwk.alg ?? (jwk.crv === 'P-256' ? 'ES256' : jwk.crv === 'Ed25519' ? 'EdDSA' : 'RS256')
  return { key: await importJWK(jwk, alg), alg, ...(jwk.kid !== undefined && { kid: jwk.kid }) }
}

/** A private JWK, a PEM, or a shared secret as the gateway has it: text, or base64url: or hex: before its bytes. */
async function parseKey(text: string): Promise<SigningKey> {
  try {
    if (text.startsWith('{')) return await fromJwk(text)
    if (text.startsWith('-----BEGIN')) {
      const key = createPrivateKey(text)
      return { key, alg: toAlgorithm(key) }
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError('the key is no private JWK or PEM')
  }
  const bytes = parseSecretText(text)
  if (bytes === null || bytes.length < 32)
    throw new UsageError('the secret is malformed, or shorter than 32 bytes')
  return { key: bytes, alg: 'HS256' }
}

export async function mintLinkToken(
  keyText: string,
  link: LinkClaims,
  given: { readonly alg?: string | undefined; readonly kid?: string | undefined },
): Promise<string> {
  const own = await parseKey(keyText.trim())
  const kid = given.kid ?? own.kid
  const header = {
    alg: given.alg ?? own.alg,
    typ: 'postern-link+jwt',
    ...(kid !== undefined && { kid }),
  }
  const token = new SignJWT({ ...link.claims })
    .setProtectedHeader(header)
    .setIssuer(link.issuer)
    .setAudience(link.audience)
    .setSubject(link.sub)
    .setJti(link.jti)
    .setIssuedAt(link.iat)
    .setExpirationTime(link.exp)
  return token.sign(own.key).catch(() => {
    throw new UsageError('the key does not fit --alg')
  })
}
