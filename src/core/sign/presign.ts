// Pre-signs one S3 request with aws4fetch: Signature Version 4 in the query string.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import type { OwnPermit } from '../policy/decide.ts'
import type { AbsentHeaders } from './absence.ts'
import type { Bucket, Credentials } from './bucket.ts'
import { encodeKey, encodeRfc3986 } from './encode.ts'
import { type Scope, scopeOf, type SigningKeys, signWith } from './scope.ts'

export interface UnsignedRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  /** Query parameters beside the signature's own; names distinct, beginning with a lower-case letter. */
  readonly query: ReadonlyMap<string, string>
  /** Headers that the client must send; all of them are signed. Names in lower case, values ASCII. */
  readonly headers: ReadonlyMap<string, string>
  /** Headers that the client must not send: named in the signature although they are not there. */
  readonly absent?: AbsentHeaders | null
  readonly nowMs: number
  /** 1 … 604800. */
  readonly expiresInSeconds: number
}

/** A dot segment, which URL parsers collapse: path style would then sign another bucket's object. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:\/|$)/i

/** Path of the permitted object, or of the bucket itself for a list. */
function toPath({ bucket, operation }: OwnPermit): string {
  if (!('key' in operation)) return bucket.basePath.replace(/(.)\/$/, '$1')
  return bucket.basePath + encodeKey(operation.key)
}

const toEmpty = (name: string) => [name, ''] as const

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1
}

/** The canonical query string: RFC 3986 encoded, sorted by name. */
function toQuery(
  scope: Scope,
  { query, absent, expiresInSeconds }: UnsignedRequest,
  signedHeaders: string,
): string {
  let text = `${scope.queryHead}${expiresInSeconds}${scope.queryTail}${encodeRfc3986(signedHeaders)}`
  const names = absent?.how === 'query' ? absent.names : []
  for (const [name, value] of [...query, ...names.map(toEmpty)].toSorted(byName)) {
    if (!/^[a-z]/.test(name)) throw new Error('a query parameter would sort before the signature’s')
    text += `&${encodeRfc3986(name)}=${encodeRfc3986(value)}`
  }
  return text
}

/**
 * Signs a request for a path of the bucket, which nobody has permitted: for who holds the credentials himself, the
 * command. A route has a permit, and uses `presign`. Throws only on a bug: a header or path that a parser should have
 * refused.
 */
export async function presignPath(
  bucket: Bucket,
  encodedPath: string,
  credentials: Credentials,
  request: UnsignedRequest,
  signingKeys: SigningKeys,
): Promise<string> {
  // Whoever parsed the key promises it; what is signed is worth a second look.
  if (DOT_SEGMENT.test(encodedPath)) throw new Error('the path of a key holds a dot segment')
  const scope = await scopeOf(bucket, credentials, request.nowMs, signingKeys)
  // All of them, content-type and content-length included, which aws4fetch leaves out by itself: unsigned they bind nothing.
  const sent = [...request.headers, ['host', scope.signer.url.host] as const].toSorted(byName)
  const absent = request.absent?.names.map(toEmpty) ?? []
  const named = absent.length === 0 ? sent : [...sent, ...absent].toSorted(byName)
  const signedHeaders = named.map(([name]) => name).join(';')
  const headers = request.absent?.how === 'skipped' ? sent : named
  const encodedSearch = toQuery(scope, request, signedHeaders)
  const signer = Object.assign(Object.create(scope.signer) as typeof scope.signer, {
    method: request.method,
    encodedPath,
    encodedSearch,
    signedHeaders,
    canonicalHeaders: headers
      .map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, ' ')}`)
      .join('\n'),
  })
  const signature = await signWith(scope, await signer.stringToSign())
  return `${bucket.origin}${encodedPath}?${encodedSearch}&X-Amz-Signature=${signature}`
}

/**
 * Signs a request for what was permitted and gives its URL, valid for `expiresInSeconds` from the second
 * of `nowMs`. Throws only on a bug: a header or key that its parser should have refused.
 */
export function presign(
  permit: OwnPermit,
  credentials: Credentials,
  request: UnsignedRequest,
  signingKeys: SigningKeys,
): Promise<string> {
  return presignPath(permit.bucket, toPath(permit), credentials, request, signingKeys)
}
