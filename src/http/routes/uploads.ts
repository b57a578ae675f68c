// /v1/uploads: opens an upload, completes it after looking at what S3 holds, aborts it.
import {
  completeBody,
  type CompleteAnswer,
  type UploadAnswer,
  uploadBody,
  type UploadBody,
} from '../../contract/upload.ts'
import { toBase64Url } from '../../core/base64url.ts'
import type { Operation, Permit } from '../../core/policy/decide.ts'
import type { ObjectKey } from '../../core/policy/key.ts'
import { err, ok, type Result } from '../../core/result.ts'
import { SEAL_NONCE_BYTES } from '../../core/seal.ts'
import { MAX_PUT_BYTES, signPut, toTimestamp } from '../../core/sign/requests.ts'
import { NONCE_HEADER, openTicket, sealTicket, type Ticket } from '../../core/upload/ticket.ts'
import { judgeStored } from '../../core/upload/verify.ts'
import type { Ctx } from '../env.ts'
import type { Failure } from '../failure.ts'
import { invalid, MAX_BODY_BYTES, MAX_LIST_BODY_BYTES, readBody } from '../input.ts'
import { limitBySubject } from '../middleware/limit.ts'
import { authorise, toKey } from '../middleware/permit.ts'
import { refuse } from '../problem.ts'

/** How long an upload can be completed; its URLs live shorter. */
const RESUMABLE_SECONDS = 86_400

type UploadPermit = Permit<Extract<Operation, { action: 'upload' | 'write' }>>

function toTarget(body: UploadBody): Result<ObjectKey, Failure> {
  if (body.key !== undefined) return toKey(body.key, '/key')
  const filename = body.filename ?? ''
  if (filename.includes('/')) return err(invalid('/filename', 'a file name holds no "/"'))
  const prefix = body.prefix ?? ''
  if (prefix !== '' && !prefix.endsWith('/'))
    return err(invalid('/prefix', 'a prefix ends with "/"'))
  return toKey(prefix + filename, '/filename')
}

function newTicket(c: Ctx, permit: UploadPermit, overwrite: boolean): Ticket {
  const { random, clock } = c.var.deps
  const { bucket, key, size, type } = permit.operation
  const createdAtSeconds = Math.floor(clock.now() / 1000)
  return {
    issuer: c.var.session.issuer,
    subject: c.var.session.subject,
    bucket,
    key,
    size,
    type,
    overwrite,
    nonce: toBase64Url(random.bytes(16)),
    createdAtSeconds,
    resumableUntilSeconds: createdAtSeconds + RESUMABLE_SECONDS,
  }
}

/** Opens the upload that the path names, if it is this caller's and he still may write there. */
async function resume(
  c: Ctx,
  id: string,
): Promise<Result<{ ticket: Ticket; permit: UploadPermit }, Failure>> {
  const { config } = c.var.deps
  const { session } = c.var
  const ticket = await openTicket(config.sealingKeys, id)
  if (ticket === null)
    return err({ kind: 'unknown_upload', reason: 'not a ticket of this gateway' })
  // A ticket is no bearer credential: whoever finds one in a log can do nothing with it.
  if (ticket.issuer !== session.issuer || ticket.subject !== session.subject) {
    return err({ kind: 'unknown_upload', reason: 'ticket of another subject' })
  }
  const key = toKey(ticket.key, '/id')
  if (!key.ok) return key
  const { bucket, size, type, overwrite } = ticket
  const permit = authorise(c, {
    action: 'upload',
    bucket,
    key: key.value,
    size,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return permit
  return ok({ ticket, permit: permit.value })
}

export async function createUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, uploadBody, MAX_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const key = toTarget(body.value)
  if (!key.ok) return refuse(c, key.error)
  const { bucket, size, type, overwrite } = body.value
  const operation = {
    action: 'upload',
    bucket,
    key: key.value,
    size,
    type,
    options: overwrite ? (['overwrite'] as const) : [],
  } as const
  const permit = authorise(c, operation)
  if (!permit.ok) return refuse(c, permit.error)
  if (size > MAX_PUT_BYTES)
    return refuse(c, { kind: 'object_too_large', detail: 'S3 takes at most 5 GiB in one PUT.' })
  const limited = await limitBySubject(c, 'upload', bucket)
  if (limited !== null) return refuse(c, limited)

  const { store, config, random, signingKeys, clock } = c.var.deps
  if (!overwrite) {
    const existing = await store.head(permit.value)
    // 403 is S3's answer for what does not exist, where the key may not list; the PUT itself is conditional.
    const isUnknown =
      !existing.ok && existing.error.reason === 'status' && existing.error.status === 403
    if (!existing.ok && !isUnknown) return refuse(c, { kind: 'store', fault: existing.error })
    if (existing.ok && existing.value !== null)
      return refuse(c, { kind: 'conflict', detail: 'An object of this key exists.' })
  }
  const ticket = newTicket(c, permit.value, overwrite)
  const signed = await signPut(
    permit.value,
    new Map([[NONCE_HEADER, ticket.nonce]]),
    overwrite,
    undefined,
    {
      keys: signingKeys,
      nowMs: clock.now(),
    },
  )
  if (!signed.ok) return refuse(c, { kind: 'sign', fault: signed.error })
  const id = await sealTicket(config.sealingKeys, ticket, random.bytes(SEAL_NONCE_BYTES))
  c.var.record.expiresAt = signed.value.expiresAt
  const answer: UploadAnswer = {
    id,
    bucket,
    key: permit.value.operation.key,
    strategy: 'put',
    size,
    partSize: size,
    partCount: 1,
    concurrency: 1,
    expiresAt: signed.value.expiresAt,
    resumableUntil: toTimestamp(ticket.resumableUntilSeconds),
    parts: [{ partNumber: 1, size, ...signed.value }],
  }
  return c.json(answer, 201, { Location: `${config.publicUrl}/v1/uploads/${id}` })
}

export async function completeUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, completeBody, MAX_LIST_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c, c.req.param('id') ?? '')
  if (!upload.ok) return refuse(c, upload.error)
  const { ticket, permit } = upload.value
  const limited = await limitBySubject(c, 'upload', ticket.bucket)
  if (limited !== null) return refuse(c, limited)
  const { store } = c.var.deps
  const stored = await store.head(permit)
  if (!stored.ok) return refuse(c, { kind: 'store', fault: stored.error })
  const verdict = judgeStored(ticket, stored.value)
  switch (verdict.kind) {
    case 'absent':
      return refuse(c, { kind: 'conflict', detail: 'Nothing has been uploaded yet.' })
    case 'foreign':
      return refuse(c, { kind: 'conflict', detail: 'Another object stands under this key.' })
    case 'mismatch': {
      const removed = await store.remove(permit, verdict.object.versionId)
      return refuse(
        c,
        removed.ok ? { kind: 'mismatch', of: verdict.of } : { kind: 'store', fault: removed.error },
      )
    }
    case 'complete': {
      const { size, etag, versionId } = verdict.object
      const answer: CompleteAnswer = {
        bucket: ticket.bucket,
        key: permit.operation.key,
        size,
        etag,
        ...(versionId !== undefined && { versionId }),
      }
      return c.json(answer)
    }
  }
}
