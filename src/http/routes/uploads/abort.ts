// DELETE /v1/uploads/{id}: drops an upload and its parts; again and again, but never a completed object.
import { ok } from '../../../core/result.ts'
import { dropUpload } from '../../../core/upload/drop.ts'
import { toTools } from '../../middleware/quota.ts'
import { refusing } from '../../problem.ts'
import { type Resume, resume } from './resume.ts'

export const abortBy = (find: Resume) =>
  refusing(async (c) => {
    const upload = await find(c)
    if (!upload.ok) return upload
    const dropped = await dropUpload(toTools(c), upload.value)
    return dropped.ok ? ok(c.body(null, 204)) : dropped
  })

export const abortUpload = abortBy((c) => resume(c, undefined, false))
