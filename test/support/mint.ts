// Mints session tokens with WebCrypto alone, so that malformed ones can be made as well as good ones.
import { toBase64Url } from '../../src/core/base64url.ts'

export interface TokenParts {
  readonly header: unknown
  readonly claims: unknown
}

const encode = (text: string): string => toBase64Url(new TextEncoder().encode(text))

/** header.payload of any two values; text is taken as JSON that is written already. */
export function toSigningInput({ header, claims }: TokenParts): string {
  const write = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value)
  return `${encode(write(header))}.${encode(write(claims))}`
}

/** Signs with HMAC of any key length, also ones that are too short or a public key's text. */
export async function mintHmac(parts: TokenParts, secret: Uint8Array, bits = 256): Promise<string> {
  const algorithm = { name: 'HMAC', hash: `SHA-${bits}` }
  const key = await crypto.subtle.importKey('raw', Uint8Array.from(secret), algorithm, false, [
    'sign',
  ])
  const input = toSigningInput(parts)
  const mac = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(input))
  return `${input}.${toBase64Url(new Uint8Array(mac))}`
}

export async function mintEs256(parts: TokenParts, key: CryptoKey): Promise<string> {
  const input = toSigningInput(parts)
  const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const signature = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(input))
  return `${input}.${toBase64Url(new Uint8Array(signature))}`
}
