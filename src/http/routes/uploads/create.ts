// POST /v1/uploads: plans an upload, opens it at S3 where it has parts, and signs its first window.
import {
  MAX_WINDOW,
  type UploadAnswer,
  uploadBody,
  type UploadBody,
} from '../../../contract/upload.ts'
import { toBase64Url } from '../../../core/base64url.ts'
import type { ObjectKey } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { SEAL_NONCE_BYTES } from '../../../core/seal.ts'
import { toTimestamp } from '../../../core/sign/requests.ts'
import { MAX_PART_COUNT, type Plan, planUpload } from '../../../core/upload/plan.ts'
import { NONCE_HEADER, sealTicket, type Ticket } from '../../../core/upload/ticket.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { invalid, MAX_BODY_BYTES, readBody } from '../../input.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { authorise, toKey } from '../../middleware/permit.ts'
import { hasByteQuota, holdBytes, releaseBytes } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { look, type UploadPermit } from './resume.ts'
import { signWindow } from './window.ts'

/** How long an upload can be gone on with and completed; its URLs live shorter. */
const RESUMABLE_SECONDS = 7 * 86_400
/** Parts that a client does well to send at a time. */
const CONCURRENCY = 4

function toTarget(body: UploadBody): Result<ObjectKey, Failure> {
  if (body.key !== undefined) return toKey(body.key, '/key')
  const filename = body.filename ?? ''
  if (filename.includes('/')) return err(invalid('/filename', 'a file name holds no "/"'))
  const prefix = body.prefix ?? ''
  if (prefix !== '' && !prefix.endsWith('/'))
    return err(invalid('/prefix', 'a prefix ends with "/"'))
  return toKey(prefix + filename, '/filename')
}

/** The ticket of a planned upload; one with parts is opened at S3, so that it has an id there. */
async function open(
  c: Ctx,
  permit: UploadPermit,
  plan: Plan,
  overwrite: boolean,
): Promise<Result<Ticket, Failure>> {
  const { random, clock, store } = c.var.deps
  const { bucket, key, size, type } = permit.operation
  const nonce = toBase64Url(random.bytes(16))
  const createdAtSeconds = Math.floor(clock.now() / 1000)
  const resumableUntilSeconds = createdAtSeconds + RESUMABLE_SECONDS
  const counted = { nonce, bucket, size, resumableUntilSeconds }
  const full = await holdBytes(c, counted)
  if (full !== null) return err(full)
  let multipart: Ticket['multipart'] = null
  if (plan.strategy === 'multipart') {
    const headers = new Map([
      ['content-type', type],
      [NONCE_HEADER, nonce],
    ])
    const uploadId = await store.createMultipart(permit, headers)
    if (!uploadId.ok) {
      releaseBytes(c, counted)
      return err({ kind: 'store', fault: uploadId.error })
    }
    multipart = { uploadId: uploadId.value, partSize: plan.partSize }
  }
  return ok({
    issuer: c.var.session.issuer,
    subject: c.var.session.subject,
    bucket,
    key,
    size,
    type,
    overwrite,
    multipart,
    nonce,
    createdAtSeconds,
    resumableUntilSeconds,
  })
}

/** What stands in the way of an upload that is allowed: its size, its limits, an object of the key. */
async function judgeRoom(
  c: Ctx,
  permit: UploadPermit,
  plan: Plan,
  overwrite: boolean,
): Promise<Failure | null> {
  const { operation, bucket } = permit
  if (operation.size > bucket.can.maxObjectBytes || plan.partCount > MAX_PART_COUNT) {
    const detail = `This storage takes at most ${bucket.can.maxObjectBytes} bytes in one object.`
    return { kind: 'object_too_large', detail }
  }
  const limited = await limitBySubject(c, 'upload', operation.bucket)
  if (limited !== null || overwrite) return limited
  // Early and friendly: the conditional PUT, or completion, decides for good.
  const existing = await look(c, permit)
  if (!existing.ok) return existing.error
  return existing.value && { kind: 'conflict', detail: 'An object of this key exists.' }
}

export async function createUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, uploadBody, MAX_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const key = toTarget(body.value)
  if (!key.ok) return refuse(c, key.error)
  const { bucket, size, type, overwrite } = body.value
  const permit = authorise(c, {
    action: 'upload',
    bucket,
    key: key.value,
    size,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return refuse(c, permit.error)
  // Under a byte quota in parts as well: their URLs make no object, only a completion that is counted does.
  const plan = planUpload(size, overwrite || hasByteQuota(c), permit.value.bucket.can)
  const obstacle = await judgeRoom(c, permit.value, plan, overwrite)
  if (obstacle !== null) return refuse(c, obstacle)

  const ticket = await open(c, permit.value, plan, overwrite)
  if (!ticket.ok) return refuse(c, ticket.error)
  const first = Array.from({ length: Math.min(plan.partCount, MAX_WINDOW) }, (_, at) => at + 1)
  const parts = await signWindow(c, { ticket: ticket.value, permit: permit.value }, first)
  if (!parts.ok) return refuse(c, parts.error)
  const { config, random } = c.var.deps
  const id = await sealTicket(config.sealingKeys, ticket.value, random.bytes(SEAL_NONCE_BYTES))
  const answer: UploadAnswer = {
    id,
    bucket,
    key: permit.value.operation.key,
    size,
    ...plan,
    concurrency: Math.min(plan.partCount, CONCURRENCY),
    expiresAt: parts.value[0]?.expiresAt ?? '',
    resumableUntil: toTimestamp(ticket.value.resumableUntilSeconds),
    parts: parts.value,
  }
  return c.json(answer, 201, { Location: `${config.publicUrl}/v1/uploads/${id}` })
}
