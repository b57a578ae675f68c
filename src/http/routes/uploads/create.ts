// POST /v1/uploads: plans an upload, or many, opens those with parts at S3, and signs their first windows.
import {
  MAX_WINDOW,
  type UploadAnswer,
  uploadBatch,
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
import { checkShape, invalid, MAX_LIST_BODY_BYTES, readJson } from '../../input.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { noteSigned, toKey } from '../../middleware/permit.ts'
import { refuse } from '../../problem.ts'
import { runBatch } from './batch.ts'
import { type Begun, prepareUpload, type Repeat } from './begin.ts'

/** Parts that a client does well to send at a time: as many as a browser has connections to one host. */
const CONCURRENCY = 6

/** `base` is the JSON pointer at which the body stands. */
function toTarget(body: UploadBody, base: string): Result<ObjectKey, Failure> {
  if (body.key !== undefined) return toKey(body.key, `${base}/key`)
  const filename = body.filename ?? ''
  if (filename.includes('/')) return err(invalid(`${base}/filename`, 'a file name holds no "/"'))
  const prefix = body.prefix ?? ''
  if (prefix !== '' && !prefix.endsWith('/'))
    return err(invalid(`${base}/prefix`, 'a prefix ends with "/"'))
  return toKey(prefix + filename, `${base}/filename`)
}

/** The time of last change as rclone and others keep it: seconds, with a fraction. */
export function toMetadata({
  metadata,
  lastModified,
}: Pick<UploadBody, 'metadata' | 'lastModified'>): [string, string][] {
  const mtime = lastModified === undefined ? {} : { mtime: String(Date.parse(lastModified) / 1000) }
  return [...toMetadataHeaders(new Map(Object.entries({ ...mtime, ...metadata })))]
}

/** The header of the request, if it has one; of a batch each request is told from the others by its place. */
export function toRepeat(c: Ctx, body: object, at?: number): Result<Repeat | undefined, Failure> {
  const key = c.req.header('Idempotency-Key')
  if (key === undefined) return ok(undefined)
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    return err(invalid('Idempotency-Key', 'expected 1 to 255 visible ASCII characters'))
  const text = JSON.stringify(body)
  return ok(
    at === undefined ? { key, body: text } : { key: `${key} ${at}`, body: text, onlyParts: true },
  )
}

interface Prepared {
  readonly body: UploadBody
  readonly open: () => Promise<Result<Begun, Failure>>
}

/** One request judged: its shape, its key, the grants, the plan. `at` is its place in a batch. */
function prepare(c: Ctx, input: unknown, at?: number): Result<Prepared, Failure> {
  const body = checkShape(uploadBody, input, at === undefined ? '' : `/requests/${at}`)
  if (!body.ok) return body
  const repeat = toRepeat(c, body.value, at)
  if (!repeat.ok) return repeat
  const key = toTarget(body.value, at === undefined ? '' : `/requests/${at}`)
  if (!key.ok) return key
  const { bucket, size, type, overwrite, checksum } = body.value
  const open = prepareUpload(c, {
    bucket,
    key: key.value,
    size: size ?? 'unknown',
    type,
    overwrite,
    ...(checksum !== undefined && { checksum }),
    metadata: toMetadata(body.value),
    repeat: repeat.value,
  })
  return open.ok ? ok({ body: body.value, open: open.value }) : open
}

/** The plan of an upload that is open, with its first window signed. */
export async function toPlan(
  c: Ctx,
  { size }: Pick<UploadBody, 'size'>,
  begun: Begun,
): Promise<Result<UploadAnswer, Failure>> {
  const { id, ticket, permit } = begun
  const { multipart, resumableUntilSeconds } = ticket
  const partCount = toPartCount(ticket)
  const concurrency = Math.min(partCount, CONCURRENCY)
  // Of an unknown size nobody knows how many parts will come, nor which is the short one.
  const count = Math.min(partCount, size === undefined ? concurrency : MAX_WINDOW)
  const first = Array.from({ length: count }, (_, at) => ({ partNumber: at + 1 }))
  const parts = await signWindow(c.var.deps, begun, first)
  if (!parts.ok) return parts
  for (const part of parts.value) noteSigned(c.var.record, part)
  return ok({
    id,
    bucket: ticket.bucket,
    key: permit.operation.key,
    strategy: multipart === null ? 'put' : 'multipart',
    ...(size !== undefined && { size }),
    partSize: multipart?.partSize ?? toMaxBytes(ticket),
    partCount,
    concurrency,
    expiresAt: parts.value[0]?.expiresAt ?? '',
    resumableUntil: toTimestamp(resumableUntilSeconds),
    parts: parts.value,
  })
}

async function createOne(c: Ctx, input: object): Promise<Response> {
  const prepared = prepare(c, input)
  if (!prepared.ok) return refuse(c, prepared.error)
  const limited = await limitBySubject(c, 'upload', prepared.value.body.bucket)
  if (limited !== null) return refuse(c, limited)
  const begun = await prepared.value.open()
  if (!begun.ok) return refuse(c, begun.error)
  const plan = await toPlan(c, prepared.value.body, begun.value)
  if (!plan.ok) return refuse(c, plan.error)
  const headers = { Location: `${c.var.deps.config.publicUrl}/v1/uploads/${plan.value.id}` }
  return c.json(plan.value, 201, headers)
}

async function createMany(c: Ctx, input: object): Promise<Response> {
  const body = checkShape(uploadBatch, input)
  if (!body.ok) return refuse(c, body.error)
  return runBatch(c, body.value.requests, {
    prepare: (item, at) => Promise.resolve(prepare(c, item, at)),
    bucketOf: ({ body: { bucket } }) => bucket,
    run: ({ open }) => open(),
    answer: async (prepared, begun) => {
      const plan = await toPlan(c, prepared.body, begun)
      return plan.ok ? ok({ status: 201, ...plan.value }) : plan
    },
  })
}

export async function createUpload(c: Ctx): Promise<Response> {
  const json = await readJson(c.req.raw, MAX_LIST_BODY_BYTES)
  if (!json.ok) return refuse(c, json.error)
  return 'requests' in json.value ? createMany(c, json.value) : createOne(c, json.value)
}
