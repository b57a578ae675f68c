// Companion's protocol below /s3, on the same steps as /v1/uploads: Uppy as it comes, without a server of its own.
// https://github.com/transloadit/uppy/blob/main/packages/@uppy/aws-s3/src/s3-client/CompanionS3.ts
import type * as v from 'valibot'
import {
  batchQuery,
  keyQuery,
  type listAnswer,
  multipartBody,
  paramsQuery,
  paramsRest,
  uppyCompleteBody,
} from '../../../contract/uppy.ts'
import { partNumber, type UploadPart } from '../../../contract/upload.ts'
import { err, type Result } from '../../../core/result.ts'
import { listArrived } from '../../../core/upload/arrived.ts'
import { dropUpload } from '../../../core/upload/drop.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import {
  checkShape,
  MAX_BODY_BYTES,
  MAX_LIST_BODY_BYTES,
  readBody,
  readQuery,
} from '../../input.ts'
import { noteSigned } from '../../middleware/permit.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse } from '../../problem.ts'
import { beginUpload } from '../uploads/begin.ts'
import { complete } from '../uploads/complete.ts'
import { resume } from '../uploads/resume.ts'
import { toFreshKey, toLocation, toMetadata } from './place.ts'
import { signSingle } from './single.ts'

/** Seconds from now, as Companion tells them. */
function toExpires(c: Ctx, expiresAt: string): number {
  return Math.floor((Date.parse(expiresAt) - c.var.deps.clock.now()) / 1000)
}

export async function companionParams(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, paramsRest)
  if (!query.ok) return refuse(c, query.error)
  const named: Record<string, string> = {}
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(query.value)) {
    const inner = /^metadata\[(.+)\]$/.exec(name)?.[1]
    if (inner === undefined) plain[name] = value
    else if (inner !== '__proto__') named[inner] = value
  }
  const asked = checkShape(paramsQuery, plain)
  if (!asked.ok) return refuse(c, asked.error)
  const { filename, type } = asked.value
  const metadata = toMetadata(named, '')
  if (!metadata.ok) return refuse(c, metadata.error)
  const fresh = toFreshKey(c, filename)
  if (!fresh.ok) return refuse(c, fresh.error)
  const signed = await signSingle(c, { ...fresh.value, type, metadata: metadata.value })
  if (!signed.ok) return refuse(c, signed.error)
  const { url, fields, expiresAt } = signed.value
  return c.json({ method: 'POST', url, fields, expires: toExpires(c, expiresAt) })
}

export async function companionCreate(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, multipartBody, MAX_BODY_BYTES)
  if (!body.ok) return refuse(c, body.error)
  const { filename, type } = body.value
  const metadata = toMetadata(body.value.metadata, '/metadata')
  if (!metadata.ok) return refuse(c, metadata.error)
  const fresh = toFreshKey(c, filename)
  if (!fresh.ok) return refuse(c, fresh.error)
  const begun = await beginUpload(c, {
    ...fresh.value,
    type,
    // Uppy does not say it: what has arrived is measured at completion, and removed if it is too much.
    size: 'measured',
    overwrite: false,
    metadata: metadata.value,
  })
  if (!begun.ok) return refuse(c, begun.error)
  const { id, ticket } = begun.value
  return c.json({ key: ticket.key, uploadId: id, bucket: ticket.bucket })
}

/** Signed parts of the upload that the path names. */
async function signNumbers(
  c: Ctx,
  numbers: readonly number[],
): Promise<Result<UploadPart[], Failure>> {
  const upload = await resume(c)
  if (!upload.ok) return upload
  const asked = numbers.map((number) => ({ partNumber: number }))
  const parts = await signWindow(c.var.deps, upload.value, asked)
  if (parts.ok) for (const part of parts.value) noteSigned(c.var.record, part)
  return parts
}

export async function companionPart(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, keyQuery)
  if (!query.ok) return refuse(c, query.error)
  const number = checkShape(partNumber, Number(c.req.param('partNumber')), '/partNumber')
  const parts = number.ok ? await signNumbers(c, [number.value]) : number
  if (!parts.ok) return refuse(c, parts.error)
  const [part] = parts.value
  return part === undefined
    ? refuse(c, { kind: 'bug' })
    : c.json({ url: part.url, expires: toExpires(c, part.expiresAt) })
}

export async function companionBatch(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, batchQuery)
  const parts = query.ok ? await signNumbers(c, query.value.partNumbers) : query
  if (!parts.ok) return refuse(c, parts.error)
  const urls = parts.value.map((part) => [part.partNumber, part.url])
  return c.json({ presignedUrls: Object.fromEntries(urls) })
}

export async function companionList(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, keyQuery)
  const upload = query.ok ? await resume(c, undefined, false) : query
  if (!upload.ok) return refuse(c, upload.error)
  const parts = await listArrived(toTools(c), upload.value)
  if (!parts.ok) return refuse(c, parts.error)
  if (parts.value === null) return refuse(c, { kind: 'unknown_upload', reason: 'it is gone' })
  const answer: v.InferOutput<typeof listAnswer> = parts.value.map((part) => ({
    PartNumber: part.partNumber,
    ETag: part.etag,
    ...(part.size !== undefined && { Size: part.size }),
  }))
  return c.json(answer)
}

export async function companionComplete(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, keyQuery)
  const body = query.ok
    ? await readBody(c.req.raw, uppyCompleteBody, MAX_LIST_BODY_BYTES)
    : err(query.error)
  if (!body.ok) return refuse(c, body.error)
  const upload = await resume(c)
  if (!upload.ok) return refuse(c, upload.error)
  const parts = body.value.parts.map(({ PartNumber, ETag }) => ({
    partNumber: PartNumber,
    etag: ETag.replaceAll('"', ''),
  }))
  const finished = await complete(c, upload.value, { parts })
  if (!finished.ok) return refuse(c, finished.error)
  const { bucket, key } = upload.value.ticket
  return c.json({ location: toLocation(c, upload.value), key, bucket })
}

export async function companionAbort(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, keyQuery)
  const upload = query.ok ? await resume(c, undefined, false) : query
  if (!upload.ok) return refuse(c, upload.error)
  const dropped = await dropUpload(toTools(c), upload.value)
  return dropped.ok ? c.json({}) : refuse(c, dropped.error)
}
