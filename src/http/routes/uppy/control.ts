// The control calls of Uppy's `signRequest` mode, /v1/uppy/uploads: S3's own XML, on the steps of /v1/uploads.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html and its siblings
import { contentType } from '../../../contract/common.ts'
import { completeBody } from '../../../contract/upload.ts'
import { DEFAULT_TYPE, uppyOpenQuery } from '../../../contract/uppy.ts'
import { listArrived } from '../../../core/upload/arrived.ts'
import { dropUpload } from '../../../core/upload/drop.ts'
import { err } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { checkShape, invalid, MAX_LIST_BODY_BYTES, readBytes, readQuery } from '../../input.ts'
import { toKey } from '../../middleware/permit.ts'
import { toTools } from '../../middleware/quota.ts'
import { toProblem } from '../../problem.ts'
import { beginUpload } from '../uploads/begin.ts'
import { complete } from '../uploads/complete.ts'
import { resume } from '../uploads/resume.ts'
import { toLocation, toPlace } from './place.ts'

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
])

type Members = readonly (readonly [string, string | number | undefined])[]

function toElements(members: Members): string {
  return members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = String(value).replaceAll(/[&<>]/g, (sign) => ENTITIES.get(sign) ?? '')
      return `<${name}>${text}</${name}>`
    })
    .join('')
}

function answerXml(root: string, inner: string, status = 200, headers?: HeadersInit): Response {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${inner}</${root}>`
  const answer = new Response(xml, { status, ...(headers !== undefined && { headers }) })
  // Uppy reads the code of an error only under exactly this type.
  answer.headers.set('Content-Type', 'application/xml')
  return answer
}

function refuseXml(c: Ctx, failure: Failure): Response {
  const { problem, headers } = toProblem(c, failure)
  const { code, detail, requestId, status } = problem
  const members: Members = [
    ['Code', code],
    ['Message', detail],
    ['RequestId', requestId],
  ]
  return answerXml('Error', toElements(members), status, headers)
}

export async function uppyCreate(c: Ctx): Promise<Response> {
  const query = readQuery(c.req.raw, uppyOpenQuery)
  if (!query.ok) return refuseXml(c, query.error)
  const type = checkShape(contentType, c.req.header('Content-Type') ?? DEFAULT_TYPE, 'Content-Type')
  if (!type.ok) return refuseXml(c, type.error)
  const place = toPlace(c)
  if (!place.ok) return refuseXml(c, place.error)
  const { bucket, prefix } = place.value
  const key = toKey(query.value.key, 'key')
  if (!key.ok) return refuseXml(c, key.error)
  if (!key.value.startsWith(prefix))
    return refuseXml(c, invalid('key', 'is none that the gateway has made'))
  const { size } = query.value
  const begun = await beginUpload(c, {
    bucket,
    key: key.value,
    type: type.value,
    size: size ?? 'measured',
    overwrite: false,
    inParts: true,
    metadata: [],
    // Sent again after a lost answer it is the same upload: no other has this key.
    repeat: { key: `uppy ${key.value}`, body: JSON.stringify([type.value, size]) },
  })
  if (!begun.ok) return refuseXml(c, begun.error)
  const { id, ticket } = begun.value
  const members: Members = [
    ['Bucket', ticket.bucket],
    ['Key', ticket.key],
    ['UploadId', id],
  ]
  return answerXml('InitiateMultipartUploadResult', toElements(members))
}

export async function uppyList(c: Ctx): Promise<Response> {
  const upload = await resume(c, undefined, false)
  if (!upload.ok) return refuseXml(c, upload.error)
  const parts = await listArrived(toTools(c), upload.value)
  if (!parts.ok) return refuseXml(c, parts.error)
  if (parts.value === null) return refuseXml(c, { kind: 'unknown_upload', reason: 'it is gone' })
  const rows = parts.value.map((part) => {
    const members: Members = [
      ['PartNumber', part.partNumber],
      ['ETag', part.etag],
      ['Size', part.size],
    ]
    return `<Part>${toElements(members)}</Part>`
  })
  return answerXml('ListPartsResult', `<IsTruncated>false</IsTruncated>${rows.join('')}`)
}

const PART =
  /<PartNumber>(\d{1,5})<\/PartNumber>\s*<ETag>(?:"|&quot;|&#34;)?([^<>"&]*)(?:"|&quot;|&#34;)?<\/ETag>/g

export async function uppyComplete(c: Ctx): Promise<Response> {
  const bytes = await readBytes(c.req.raw, MAX_LIST_BODY_BYTES)
  if (bytes === null) return refuseXml(c, { kind: 'body_too_large', maxBytes: MAX_LIST_BODY_BYTES })
  const named = [...new TextDecoder().decode(bytes).matchAll(PART)]
  const parts = named.map(([, number, etag]) => ({ partNumber: Number(number), etag }))
  const body = checkShape(completeBody, { parts })
  const upload = body.ok ? await resume(c) : err(body.error)
  if (!body.ok || !upload.ok) return refuseXml(c, upload.ok ? { kind: 'bug' } : upload.error)
  const finished = await complete(c, upload.value, body.value)
  if (!finished.ok) return refuseXml(c, finished.error)
  const { bucket, key } = upload.value.ticket
  const members: Members = [
    ['Location', toLocation(c, upload.value)],
    ['Bucket', bucket],
    ['Key', key],
    ['ETag', finished.value.etag],
  ]
  return answerXml('CompleteMultipartUploadResult', toElements(members))
}

export async function uppyAbort(c: Ctx): Promise<Response> {
  const upload = await resume(c, undefined, false)
  if (!upload.ok) return refuseXml(c, upload.error)
  const dropped = await dropUpload(toTools(c), upload.value)
  return dropped.ok ? c.body(null, 204) : refuseXml(c, dropped.error)
}
