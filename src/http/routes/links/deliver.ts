// The object of a link: a redirect to a URL of a minute, or its bytes through the gateway.
import { toLinkCookie } from '../../../core/link/cookie.ts'
import { SEAL_NONCE_BYTES } from '../../../core/seal.ts'
import { toResponseQuery } from '../../../core/sign/disposition.ts'
import { type ReadPermit, signRead } from '../../../core/sign/requests.ts'
import { ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { noteSigned, toSigning } from '../../middleware/permit.ts'
import { wantsJson } from '../download.ts'
import { type Found, proofOf } from './find.ts'
import { isBrowser, seeOther } from './page.ts'
import { stream, unsigned } from './stream.ts'
import { baseOf } from './target.ts'

const URL_SECONDS = 60

export function setCookie(
  c: Ctx,
  found: Found,
  file: string,
  lifeSeconds: number,
): Promise<string> {
  const { config, clock, random } = c.var.deps
  const { tag, record, opened } = found
  const now = Math.floor(clock.now() / 1000)
  const until = Math.min(now + lifeSeconds, Math.floor(record.expiresAtSeconds))
  const nonce = random.bytes(SEAL_NONCE_BYTES)
  return toLinkCookie(config.sealingKeys, tag, proofOf(found), opened, file, until, now, nonce)
}

export async function deliver(
  c: Ctx,
  found: Found,
  permit: ReadPermit,
  headers: Headers,
): Promise<Result<Response, Failure>> {
  const { terms, keys } = found.record
  const isStream = terms.delivery === 'stream'
  // A streamed answer has the link's address, whose last segment is no name for a file.
  const filename =
    (keys?.length === 1 ? terms.filename : undefined) ??
    (isStream ? baseOf(permit.operation.key) : undefined)
  const wish = { disposition: terms.disposition, filename }
  const query = toResponseQuery(permit.grant.inline, permit.operation.key, {}, wish)
  const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET'
  const isPost = c.req.method === 'POST'
  if (isStream)
    return isPost && isBrowser(c)
      ? ok(seeOther(c, c.req.path, headers))
      : stream(c, permit, method, query, headers)
  const signing = await toSigning(c, permit)
  const overrides = method === 'HEAD' ? new Map<string, string>() : query
  const signed = await signRead(permit, method, overrides, URL_SECONDS, signing)
  if (!signed.ok) return unsigned(signed.error)
  noteSigned(c.var.record, signed.value)
  headers.set('Vary', 'Accept')
  if (wantsJson(c.req.header('Accept'))) return ok(Response.json(signed.value, { headers }))
  headers.set('Location', signed.value.url)
  return ok(new Response(null, { status: isPost ? 303 : 302, headers }))
}
