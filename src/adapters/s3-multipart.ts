// Multipart uploads in S3: create, list parts, complete, abort.
// An upload id is gone for good once completed or aborted; S3 then says NoSuchUpload. A completion whose answer
// was lost may have happened: only a look at the object tells.
import { toChecksumHeader } from '../contract/checksum.ts'
import { err, ok, type Result } from '../core/result.ts'
import type { Completion, ObjectStore, StoredPart, StoreFault } from '../ports.ts'
import { codeOf, isRemoval, type StoreAnswer, type StoreCall, toFault } from './s3-call.ts'
import { parseAnswer, textOf, toCompletionBody, toPartsPage, toUploadsPage } from './s3-xml.ts'

/** S3 puts parts together before it answers, for large objects over minutes. */
export const COMPLETION_TIMEOUT_MS = 180_000
/** 10,000 parts at 1000 a page; some servers give smaller pages. */
const MAX_PAGES = 100

export type MultipartCalls = Pick<
  ObjectStore,
  'createMultipart' | 'listParts' | 'completeMultipart' | 'abortMultipart' | 'listUploads'
>

/** Codes that say that the parts named are not those that S3 holds. */
const REFUSALS = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML'])
const CONFLICTS = new Set(['PreconditionFailed', 'ConditionalRequestConflict'])
/** A checksum that was named is not that of the bytes. */
const DIGESTS = new Set(['BadDigest', 'XAmzContentChecksumMismatch'])

/** What a completion or copy has come to, which may fail in the body of a 200. */
export function toCompletion(answer: StoreAnswer): Result<Completion, StoreFault> {
  const code = codeOf(answer)
  // CompleteMultipartUploadResult, CopyObjectResult; a page in a 200 is nobody's word that it is done.
  const isResult = parseAnswer(answer.text)?.name.endsWith('Result') === true
  if (answer.status === 200 && isResult) return ok('done')
  if (isGone(answer)) return ok('gone')
  if (code !== undefined && REFUSALS.has(code)) return ok('refused')
  if (code !== undefined && CONFLICTS.has(code)) return ok('exists')
  return code !== undefined && DIGESTS.has(code) ? ok('corrupt') : err(toFault(answer))
}

/** NoSuchUpload; Ceph says NoSuchKey. That the bucket is missing is another matter. */
function isGone(answer: StoreAnswer): boolean {
  const code = codeOf(answer)
  return answer.status === 404 && (code === 'NoSuchUpload' || code === 'NoSuchKey')
}

export function createMultipartCalls(call: StoreCall): MultipartCalls {
  return {
    async createMultipart(permit, headers) {
      const query = new Map([['uploads', '']])
      const answer = await call(permit, { method: 'POST', query, headers })
      if (!answer.ok) return answer
      const root = answer.value.status === 200 ? parseAnswer(answer.value.text) : null
      const uploadId = root === null ? '' : textOf(root, 'UploadId')
      return uploadId === '' ? err(toFault(answer.value)) : ok(uploadId)
    },
    async listParts(permit, uploadId) {
      const parts: StoredPart[] = []
      let marker: string | null = null
      for (let pages = 0; pages < MAX_PAGES; pages += 1) {
        const query = new Map([
          ['uploadId', uploadId],
          ['max-parts', '1000'],
        ])
        if (marker !== null) query.set('part-number-marker', marker)
        const answer = await call(permit, { method: 'GET', query })
        if (!answer.ok) return answer
        if (isGone(answer.value)) return ok(null)
        const page =
          answer.value.status === 200 ? toPartsPage(parseAnswer(answer.value.text)) : null
        if (page === null) return err(toFault(answer.value))
        parts.push(...page.parts)
        if (page.next === null || page.next === marker) return ok(parts)
        marker = page.next
      }
      return err({ reason: 'status', status: 200, code: 'EndlessList' })
    },
    async completeMultipart(permit, uploadId, parts, { createOnly, checksum }) {
      const headers = new Map([['content-type', 'application/xml']])
      const { conditionalComplete } = permit.bucket.can
      if (createOnly && conditionalComplete) headers.set('if-none-match', '*')
      if (checksum !== undefined) {
        headers.set(toChecksumHeader(checksum.algorithm), checksum.value)
        headers.set('x-amz-checksum-type', 'FULL_OBJECT')
      }
      const answer = await call(permit, {
        method: 'POST',
        query: new Map([['uploadId', uploadId]]),
        headers,
        body: toCompletionBody(parts),
        timeoutMs: COMPLETION_TIMEOUT_MS,
      })
      return answer.ok ? toCompletion(answer.value) : answer
    },
    async abortMultipart(permit, uploadId) {
      const query = new Map([['uploadId', uploadId]])
      const answer = await call(permit, { method: 'DELETE', query })
      if (!answer.ok) return answer
      const isDone = isRemoval(answer.value) || isGone(answer.value)
      return isDone ? ok(null) : err(toFault(answer.value))
    },
    async listUploads(permit, after) {
      const query = new Map([
        ['uploads', ''],
        ['encoding-type', 'url'],
        ['prefix', permit.operation.prefix],
      ])
      if (after !== undefined) {
        query.set('key-marker', after.key)
        query.set('upload-id-marker', after.uploadId)
      }
      const answer = await call(permit, { method: 'GET', query })
      if (!answer.ok) return answer
      const page =
        answer.value.status === 200 ? toUploadsPage(parseAnswer(answer.value.text)) : null
      return page === null ? err(toFault(answer.value)) : ok(page)
    },
  }
}
