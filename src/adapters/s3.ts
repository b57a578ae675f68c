// Objects in S3 as the gateway itself reads, removes and lists them.
// Consistency is the provider's (strong on AWS, R2, Ceph and MinIO). A failure is a StoreFault, never a throw.
import { CHECKSUM_ALGORITHMS, toChecksumHeader } from '../contract/checksum.ts'
import { err, ok } from '../core/result.ts'
import type { SigningKeys } from '../core/sign/scope.ts'
import { NONCE_HEADER } from '../core/upload/ticket.ts'
import type { Clock, ObjectStore, StoredObject } from '../ports.ts'
import { createCopyCalls } from './s3-copy.ts'
import { codeOf, createStoreCall, isRemoval, toFault } from './s3-call.ts'
import { createMultipartCalls } from './s3-multipart.ts'
import { parseAnswer, toEtag, toListing } from './s3-xml.ts'

/**
 * Null for headers that S3 gives no object without: something before it answered in its place, and to take that for the
 * object would be to call it replaced, or of another size, and remove it.
 */
function toStoredObject(headers: Headers): StoredObject | null {
  const size = Number(headers.get('content-length') ?? Number.NaN)
  const etag = toEtag(headers.get('etag') ?? '')
  if (Number.isNaN(size) || etag === '') return null
  const versionId = headers.get('x-amz-version-id')
  const uploadNonce = headers.get(NONCE_HEADER)
  // COMPOSITE ones are checksums of the parts' checksums: they say nothing of the bytes by themselves.
  const isWhole = headers.get('x-amz-checksum-type') !== 'COMPOSITE'
  return {
    size,
    type: headers.get('content-type') ?? '',
    etag,
    ...(versionId !== null && versionId !== 'null' && { versionId }),
    ...(uploadNonce !== null && { uploadNonce }),
    checksums: CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
      const value = isWhole ? headers.get(toChecksumHeader(algorithm)) : null
      return value === null || value.includes('-') ? [] : [{ algorithm, value }]
    }),
    metadata: new Map([...headers].filter(([name]) => name.startsWith('x-amz-meta-'))),
  }
}

export function createObjectStore(clock: Clock, signingKeys: SigningKeys): ObjectStore {
  const call = createStoreCall(clock, signingKeys)
  const multipart = createMultipartCalls(call)
  return {
    ...multipart,
    ...createCopyCalls(call, multipart),
    async head(permit) {
      const headers = new Map<string, string>()
      if (permit.bucket.can.checksums.length > 0) headers.set('x-amz-checksum-mode', 'ENABLED')
      const answer = await call(permit, { method: 'HEAD', headers })
      if (!answer.ok) return answer
      if (answer.value.status === 404) return ok(null)
      const { status, headers: told } = answer.value
      const object = status === 200 ? toStoredObject(told) : null
      return object === null ? err(toFault(answer.value)) : ok(object)
    },
    async readStart(permit, { etag }, bytes) {
      const headers = new Map([['range', `bytes=0-${bytes - 1}`]])
      const answer = await call(permit, { method: 'GET', headers, firstBytes: bytes })
      if (!answer.ok) return answer
      const { status, headers: told, text } = answer.value
      // An empty object has no range; the answer is an Error.
      if (status === 416) return ok('')
      // A page that stands in for S3 would be content of a wrong type, and the object removed for it.
      const isIts = toEtag(told.get('etag') ?? '') === etag
      return isIts && (status === 206 || status === 200) ? ok(text) : err(toFault(answer.value))
    },
    async remove(permit, versionId) {
      const query = new Map(versionId === undefined ? [] : [['versionId', versionId]])
      const answer = await call(permit, { method: 'DELETE', query })
      if (!answer.ok) return answer
      const isMissing = answer.value.status === 404 && codeOf(answer.value) !== 'NoSuchBucket'
      return isRemoval(answer.value) || isMissing ? ok(null) : err(toFault(answer.value))
    },
    async list(permit, { cursor, limit }) {
      const query = new Map([
        ['list-type', '2'],
        ['delimiter', '/'],
        ['encoding-type', 'url'],
        ['max-keys', String(limit)],
        ['prefix', permit.operation.prefix],
      ])
      if (cursor !== undefined) query.set('continuation-token', cursor)
      const answer = await call(permit, { method: 'GET', query })
      if (!answer.ok) return answer
      const listing = answer.value.status === 200 ? toListing(parseAnswer(answer.value.text)) : null
      return listing === null ? err(toFault(answer.value)) : ok(listing)
    },
  }
}
