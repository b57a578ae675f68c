// POST /v1/uploads/{id}/parts: signs up to 100 more parts of an upload, or the same again.
import { type PartsAnswer, partsBody } from '../../../contract/upload.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { Ctx } from '../../env.ts'
import { MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { noteSigned } from '../../middleware/permit.ts'
import { refuse } from '../../problem.ts'
import { resume } from './resume.ts'

export async function signParts(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, partsBody, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const parts = await signWindow(c.var.deps, upload.value, body.value.parts)
  if (!parts.ok) return refuse(c, parts.error)
  for (const part of parts.value) noteSigned(c.var.record, part)
  const answer: PartsAnswer = { parts: parts.value }
  return c.json(answer)
}
