// Tells whether an upload is open, complete or gone, and which parts have arrived.
import type { UploadState } from '../../contract/upload.ts'
import { err, ok, type Result } from '../result.ts'
import {
  look,
  toArrival,
  toUnsupported,
  type Upload,
  type UploadFault,
  type UploadTools,
} from './upload.ts'
import { judgeStored } from './verify.ts'

type Progress = Pick<UploadState, 'state' | 'parts'>

/** A finished upload has left its object; only its nonce tells that it is this one's. */
async function readFinished(
  tools: UploadTools,
  upload: Upload,
): Promise<Result<Progress, UploadFault>> {
  const { ticket, permit, isOpen } = upload
  const stored = await look(tools, permit)
  if (!stored.ok) return stored
  const verdict = judgeStored(ticket, stored.value)
  const isPut = ticket.multipart === null
  // Which parts it was made of S3 tells no more; a PUT was one.
  const toParts = ({ size, etag }: { size: number; etag: string }) =>
    isPut ? [{ partNumber: 1, size, etag }] : []
  if (verdict.kind === 'complete') return ok({ state: 'complete', parts: toParts(verdict.object) })
  if (!isOpen || (verdict.kind !== 'absent' && ticket.staged === undefined))
    return ok({ state: 'gone', parts: [] })
  if (ticket.staged === undefined) return ok({ state: isPut ? 'open' : 'gone', parts: [] })
  // Arrived, but not published yet.
  const arrived = await look(tools, toArrival(upload))
  if (!arrived.ok) return arrived
  const parts = arrived.value === null ? [] : toParts(arrived.value)
  return ok({ state: isPut || arrived.value !== null ? 'open' : 'gone', parts })
}

export async function readProgress(
  tools: UploadTools,
  upload: Upload,
): Promise<Result<Progress, UploadFault>> {
  const { ticket, permit, isOpen } = upload
  if (ticket.multipart === null) return readFinished(tools, upload)
  if (!permit.bucket.can.listParts)
    return err(
      toUnsupported(
        'This storage cannot list parts: keep their ETags and name them to complete the upload.',
      ),
    )
  const listed = await tools.store.listParts(toArrival(upload), ticket.multipart.uploadId)
  if (!listed.ok) return err({ kind: 'store', fault: listed.error })
  if (listed.value === null || !isOpen) return readFinished(tools, upload)
  return ok({ state: 'open', parts: [...listed.value] })
}
