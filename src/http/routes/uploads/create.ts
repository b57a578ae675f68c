// POST /v1/uploads: plans an upload, opens it at S3 where it has parts, and signs its first window.
import {
  MAX_WINDOW,
  type UploadAnswer,
  uploadBody,
  type UploadBody,
} from '../../../contract/upload.ts'
import type { ObjectKey } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { toMetadataHeaders } from '../../../core/sign/metadata.ts'
import { toTimestamp } from '../../../core/sign/requests.ts'
import { toMaxBytes, toPartCount } from '../../../core/upload/ticket.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { invalid, MAX_BODY_BYTES, readBody } from '../../input.ts'
import { noteSigned, toKey } from '../../middleware/permit.ts'
import { refuse } from '../../problem.ts'
import { type Beginning, beginUpload } from './begin.ts'

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

/** The time of last change as rclone and others keep it: seconds, with a fraction. */
function toMetadata({ metadata, lastModified }: UploadBody): [string, string][] {
  const mtime = lastModified === undefined ? {} : { mtime: String(Date.parse(lastModified) / 1000) }
  return [...toMetadataHeaders(new Map(Object.entries({ ...mtime, ...metadata })))]
}

/** The header of the request, if it has one. */
function toRepeat(c: Ctx, body: UploadBody): Result<Beginning['repeat'], Failure> {
  const key = c.req.header('Idempotency-Key')
  if (key === undefined) return ok(undefined)
  return /^[\x21-\x7e]{1,255}$/.test(key)
    ? ok({ key, body: JSON.stringify(body) })
    : err(invalid('Idempotency-Key', 'expected 1 to 255 visible ASCII characters'))
}

export async function createUpload(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, uploadBody, MAX_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const repeat = toRepeat(c, body.value)
  if (!repeat.ok) return refuse(c, repeat.error)
  const key = toTarget(body.value)
  if (!key.ok) return refuse(c, key.error)
  const { bucket, size, type, overwrite, checksum } = body.value
  const begun = await beginUpload(c, {
    bucket,
    key: key.value,
    size: size ?? 'unknown',
    type,
    overwrite,
    ...(checksum !== undefined && { checksum }),
    metadata: toMetadata(body.value),
    repeat: repeat.value,
  })
  if (!begun.ok) return refuse(c, begun.error)

  const { id, ticket, permit } = begun.value
  const { multipart, resumableUntilSeconds } = ticket
  const partCount = toPartCount(ticket)
  const concurrency = Math.min(partCount, CONCURRENCY)
  // Of an unknown size nobody knows how many parts will come, nor which is the short one.
  const count = Math.min(partCount, size === undefined ? concurrency : MAX_WINDOW)
  const first = Array.from({ length: count }, (_, at) => ({ partNumber: at + 1 }))
  const parts = await signWindow(c.var.deps, begun.value, first)
  if (!parts.ok) return refuse(c, parts.error)
  for (const part of parts.value) noteSigned(c.var.record, part)
  const answer: UploadAnswer = {
    id,
    bucket,
    key: permit.operation.key,
    strategy: multipart === null ? 'put' : 'multipart',
    ...(size !== undefined && { size }),
    partSize: multipart?.partSize ?? toMaxBytes(ticket),
    partCount,
    concurrency,
    expiresAt: parts.value[0]?.expiresAt ?? '',
    resumableUntil: toTimestamp(resumableUntilSeconds),
    parts: parts.value,
  }
  return c.json(answer, 201, { Location: `${c.var.deps.config.publicUrl}/v1/uploads/${id}` })
}
