// DELETE /v1/uploads/{id}: drops an upload and its parts; again and again, but never a completed object.
import { judgeStored } from '../../../core/upload/verify.ts'
import type { Ctx } from '../../env.ts'
import { releaseBytes } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { look, resume } from './resume.ts'

export async function abortUpload(c: Ctx): Promise<Response> {
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const { ticket, permit } = upload.value
  if (ticket.multipart !== null) {
    const aborted = await c.var.deps.store.abortMultipart(permit, ticket.multipart.uploadId)
    if (!aborted.ok) return refuse(c, { kind: 'store', fault: aborted.error })
  }
  // Looked at last: a completion on its way either came first or finds the upload gone.
  const stored = await look(c, permit)
  if (!stored.ok) return refuse(c, stored.error)
  const verdict = judgeStored(ticket, stored.value)
  if (verdict.kind === 'complete' || verdict.kind === 'mismatch') {
    const detail = 'The upload is complete: delete the object instead.'
    return refuse(c, { kind: 'conflict', detail })
  }
  releaseBytes(c, ticket)
  return c.body(null, 204)
}
