// GET /v1/uploads/{id}: whether an upload is open, complete or gone, and which parts have arrived.
import type { UploadState } from '../../../contract/upload.ts'
import { ok, type Result } from '../../../core/result.ts'
import { judgeStored } from '../../../core/upload/verify.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { refuse } from '../../problem.ts'
import { look, resume, type Upload } from './resume.ts'

type Progress = Pick<UploadState, 'state' | 'parts'>

/** A finished upload has left its object; only its nonce tells that it is this one's. */
async function readFinished(c: Ctx, upload: Upload): Promise<Result<Progress, Failure>> {
  const { ticket, permit, isOpen } = upload
  const stored = await look(c, permit)
  if (!stored.ok) return stored
  const verdict = judgeStored(ticket, stored.value)
  if (verdict.kind === 'complete') {
    const { size, etag } = verdict.object
    // Which parts it was made of S3 tells no more; a PUT was one.
    const parts = ticket.multipart === null ? [{ partNumber: 1, size, etag }] : []
    return ok({ state: 'complete', parts })
  }
  const isOpenPut = ticket.multipart === null && verdict.kind === 'absent' && isOpen
  return ok({ state: isOpenPut ? 'open' : 'gone', parts: [] })
}

async function readProgress(c: Ctx, upload: Upload): Promise<Result<Progress, Failure>> {
  const { ticket, permit, isOpen } = upload
  if (ticket.multipart === null) return readFinished(c, upload)
  if (!permit.bucket.can.listParts) {
    const detail =
      'This storage cannot list parts: keep their ETags and name them to complete the upload.'
    return { ok: false, error: { kind: 'sign', fault: { reason: 'unsupported', detail } } }
  }
  const listed = await c.var.deps.store.listParts(permit, ticket.multipart.uploadId)
  if (!listed.ok) return { ok: false, error: { kind: 'store', fault: listed.error } }
  if (listed.value === null || !isOpen) return readFinished(c, upload)
  return ok({ state: 'open', parts: [...listed.value] })
}

export async function readUpload(c: Ctx): Promise<Response> {
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const progress = await readProgress(c, upload.value)
  if (!progress.ok) return refuse(c, progress.error)
  const { size, multipart } = upload.value.ticket
  const { state, parts } = progress.value
  const answer: UploadState = { state, size, partSize: multipart?.partSize ?? size, parts }
  return c.json(answer)
}
