// POST /v1/uploads/{id}/parts: signs up to 100 more parts of an upload, or the same again.
import { type PartsAnswer, partsBody } from '../../../contract/upload.ts'
import { sizeOfPart } from '../../../core/upload/plan.ts'
import { type Ticket, toPartCount } from '../../../core/upload/ticket.ts'
import type { FieldError } from '../../../contract/errors.ts'
import type { Ctx } from '../../env.ts'
import { MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { refuse } from '../../problem.ts'
import { resume } from './resume.ts'
import { signWindow } from './window.ts'

type Asked = { readonly partNumber: number; readonly size?: number | undefined }

/** Numbers beyond the upload, named twice, or of another size than the plan's. */
function findFaults(ticket: Ticket, parts: readonly Asked[]): FieldError[] {
  const count = toPartCount(ticket)
  const seen = new Set<number>()
  return parts.flatMap(({ partNumber, size }, index) => {
    const pointer = `/parts/${index}`
    if (partNumber > count)
      return [{ pointer: `${pointer}/partNumber`, detail: `this upload has ${count} parts` }]
    if (seen.has(partNumber))
      return [{ pointer: `${pointer}/partNumber`, detail: 'a part is named twice' }]
    seen.add(partNumber)
    const partSize = ticket.multipart?.partSize ?? ticket.size
    const expected = sizeOfPart(ticket.size, partSize, partNumber)
    if (size !== undefined && size !== expected)
      return [{ pointer: `${pointer}/size`, detail: `this part has ${expected} bytes` }]
    return []
  })
}

export async function signParts(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, partsBody, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const { ticket, isOpen } = upload.value
  const faults = findFaults(ticket, body.value.parts)
  if (faults.length > 0) return refuse(c, { kind: 'shape', errors: faults.slice(0, 20) })
  if (!isOpen) return refuse(c, { kind: 'conflict', detail: 'The time to resume is over.' })
  const numbers = body.value.parts.map(({ partNumber }) => partNumber)
  const parts = await signWindow(c, upload.value, numbers)
  if (!parts.ok) return refuse(c, parts.error)
  const answer: PartsAnswer = { parts: parts.value }
  return c.json(answer)
}
