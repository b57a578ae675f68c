// Drops an upload and all that has arrived of it; again and again, but never a completed object.
import type { Result } from '../result.ts'
import { err, ok } from '../result.ts'
import { clearStaged } from './clear.ts'
import {
  look,
  toArrival,
  toConflict,
  type Upload,
  type UploadFault,
  type UploadTools,
} from './upload.ts'
import { judgeStored } from './verify.ts'

export async function dropUpload(
  tools: UploadTools,
  upload: Upload,
): Promise<Result<null, UploadFault>> {
  const { ticket, permit } = upload
  if (ticket.multipart !== null) {
    const { uploadId } = ticket.multipart
    const aborted = await tools.store.abortMultipart(toArrival(upload), uploadId)
    if (!aborted.ok) return err({ kind: 'store', fault: aborted.error })
  }
  // Looked at last: a completion on its way either came first or finds the upload gone.
  const stored = await look(tools, permit)
  if (!stored.ok) return stored
  const { kind } = judgeStored(ticket, stored.value)
  if (kind === 'complete' || kind === 'mismatch')
    return err(toConflict('The upload is complete: delete the object instead.'))
  await tools.count.release(ticket)
  if (ticket.staged === undefined) return ok(null)
  const removed = await clearStaged(tools.store, toArrival(upload))
  return removed.ok ? ok(null) : err({ kind: 'store', fault: removed.error })
}
