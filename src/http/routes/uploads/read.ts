// GET /v1/uploads/{id}: whether an upload is open, complete or gone, and which parts have arrived.
import type { UploadState } from '../../../contract/upload.ts'
import { ok } from '../../../core/result.ts'
import { readProgress } from '../../../core/upload/progress.ts'
import { toTools } from '../../middleware/quota.ts'
import { refusing } from '../../problem.ts'
import { type Resume, resume } from './resume.ts'

export const readBy = (find: Resume) =>
  refusing(async (c) => {
    const upload = await find(c)
    if (!upload.ok) return upload
    const progress = await readProgress(toTools(c), upload.value)
    if (!progress.ok) return progress
    const { size, multipart } = upload.value.ticket
    const { state, parts } = progress.value
    const answer: UploadState = {
      state,
      ...(size !== null && { size }),
      partSize: multipart?.partSize ?? size ?? 0,
      parts,
    }
    return ok(c.json(answer))
  })

export const readUpload = readBy((c) => resume(c, undefined, false))
