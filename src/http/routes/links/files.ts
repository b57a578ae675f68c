// A link with several files: the page or list that names them, and the start of a session for all of them.
import { encodeRfc3986 } from '../../../core/sign/encode.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { authorise } from '../../middleware/permit.ts'
import type { Found } from './find.ts'
import { isBrowser, page, seeOther } from './page.ts'
import { baseOf, type Target } from './target.ts'

/** Files on one page; a longer folder is for clients that know their paths. */
const MAX_LISTED = 1000

/** Names and keys' ends of what the link opens, and whether there are more. */
async function listFiles(
  c: Ctx,
  { record }: Found,
  { permits, prefix }: Target,
): Promise<Result<{ readonly names: readonly string[]; readonly cursor?: string }, Failure>> {
  if (prefix === undefined)
    return ok({ names: permits.map(({ operation }) => baseOf(operation.key)) })
  const permit = authorise(c, { action: 'list', bucket: record.bucket, prefix })
  if (!permit.ok) return permit
  const listing = await c.var.deps.store.list(permit.value, { limit: MAX_LISTED })
  if (!listing.ok) return err({ kind: 'store', fault: listing.error })
  const { objects, ...rest } = listing.value
  return ok({ ...rest, names: objects.map(({ key }) => baseOf(key)) })
}

export async function showFiles(
  c: Ctx,
  found: Found,
  target: Target,
  headers: Headers,
  isSession: boolean,
): Promise<Result<Response, Failure>> {
  if (isSession && !isBrowser(c)) return ok(new Response(null, { status: 204, headers }))
  // A page that answers a POST would send it again when it is loaded again.
  if (c.req.method === 'POST' && isBrowser(c)) return ok(seeOther(c, `/l/${found.name}`, headers))
  const listed = await listFiles(c, found, target)
  if (!listed.ok) return listed
  const { names, cursor } = listed.value
  const base = `${c.var.deps.config.publicUrl}/l/${found.name}`
  const isPage = isBrowser(c)
  const file = names.map((name, at) => ({
    name,
    url:
      target.prefix === undefined
        ? // On the page the query alone is enough: a link token is long, and there may be a hundred.
          `${isPage ? '' : base}?file=${at + 1}`
        : `${base}/${encodeRfc3986(name)}`,
  }))
  if (!isPage) return ok(Response.json({ files: file }, { headers }))
  const title = found.record.terms.label ?? 'Files'
  return ok(await page(c, 'index', 200, { title, more: cursor ?? '' }, { file }, headers))
}
