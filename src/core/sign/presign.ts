// Pre-signs one S3 request with aws4fetch: Signature Version 4 in the query string.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { AwsV4Signer } from 'aws4fetch'
import type { Permit } from '../policy/decide.ts'
import { encodeKey, encodeRfc3986 } from './encode.ts'

export interface UnsignedRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Query parameters beside the signature's own; names must be distinct. */
  readonly query: ReadonlyMap<string, string>
  /** Headers that the client must send; all of them are signed. Names in lower case, values ASCII. */
  readonly headers: ReadonlyMap<string, string>
  readonly nowMs: number
  /** 1 … 604800. */
  readonly expiresInSeconds: number
}

/** Derived signing keys by secret, date, region and service; its keys hold secrets, so never print it. */
export type SigningKeys = Map<string, ArrayBuffer>

/** Days of derived keys that may pile up before the cache is emptied. */
const MAX_SIGNING_KEYS = 200

function toAmzDate(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
}

/** Path of the permitted object, or of the bucket itself for a list. */
function toPath({ bucket, operation }: Permit): string {
  if ('key' in operation) return bucket.basePath + encodeKey(operation.key)
  return bucket.basePath.replace(/(.)\/$/, '$1')
}

/**
 * Signs a request for what was permitted and gives its URL, valid for `expiresInSeconds` from the second
 * of `nowMs`. Throws only on a bug: a header or key that its parser should have refused.
 */
export async function presign(
  permit: Permit,
  request: UnsignedRequest,
  signingKeys: SigningKeys,
): Promise<string> {
  const { credentials, origin, region } = permit.bucket
  const path = toPath(permit)
  const query = [...request.query, ['X-Amz-Expires', String(request.expiresInSeconds)] as const]
  const search = query.map(([name, value]) => `${encodeRfc3986(name)}=${encodeRfc3986(value)}`)
  if (signingKeys.size > MAX_SIGNING_KEYS) signingKeys.clear()
  const signer = new AwsV4Signer({
    method: request.method,
    url: `${origin}${path}?${search.join('&')}`,
    headers: [...request.headers],
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
    service: 's3',
    region,
    cache: signingKeys,
    datetime: toAmzDate(request.nowMs),
    signQuery: true,
    // Without this content-type, content-length and others are left out and bind nothing.
    allHeaders: true,
  })
  // The signed path must be the one that was decided: a parser that collapsed it would sign another object.
  if (signer.encodedPath !== path) throw new Error('signed path differs from the key')
  // signer.sign() leaves !'()* raw in the path and writes spaces of the query as "+".
  return `${origin}${signer.encodedPath}?${signer.encodedSearch}&X-Amz-Signature=${await signer.signature()}`
}
