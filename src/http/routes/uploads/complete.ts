// POST /v1/uploads/{id}/complete: the verified object, or what is wrong with it; the same answer again and again.
import { type CompleteAnswer, completeBody } from '../../../contract/upload.ts'
import { finishUpload } from '../../../core/upload/finish.ts'
import type { Ctx } from '../../env.ts'
import { MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { reportCompleted } from './report.ts'
import { resume } from './resume.ts'

export async function completeUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, completeBody, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const { ticket, permit } = upload.value
  const parts = body.value.parts?.map(({ partNumber, etag }) => ({
    partNumber,
    etag: etag.replaceAll('"', ''),
  }))
  const { checksum: named } = body.value
  const finished = await finishUpload(toTools(c), upload.value, { parts, checksum: named })
  if (!finished.ok) return refuse(c, finished.error)
  const { size, etag, versionId, checksums } = finished.value
  const wanted = named?.algorithm ?? ticket.checksum?.algorithm
  const checksum = checksums.find(({ algorithm }) => algorithm === wanted) ?? checksums[0]
  const answer: CompleteAnswer = {
    bucket: ticket.bucket,
    key: permit.operation.key,
    size,
    etag,
    ...(versionId !== undefined && { versionId }),
    ...(checksum !== undefined && { checksum }),
  }
  return c.json(await reportCompleted(c, answer, ticket.nonce))
}
