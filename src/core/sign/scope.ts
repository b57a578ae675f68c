// A signing scope: what all requests to one bucket in one second share, so that each URL costs one hash and one HMAC.
// aws4fetch signs: one AwsV4Signer is made for the scope, and each request is a copy of it with its own fields, whose
// canonicalString() and stringToSign() stages make the text. Only its key import, the same each time, is kept.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { AwsV4Signer } from 'aws4fetch'
import { toBytes } from '../bytes.ts'
import { toHex } from '../hex.ts'
import type { Bucket, Credentials } from './bucket.ts'
import { encodeRfc3986 } from './encode.ts'

export interface Scope {
  readonly signer: AwsV4Signer
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

export function toAmzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

function remember<K, T>(map: Map<K, T>, name: K, value: T): T {
  if (map.size >= MAX_KEPT) map.clear()
  map.set(name, value)
  return value
}

/** The key that aws4fetch derives, taken from its own cache after it has signed once. */
async function deriveKey(signer: AwsV4Signer): Promise<CryptoKey> {
  await signer.signature()
  const [derived] = signer.cache.values()
  if (derived === undefined) throw new Error('aws4fetch derived no key')
  return crypto.subtle.importKey('raw', derived, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

async function createScope(
  { origin, region }: Bucket,
  credentials: Credentials,
  datetime: string,
  { keys }: Kept,
): Promise<Scope> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const signer = new AwsV4Signer({
    url: origin,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: 's3',
    region,
    datetime,
    cache: new Map<string, ArrayBuffer>(),
    signQuery: true,
  })
  // Another host or path than configured would be another bucket.
  if (signer.url.origin !== origin || signer.url.pathname !== '/')
    throw new Error('the endpoint is no origin')
  const day = signer.credentialString
  const key = keys.get(day) ?? remember(keys, day, await deriveKey(signer))
  const credential = encodeRfc3986(`${accessKeyId}/${day}`)
  const token = sessionToken && `&X-Amz-Security-Token=${encodeRfc3986(sessionToken)}`
  return {
    signer,
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

/** The signature of a string to sign, in hex. */
export async function signWith({ key }: Scope, text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, toBytes(text))))
}
