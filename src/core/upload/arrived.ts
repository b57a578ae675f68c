// What has arrived of an upload, for clients that ask before they go on, and may then complete it once more.
import { ok, type Result } from '../result.ts'
import { readProgress } from './progress.ts'
import { toPartCount } from './ticket.ts'
import { look, type Upload, type UploadFault, type UploadTools } from './upload.ts'
import { judgeStored } from './verify.ts'

/** A part; its size where S3 still tells it, its ETag without quotes. */
export interface Arrived {
  readonly partNumber: number
  readonly etag: string
  readonly size?: number
}

/**
 * The parts, or null for an upload that is gone. Of a completed one all parts are there, each with the object's
 * ETag: a client that lost the answer sends none of them again, completes, and is answered the same. Where the
 * storage cannot list, none are known: they are sent again.
 */
export async function listArrived(
  tools: UploadTools,
  upload: Upload,
): Promise<Result<readonly Arrived[] | null, UploadFault>> {
  const { ticket, permit } = upload
  if (permit.bucket.can.listParts) {
    const progress = await readProgress(tools, upload)
    if (!progress.ok) return progress
    const { state, parts } = progress.value
    if (state !== 'complete') return ok(state === 'open' ? parts : null)
  }
  const stored = await look(tools, permit)
  if (!stored.ok) return stored
  const verdict = judgeStored(ticket, stored.value)
  if (verdict.kind !== 'complete') return ok([])
  const { etag } = verdict.object
  // S3 ends the ETag of what was put together with the number of its parts.
  const length = Number(/-(\d+)$/.exec(etag)?.[1] ?? toPartCount(ticket))
  return ok(Array.from({ length }, (_, at) => ({ partNumber: at + 1, etag })))
}
