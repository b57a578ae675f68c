// Multipart uploads in S3: create, list parts, complete, abort.
// An upload id is gone for good once completed or aborted; S3 then says NoSuchUpload. A completion whose answer
// was lost may have happened: only a look at the object tells.
import { err, ok } from '../core/result.ts'
import type { ObjectStore, StoredPart } from '../ports.ts'
import { codeOf, type StoreAnswer, type StoreCall, toFault } from './s3-call.ts'
import { parseAnswer, textOf, toCompletionBody, toPartsPage } from './s3-xml.ts'

/** S3 puts parts together before it answers, for large objects over minutes. */
const COMPLETION_TIMEOUT_MS = 180_000
/** 10,000 parts at 1000 a page; some servers give smaller pages. */
const MAX_PAGES = 100

type MultipartCalls = Pick<
  ObjectStore,
  'createMultipart' | 'listParts' | 'completeMultipart' | 'abortMultipart'
>

/** Codes that say that the parts named are not those that S3 holds. */
const REFUSALS = new Set(['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'MalformedXML'])
const CONFLICTS = new Set(['PreconditionFailed', 'ConditionalRequestConflict'])

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
    async completeMultipart(permit, uploadId, parts, createOnly) {
      const headers = new Map([['content-type', 'application/xml']])
      const { conditionalComplete } = permit.bucket.can
      if (createOnly && conditionalComplete) headers.set('if-none-match', '*')
      const answer = await call(permit, {
        method: 'POST',
        query: new Map([['uploadId', uploadId]]),
        headers,
        body: toCompletionBody(parts),
        timeoutMs: COMPLETION_TIMEOUT_MS,
      })
      if (!answer.ok) return answer
      const code = codeOf(answer.value)
      if (answer.value.status === 200 && code === undefined) return ok('done')
      if (isGone(answer.value)) return ok('gone')
      if (code !== undefined && REFUSALS.has(code)) return ok('refused')
      if (code !== undefined && CONFLICTS.has(code)) return ok('exists')
      return err(toFault(answer.value))
    },
    async abortMultipart(permit, uploadId) {
      const query = new Map([['uploadId', uploadId]])
      const answer = await call(permit, { method: 'DELETE', query })
      if (!answer.ok) return answer
      const isDone = answer.value.status < 300 || isGone(answer.value)
      return isDone ? ok(null) : err(toFault(answer.value))
    },
  }
}
