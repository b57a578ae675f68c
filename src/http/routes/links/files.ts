// A link with several files: the page or list that names them, and the start of a session for all of them.
import { encodeRfc3986 } from '../../../core/sign/encode.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { authorise } from '../../middleware/permit.ts'
import type { Found } from './find.ts'
import { isBrowser, page, seeOther } from './page.ts'
import { baseOf, type Target } from './target.ts'

type File = { readonly name: string; readonly url: string }

/** Files on one page; a longer folder is for clients that know their paths. */
const MAX_LISTED = 1000

async function listFiles(
  c: Ctx,
  { name, record }: Found,
  target: Target,
): Promise<Result<readonly File[], Failure>> {
  const start = `${c.var.deps.config.publicUrl}/l/${name}`
  const { permits, prefix } = target
  if (prefix === undefined)
    return ok(
      permits.map(({ operation }, at) => ({
        name: baseOf(operation.key),
        url: `${start}?file=${at + 1}`,
      })),
    )
  const permit = authorise(c, { action: 'list', bucket: record.bucket, prefix })
  if (!permit.ok) return permit
  const listing = await c.var.deps.store.list(permit.value, { limit: MAX_LISTED })
  if (!listing.ok) return err({ kind: 'store', fault: listing.error })
  return ok(
    listing.value.objects.map(({ key }) => ({
      name: baseOf(key),
      url: `${start}/${encodeRfc3986(baseOf(key))}`,
    })),
  )
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
  if (c.req.method === 'POST' && isBrowser(c)) return ok(seeOther(c, found, headers))
  const files = await listFiles(c, found, target)
  if (!files.ok) return files
  if (!isBrowser(c)) return ok(Response.json({ files: files.value }, { headers }))
  const title = found.record.terms.label ?? 'Files'
  return ok(await page(c, 'index', 200, { title }, { file: files.value }, headers))
}
