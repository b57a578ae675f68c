// GET /v1/uploads/{id}: whether an upload is open, complete or gone, and which parts have arrived.
import type { UploadState } from '../../../contract/upload.ts'
import { readProgress } from '../../../core/upload/progress.ts'
import type { Ctx } from '../../env.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { resume } from './resume.ts'

export async function readUpload(c: Ctx): Promise<Response> {
  const upload = await resume(c, undefined, false)
  if (!upload.ok) return refuse(c, upload.error)
  const progress = await readProgress(toTools(c), upload.value)
  if (!progress.ok) return refuse(c, progress.error)
  const { size, multipart } = upload.value.ticket
  const { state, parts } = progress.value
  const answer: UploadState = {
    state,
    ...(size !== null && { size }),
    partSize: multipart?.partSize ?? size ?? 0,
    parts,
  }
  return c.json(answer)
}
