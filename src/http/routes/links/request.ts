// A link that asks for uploads: whether it may be made, and what it answers when it is opened.
import { PASSWORD_ONLY } from '../../../core/link/cookie.ts'
import type { Values } from '../../../core/link/page.ts'
import { toSizeWords, toTypeWords } from '../../../core/link/words.ts'
import type { UploadTerms } from '../../../contract/link.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { limitByLink } from '../../middleware/limit.ts'
import { authorise, toKey } from '../../middleware/permit.ts'
import { setCookie } from './deliver.ts'
import { type Found, refusal } from './find.ts'
import { isBrowser, page, seeOther } from './page.ts'
import type { Asked } from './terms.ts'

/** A day: whoever sends files is asked for the password once. */
const PROVED_SECONDS = 86_400

/** Whether its maker may himself upload all that the link would let others upload. */
export function permitRequest(
  c: Ctx,
  { bucket, prefix, upload }: Asked & { readonly bucket: string },
): Failure | null {
  if (upload === undefined) return null
  // As long as the longest name that a file is given, all of it ASCII.
  const key = toKey(`${prefix ?? ''}${'x'.repeat(22)}/${'x'.repeat(200)}`, '/prefix')
  if (!key.ok) return key.error
  const wanted = { action: 'upload', bucket, key: key.value, size: upload.maxBytes } as const
  for (const type of upload.types) {
    const permit = authorise(c, { ...wanted, type, options: [] })
    if (!permit.ok) return permit.error
  }
  return null
}

function toValues({ maxBytes, types }: UploadTerms, left: number, label = 'Send files'): Values {
  const kinds = toTypeWords(types)
  return {
    title: label,
    ...(left > 0 ? { open: ' ' } : { full: ' ' }),
    count: String(left),
    left: left === 1 ? 'One file' : `Up to ${left} files`,
    size: toSizeWords(maxBytes),
    types: kinds === '' ? '' : ` What is taken: ${kinds}.`,
    accept: types.includes('*/*') ? '' : types.join(','),
  }
}

/** A page to upload from, or what it takes and how much is left. */
export async function answerRequest(
  c: Ctx,
  found: Found,
  isSession: boolean,
): Promise<Result<Response, Failure>> {
  const { name, tag, record, opened, left } = found
  const { upload, bucket, password, terms } = record
  const isWhole = c.req.path === `/l/${name}` || isSession
  if (upload === undefined || !isWhole) return refusal('not_found', 'nothing to open')
  const limited = await limitByLink(c, tag, bucket)
  if (limited !== null) return err(limited)
  const headers = new Headers()
  if (password !== undefined && opened.length === 0)
    headers.set('Set-Cookie', await setCookie(c, found, PASSWORD_ONLY, PROVED_SECONDS))
  if (c.req.method === 'POST' && isBrowser(c)) return ok(seeOther(c, `/l/${found.name}`, headers))
  if (isSession) return ok(new Response(null, { status: 204, headers }))
  const { label } = terms
  if (isBrowser(c))
    return ok(await page(c, 'upload', 200, toValues(upload, left, label), {}, headers))
  return ok(Response.json({ upload, left, ...(label !== undefined && { label }) }, { headers }))
}
