// POST /v1/uploads/{id}/parts: signs up to 100 more parts of an upload, or the same again.
import { type PartsAnswer, partsBody } from '../../../contract/upload.ts'
import { ok } from '../../../core/result.ts'
import { signWindow } from '../../../core/upload/window.ts'
import { MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { noteSigned } from '../../middleware/permit.ts'
import { refusing } from '../../problem.ts'
import { type Resume, resume } from './resume.ts'

export const signPartsBy = (find: Resume) =>
  refusing(async (c) => {
    const body = await readBody(c.req.raw, partsBody, MAX_LIST_BODY_BYTES)
    if (!body.ok) return body
    const upload = await find(c)
    if (!upload.ok) return upload
    const parts = await signWindow(c.var.deps, upload.value, body.value.parts)
    if (!parts.ok) return parts
    for (const part of parts.value) noteSigned(c.var.record, part)
    const answer: PartsAnswer = { parts: parts.value }
    return ok(c.json(answer))
  })

export const signParts = signPartsBy(resume)
