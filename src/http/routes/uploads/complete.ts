// POST /v1/uploads/{id}/complete, and …/complete for many: the verified object, or what is wrong with it; the same answer again.
import type * as v from 'valibot'
import {
  type CompleteAnswer,
  completeBatch,
  completeBody,
  completeItem,
} from '../../../contract/upload.ts'
import { ok, type Result } from '../../../core/result.ts'
import type { Claim } from '../../../core/upload/assemble.ts'
import { finishUpload } from '../../../core/upload/finish.ts'
import type { Upload } from '../../../core/upload/upload.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { checkShape, MAX_LIST_BODY_BYTES, readBody } from '../../input.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse, refusing } from '../../problem.ts'
import { runBatch } from './batch.ts'
import { reportCompleted } from './report.ts'
import { findUpload, type Resume, resume } from './resume.ts'

/** Finishes an upload, and reports it: every route that completes one does it here. */
export async function complete(
  c: Ctx,
  upload: Upload,
  claim: Claim,
): Promise<Result<CompleteAnswer, Failure>> {
  const { ticket, permit } = upload
  const { checksum: named } = claim
  const finished = await finishUpload(toTools(c), upload, claim)
  if (!finished.ok) return finished
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
  return ok(await reportCompleted(c, answer, ticket.nonce))
}

/** What the client says of it, ETags without quotes. */
function toClaim({ parts, checksum }: v.InferOutput<typeof completeBody>): Claim {
  const bare = parts?.map(({ partNumber, etag }) => ({
    partNumber,
    etag: etag.replaceAll('"', ''),
  }))
  return { parts: bare, checksum }
}

export const completeBy = (find: Resume) =>
  refusing(async (c) => {
    const body = await readBody(c.req.raw, completeBody, MAX_LIST_BODY_BYTES)
    if (!body.ok) return body
    const upload = await find(c)
    if (!upload.ok) return upload
    const completed = await complete(c, upload.value, toClaim(body.value))
    return completed.ok ? ok(c.json(completed.value)) : completed
  })

export const completeUpload = completeBy(resume)

/** Many small files cost one call. */
export async function completeUploads(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, completeBatch, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  return runBatch(c, body.value.requests, {
    async prepare(input, at) {
      const item = checkShape(completeItem, input, `/requests/${at}`)
      if (!item.ok) return item
      const upload = await findUpload(c, item.value.id)
      return upload.ok ? ok({ upload: upload.value, claim: toClaim(item.value) }) : upload
    },
    bucketOf: ({ upload }) => upload.ticket.bucket,
    run: ({ upload, claim }) => complete(c, upload, claim),
    answer: async (_, answer) => ok({ status: 200, ...answer }),
  })
}
