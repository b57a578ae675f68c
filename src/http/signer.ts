// One request to be signed: authorised, checked against what its provider can do, and then the function that signs it.
import type { SignedRequest } from '../contract/common.ts'
import { toTags } from '../contract/put.ts'
import type { SignBody, SignedPost } from '../contract/sign.ts'
import { toBase64Url } from '../core/base64url.ts'
import { parseKeyPrefix } from '../core/policy/key.ts'
import { err, ok, type Result } from '../core/result.ts'
import { toDispositionHeader, toResponseQuery } from '../core/sign/disposition.ts'
import { signPostPolicy } from '../core/sign/post-policy.ts'
import { optionsOf, toPutHeaders } from '../core/sign/put.ts'
import {
  MAX_PUT_BYTES,
  signDelete,
  type SignFault,
  signPut,
  signRead,
} from '../core/sign/requests.ts'
import type { Ctx } from './env.ts'
import type { Failure } from './failure.ts'
import { invalid } from './input.ts'
import { authorise, judgeVersion, toKey, toSigning, unsupported } from './middleware/permit.ts'

export type Signed = SignedRequest | SignedPost
/** Signs at last, so that limits can stand between the decision and the signature. */
export type Signer = () => Promise<Result<Signed, SignFault>>

type Body<M extends SignBody['method']> = Extract<SignBody, { method: M }>

const TOO_LARGE: Failure = {
  kind: 'object_too_large',
  detail: 'S3 takes at most 5 GiB in one request: use POST /v1/uploads.',
}

function prepareRead(c: Ctx, body: Body<'GET' | 'HEAD'>, base: string): Result<Signer, Failure> {
  const key = toKey(body.key, `${base}/key`)
  if (!key.ok) return key
  const permit = authorise(c, { action: 'read', bucket: body.bucket, key: key.value })
  if (!permit.ok) return permit
  const unversioned = judgeVersion(permit.value, body.versionId)
  if (unversioned !== null) return err(unversioned)
  const query =
    body.method === 'GET'
      ? toResponseQuery(permit.value.grant.inline, key.value, body.response ?? {}, {})
      : new Map<string, string>()
  if (body.versionId !== undefined) query.set('versionId', body.versionId)
  return ok(async () =>
    signRead(permit.value, body.method, query, body.expiresIn, await toSigning(c, permit.value)),
  )
}

function preparePut(c: Ctx, body: Body<'PUT'>, base: string): Result<Signer, Failure> {
  const key = toKey(body.key, `${base}/key`)
  if (!key.ok) return key
  const { bucket, size, type, metadata, tagging, ifMatch, contentDisposition } = body
  const wish = {
    ...body,
    ifMatch: ifMatch?.replaceAll('"', ''),
    metadata: metadata && new Map(Object.entries(metadata)),
    tagging: tagging === undefined ? undefined : toTags(tagging),
    contentDisposition: contentDisposition && toDispositionHeader(contentDisposition),
  }
  const options = optionsOf(wish)
  const permit = authorise(c, { action: 'write', bucket, key: key.value, size, type, options })
  if (!permit.ok) return permit
  if (size > MAX_PUT_BYTES) return err(TOO_LARGE)
  const headers = toPutHeaders(wish, permit.value.bucket.can)
  if (!headers.ok) return err(unsupported(headers.error))
  return ok(async () =>
    signPut(permit.value, headers.value, body.expiresIn, await toSigning(c, permit.value)),
  )
}

function prepareDelete(c: Ctx, body: Body<'DELETE'>, base: string): Result<Signer, Failure> {
  const key = toKey(body.key, `${base}/key`)
  if (!key.ok) return key
  const { bucket, versionId, expiresIn } = body
  const options = versionId === undefined ? [] : (['versionId-delete'] as const)
  const permit = authorise(c, { action: 'delete', bucket, key: key.value, options })
  if (!permit.ok) return permit
  const unversioned = judgeVersion(permit.value, versionId)
  if (unversioned !== null) return err(unversioned)
  return ok(async () =>
    signDelete(permit.value, versionId, expiresIn, await toSigning(c, permit.value)),
  )
}

/** The key of a form: the caller's, if he may replace what stands there, or a fresh one that nobody can know. */
function toFormKey(c: Ctx, body: Body<'POST'>, base: string) {
  const { key, prefix, overwrite } = body
  if ((key === undefined) === (prefix === undefined))
    return err(invalid(base, 'expected either `key` or `prefix`'))
  if (key === undefined) {
    const parsed = parseKeyPrefix(prefix ?? '')
    if (!parsed.ok) return err(invalid(`${base}/prefix`, `the prefix ${parsed.error}`))
    return toKey(parsed.value + toBase64Url(c.var.deps.random.bytes(16)), `${base}/prefix`)
  }
  if (!overwrite) {
    const detail = 'a form cannot refuse to replace an object: name a prefix, or overwrite: true'
    return err(invalid(`${base}/overwrite`, detail))
  }
  return toKey(key, `${base}/key`)
}

function preparePost(c: Ctx, body: Body<'POST'>, base: string): Result<Signer, Failure> {
  const { bucket, minBytes, maxBytes, type, overwrite, expiresIn } = body
  if (minBytes > maxBytes) return err(invalid(`${base}/minBytes`, 'more than maxBytes'))
  const key = toFormKey(c, body, base)
  if (!key.ok) return key
  // S3 puts the client's own file name there, whatever it is.
  if (key.value.includes('${filename}'))
    return err(invalid(`${base}/${body.key === undefined ? 'prefix' : 'key'}`, 'holds ${filename}'))
  const permit = authorise(c, {
    action: 'write',
    bucket,
    key: key.value,
    size: maxBytes,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return permit
  if (maxBytes > MAX_PUT_BYTES) return err(TOO_LARGE)
  if (!permit.value.bucket.can.postPolicy)
    return err(unsupported('POST policies; use a signed PUT, or POST /v1/uploads'))
  const form = { minBytes, maxBytes, type, fields: new Map<string, string>() }
  return ok(async () =>
    signPostPolicy(permit.value, form, expiresIn, await toSigning(c, permit.value)),
  )
}

/** `base` is the JSON pointer of the request within the body. */
export function prepare(c: Ctx, body: SignBody, base = ''): Result<Signer, Failure> {
  switch (body.method) {
    case 'GET':
    case 'HEAD':
      return prepareRead(c, body, base)
    case 'PUT':
      return preparePut(c, body, base)
    case 'DELETE':
      return prepareDelete(c, body, base)
    case 'POST':
      return preparePost(c, body, base)
  }
}
