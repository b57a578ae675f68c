// Signs what was wished, with credentials of one's own and the signer that the gateway has.
import type { SignedRequest } from '../../contract/common.ts'
import type { SignedPost } from '../../contract/sign.ts'
import { toAbsent } from '../../core/sign/absence.ts'
import type { Bucket, Credentials } from '../../core/sign/bucket.ts'
import { toDispositionHeader } from '../../core/sign/disposition.ts'
import { encodeKey } from '../../core/sign/encode.ts'
import { FILENAME, signForm } from '../../core/sign/post-policy.ts'
import { toMetadataHeaders } from '../../core/sign/metadata.ts'
import { presignPath } from '../../core/sign/presign.ts'
import { toPutHeaders } from '../../core/sign/put.ts'
import { type Signing, toTimestamp } from '../../core/sign/requests.ts'
import { UsageError } from '../frame/usage.ts'
import type { Target } from './target.ts'
import type { Wish } from './wish.ts'

/** What a client needs, and until when it is good: the least of what was asked and the credentials' own end. */
export type Signed = SignedRequest | SignedPost

const toDisposition = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : toDispositionHeader(text)

function toQuery(wish: Wish): ReadonlyMap<string, string> {
  const pairs = [
    ['response-content-type', wish.responseContentType],
    ['response-content-disposition', toDisposition(wish.responseContentDisposition)],
    ['response-cache-control', wish.responseCacheControl],
    ['response-content-language', wish.responseContentLanguage],
    ['response-content-encoding', wish.responseContentEncoding],
    ['response-expires', wish.responseExpires],
    ['versionId', wish.versionId],
  ] as const
  return new Map(pairs.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

function toHeaders(wish: Wish, bucket: Bucket): ReadonlyMap<string, string> {
  if (wish.method !== 'PUT') return new Map()
  const headers = toPutHeaders(
    { ...wish, contentDisposition: toDisposition(wish.contentDisposition) },
    bucket.can,
  )
  if (!headers.ok) throw new UsageError(`this provider does not do ${headers.error}`)
  const { contentType, range } = wish
  return new Map([
    ...(range === undefined ? [] : [['content-length', String(range.min)] as const]),
    ...(contentType === undefined ? [] : [['content-type', contentType] as const]),
    ...headers.value,
  ])
}

/** Fields of a form by the names that S3 knows. */
function toFields(wish: Wish): ReadonlyMap<string, string> {
  const named = [
    ['Cache-Control', wish.cacheControl],
    ['Content-Disposition', toDisposition(wish.contentDisposition)],
    ['Content-Encoding', wish.contentEncoding],
    ['x-amz-storage-class', wish.storageClass],
  ] as const
  return new Map([
    ...named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...toMetadataHeaders(wish.metadata),
    ...wish.field,
  ])
}

/** The end of what is signed now; credentials that end sooner take it along. */
function toEnd(wish: Wish, { expiresAtSeconds }: Credentials, nowMs: number): number {
  const asked = Math.floor(nowMs / 1000) + wish.expiresIn
  return Math.min(asked, expiresAtSeconds ?? asked)
}

export async function signWish(
  bucket: Bucket,
  credentials: Credentials,
  { key }: Target,
  wish: Wish,
  signing: Signing,
): Promise<Signed> {
  const { method } = wish
  const end = toEnd(wish, credentials, signing.nowMs)
  if (method === 'POST') {
    if (!bucket.can.postPolicy) throw new UsageError('this provider does not do POST policies')
    if (key.slice(0, -FILENAME.length).includes(FILENAME))
      throw new UsageError('${filename} stands at the end of the key')
    const form = { key, type: wish.contentType, fields: toFields(wish), range: wish.range }
    return signForm(bucket, credentials, form, end, signing)
  }
  const headers = toHeaders(wish, bucket)
  const request = {
    method,
    query: toQuery(wish),
    headers,
    // Where a store acts on headers that are not signed, as none of AWS's does.
    absent: toAbsent(bucket.can, method, false, headers),
    nowMs: signing.nowMs,
    expiresInSeconds: wish.expiresIn,
  }
  const path = bucket.basePath + encodeKey(key)
  return {
    method,
    url: await presignPath(bucket, path, credentials, request, signing.keys),
    headers: Object.fromEntries(headers),
    expiresAt: toTimestamp(end),
  }
}
