// POST /v1/uppy/sign: answers Uppy's `signRequest`; parts go straight to S3, control calls to the gateway.
import {
  DEFAULT_TYPE,
  type UppySignAnswer,
  uppySignBody,
  type UppySignBody,
} from '../../../contract/uppy.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { encodeRfc3986 } from '../../../core/sign/encode.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { invalid, MAX_BODY_BYTES, readBody } from '../../input.ts'
import { authorise, noteSigned } from '../../middleware/permit.ts'
import { refuse } from '../../problem.ts'
import { resume } from '../uploads/resume.ts'
import { toFreshKey } from './place.ts'
import { signSingle } from './single.ts'

/** A call that comes back here, where its page shows its credential again: a URL is none. */
function toControl(c: Ctx, path: string): UppySignAnswer {
  return { url: `${c.var.deps.config.publicUrl}/v1/uppy/uploads${path}` }
}

async function signOne(
  c: Ctx,
  uploadId: string,
  partNumber: number,
): Promise<Result<UppySignAnswer, Failure>> {
  const upload = await resume(c, uploadId)
  if (!upload.ok) return upload
  const parts = await signWindow(c.var.deps, upload.value, [{ partNumber }])
  if (!parts.ok) return parts
  const [part] = parts.value
  if (part === undefined) return err({ kind: 'bug' })
  noteSigned(c.var.record, part)
  return ok({ url: part.url, expiresAt: part.expiresAt })
}

async function toAnswer(c: Ctx, body: UppySignBody): Promise<Result<UppySignAnswer, Failure>> {
  const { method, uploadId, partNumber, contentType, size } = body
  if (uploadId !== undefined) {
    if (method !== 'PUT') return ok(toControl(c, `/${encodeRfc3986(uploadId)}`))
    return partNumber === undefined
      ? err(invalid('/partNumber', 'required'))
      : signOne(c, uploadId, partNumber)
  }
  // Objects that stand are read and removed by /o and /v1/objects.
  if (method === 'GET' || method === 'DELETE') return err(invalid('/uploadId', 'required'))
  const fresh = toFreshKey(c, body.key)
  if (!fresh.ok) return fresh
  const { key } = fresh.value
  const type = contentType ?? DEFAULT_TYPE
  if (method === 'PUT') return signSingle(c, { ...fresh.value, type, size, metadata: [] })
  // Stock Uppy names no type here; whoever does is refused now, and not at the call that opens the upload.
  if (contentType !== undefined) {
    const asked = { ...fresh.value, size: size ?? 0, type, options: [] }
    const permit = authorise(c, { action: 'upload', ...asked })
    if (!permit.ok) return permit
  }
  const query = `?key=${encodeRfc3986(key)}${size === undefined ? '' : `&size=${size}`}`
  return ok({ ...toControl(c, query), key })
}

export async function uppySign(c: Ctx): Promise<Response> {
  const body = await readBody(c.req.raw, uppySignBody, MAX_BODY_BYTES)
  const answer = body.ok ? await toAnswer(c, body.value) : body
  return answer.ok ? c.json(answer.value) : refuse(c, answer.error)
}
