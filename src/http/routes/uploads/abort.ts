// DELETE /v1/uploads/{id}: drops an upload and its parts; again and again, but never a completed object.
import { dropUpload } from '../../../core/upload/drop.ts'
import type { Ctx } from '../../env.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { resume } from './resume.ts'

export async function abortUpload(c: Ctx): Promise<Response> {
  const upload = await resume(c, undefined, false)
  if (!upload.ok) return refuse(c, upload.error)
  const dropped = await dropUpload(toTools(c), upload.value)
  return dropped.ok ? c.body(null, 204) : refuse(c, dropped.error)
}
