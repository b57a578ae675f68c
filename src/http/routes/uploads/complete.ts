// POST /v1/uploads/{id}/complete: puts the parts together, then looks at what S3 holds; the same answer again and again.
import { type CompleteAnswer, completeBody } from '../../../contract/upload.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import {
  judgeListedParts,
  judgeNamedParts,
  type NamedPart,
  type PartsVerdict,
} from '../../../core/upload/parts.ts'
import { judgeStored, type Verdict } from '../../../core/upload/verify.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { invalid, MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { releaseBytes, settleBytes } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { reportCompleted } from './report.ts'
import { look, resume, type Upload } from './resume.ts'

const GONE = 'The upload was aborted, has expired, or its object has been replaced.'

function toFailure(verdict: Exclude<PartsVerdict, { kind: 'ready' }>): Failure {
  const { kind, partNumbers } = verdict
  return kind === 'wrong_size'
    ? { kind: 'part_mismatch', partNumbers }
    : { kind: 'parts_conflict', of: kind, partNumbers }
}

/** The parts to put together; null when S3 knows the upload no more. */
async function collectParts(
  c: Ctx,
  { ticket, permit }: Upload,
  uploadId: string,
  named: readonly NamedPart[] | undefined,
): Promise<Result<readonly NamedPart[] | null, Failure>> {
  let verdict: PartsVerdict
  if (permit.bucket.can.listParts) {
    const listed = await c.var.deps.store.listParts(permit, uploadId)
    if (!listed.ok) return err({ kind: 'store', fault: listed.error })
    if (listed.value === null) return ok(null)
    verdict = judgeListedParts(ticket, listed.value, named ?? [])
  } else {
    if (named === undefined)
      return err(invalid('/parts', 'required: this storage cannot list what has arrived'))
    verdict = judgeNamedParts(ticket, named)
  }
  return verdict.kind === 'ready' ? ok(verdict.parts) : err(toFailure(verdict))
}

/** Puts the parts together; null when the object may stand now, for good or from an earlier call. */
async function finish(
  c: Ctx,
  upload: Upload,
  uploadId: string,
  named: readonly NamedPart[] | undefined,
): Promise<Failure | null> {
  const parts = await collectParts(c, upload, uploadId, named)
  if (!parts.ok) return parts.error
  if (parts.value === null) return null
  const { ticket, permit } = upload
  const { store } = c.var.deps
  const uncounted = await settleBytes(c, ticket)
  if (uncounted !== null) return uncounted
  const done = await store.completeMultipart(permit, uploadId, parts.value, !ticket.overwrite)
  // Without an answer it may have happened all the same: the object tells.
  if (!done.ok) {
    const stored = await look(c, permit)
    const isOurs = stored.ok && stored.value?.uploadNonce === ticket.nonce
    return isOurs ? null : { kind: 'store', fault: done.error }
  }
  switch (done.value) {
    case 'done':
    case 'gone':
      return null
    case 'exists':
      return { kind: 'conflict', detail: 'Another object stands under this key.' }
    case 'refused':
      return { kind: 'conflict', detail: 'The storage does not hold the parts that were named.' }
  }
}

/** What stands under the key, after putting the parts together unless that has happened before. */
async function settle(
  c: Ctx,
  upload: Upload,
  named: readonly NamedPart[] | undefined,
): Promise<Result<Verdict, Failure>> {
  const { ticket, permit, isOpen } = upload
  const before = await look(c, permit)
  if (!before.ok) return before
  const verdict = judgeStored(ticket, before.value)
  const isFree = verdict.kind === 'absent' || (verdict.kind === 'foreign' && ticket.overwrite)
  if (ticket.multipart === null || !isFree) return ok(verdict)
  if (!isOpen) return err({ kind: 'conflict', detail: 'The time to resume is over.' })
  const failure = await finish(c, upload, ticket.multipart.uploadId, named)
  if (failure !== null) return err(failure)
  const after = await look(c, permit)
  return after.ok ? ok(judgeStored(ticket, after.value)) : after
}

export async function completeUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, completeBody, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const { ticket, permit } = upload.value
  const named = body.value.parts?.map(({ partNumber, etag }) => ({
    partNumber,
    etag: etag.replaceAll('"', ''),
  }))
  const verdict = await settle(c, upload.value, named)
  if (!verdict.ok) return refuse(c, verdict.error)
  switch (verdict.value.kind) {
    case 'absent':
      return refuse(c, {
        kind: 'conflict',
        detail: ticket.multipart === null ? 'Nothing has been uploaded yet.' : GONE,
      })
    case 'foreign':
      return refuse(c, {
        kind: 'conflict',
        detail: ticket.overwrite ? GONE : 'Another object stands under this key.',
      })
    case 'mismatch': {
      const { object, of } = verdict.value
      const removed = await c.var.deps.store.remove(permit, object.versionId)
      if (removed.ok) releaseBytes(c, ticket)
      return refuse(
        c,
        removed.ok ? { kind: 'mismatch', of } : { kind: 'store', fault: removed.error },
      )
    }
    case 'complete': {
      const { size, etag, versionId } = verdict.value.object
      const answer: CompleteAnswer = {
        bucket: ticket.bucket,
        key: permit.operation.key,
        size,
        etag,
        ...(versionId !== undefined && { versionId }),
      }
      return c.json(await reportCompleted(c, answer, ticket.nonce))
    }
  }
}
