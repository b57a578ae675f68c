// Signs claims as a compact JWS with ES256 (RFC 7515 §3.1, RFC 7518 §3.4).
import { toBytes } from '../bytes.ts'
import { toBase64Url } from '../base64url.ts'
import { ES256, type IdentityKey } from './key.ts'

/** `typ` tells what the token is for, so that none is taken for another (RFC 8725 §3.11). */
export async function signJws(
  { kid, privateKey }: IdentityKey,
  typ: string,
  claims: { readonly [name: string]: unknown },
): Promise<string> {
  const encode = (value: unknown): string => toBase64Url(toBytes(JSON.stringify(value)))
  const input = `${encode({ alg: 'ES256', typ, kid })}.${encode(claims)}`
  const signature = await crypto.subtle.sign(ES256, privateKey, toBytes(input))
  return `${input}.${toBase64Url(new Uint8Array(signature))}`
}
