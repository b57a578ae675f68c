// A signing scope: what all requests to one bucket in one second share, so that each URL costs one hash and one HMAC.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { toBytes } from '../bytes.ts'
import { encodeRfc3986 } from './encode.ts'
import type { Bucket, Credentials } from './bucket.ts'

export interface Scope {
  readonly host: string
  /** Day, region and service, as the credential names them. */
  readonly credentialString: string
  /** The string to sign, but for the hash of the canonical request. */
  readonly textHead: string
  /** The derived signing key of credentials, day and region. */
  readonly key: CryptoKey
  /** The signature's own parameters up to and after the life: they sort before all lower-case names. */
  readonly queryHead: string
  readonly queryTail: string
}

interface Kept {
  readonly keys: Map<string, CryptoKey>
  /** By the second of signing. */
  readonly scopes: WeakMap<Bucket, Map<number, Scope>>
}

/** Keys and scopes by the credentials that they hold secrets of: never printed, gone with them. */
export type SigningKeys = WeakMap<Credentials, Kept>

/** Days and regions, and seconds of a bucket, that are kept before all are forgotten. */
const MAX_KEPT = 20
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(bytes)) text += HEX[byte]
  return text
}

export function toAmzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

function remember<K, T>(map: Map<K, T>, name: K, value: T): T {
  if (map.size >= MAX_KEPT) map.clear()
  map.set(name, value)
  return value
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (derive a signing key) */
async function deriveKey(secret: string, parts: readonly string[]): Promise<CryptoKey> {
  const read = (bytes: BufferSource) => crypto.subtle.importKey('raw', bytes, HMAC, false, ['sign'])
  let key = await read(toBytes(`AWS4${secret}`))
  for (const part of parts) key = await read(await crypto.subtle.sign('HMAC', key, toBytes(part)))
  return key
}

async function createScope(
  { origin, region }: Bucket,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  datetime: string,
  { keys }: Kept,
): Promise<Scope> {
  const url = new URL(origin)
  // Another host or path than configured would be another bucket.
  if (url.origin !== origin) throw new Error('the endpoint is no origin')
  const parts = [datetime.slice(0, 8), region, 's3', 'aws4_request']
  const credentialString = parts.join('/')
  const key =
    keys.get(credentialString) ??
    remember(keys, credentialString, await deriveKey(secretAccessKey, parts))
  const credential = encodeRfc3986(`${accessKeyId}/${credentialString}`)
  const token = sessionToken && `&X-Amz-Security-Token=${encodeRfc3986(sessionToken)}`
  return {
    host: url.host,
    credentialString,
    textHead: `AWS4-HMAC-SHA256\n${datetime}\n${credentialString}\n`,
    key,
    queryHead: `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${datetime}&X-Amz-Expires=`,
    queryTail: `${token ?? ''}&X-Amz-SignedHeaders=`,
  }
}

/** The scope of a bucket at a time; requests of one second share it, and only the first waits. */
export function scopeOf(
  bucket: Bucket,
  credentials: Credentials,
  nowMs: number,
  kept: SigningKeys,
): Scope | Promise<Scope> {
  const second = Math.floor(nowMs / 1000)
  const own = kept.get(credentials) ?? { keys: new Map(), scopes: new WeakMap() }
  const seconds = own.scopes.get(bucket) ?? new Map<number, Scope>()
  const known = seconds.get(second)
  if (known !== undefined) return known
  kept.set(credentials, own)
  own.scopes.set(bucket, seconds)
  return createScope(bucket, credentials, toAmzDate(nowMs), own).then((scope) =>
    remember(seconds, second, scope),
  )
}

/** Signature over a string to sign. */
export function signWith({ key }: Scope, text: string): Promise<ArrayBuffer> {
  return crypto.subtle.sign('HMAC', key, toBytes(text))
}
