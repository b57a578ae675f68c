// Pages of links for browsers: templates among the static assets, filled in; everybody else gets problems.
import { fillPage, type Values } from '../../../core/link/page.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { refuse, toProblem } from '../../problem.ts'

export type PageName = 'password' | 'once' | 'index' | 'gone' | 'denied' | 'later' | 'upload'

export function isBrowser(c: Ctx): boolean {
  return /\btext\/html\b/i.test(c.req.header('Accept') ?? '')
}

export async function page(
  c: Ctx,
  name: PageName,
  status: number,
  values: Values = {},
  parts: { readonly [name: string]: readonly Values[] } = {},
  headers = new Headers(),
): Promise<Response> {
  const { publicUrl, policy } = c.var.deps.config
  const template = await c.env.ASSETS.fetch(`${publicUrl}/l/${name}`)
  // A form that leads on to the bucket is blocked unless its origin is named, too.
  const bucket = policy.buckets.get(c.var.record.bucket ?? '')
  // Only where files are sent in there is a script: ours, which speaks to us and to the bucket.
  const script =
    name === 'upload' ? `script-src 'self'; connect-src 'self' ${bucket?.origin ?? ''}; ` : ''
  headers.set('Content-Type', 'text/html; charset=utf-8')
  headers.set(
    'Content-Security-Policy',
    `default-src 'none'; ${script}style-src 'self'; img-src 'self'; form-action 'self' ${bucket?.origin ?? ''}; base-uri 'none'; frame-ancestors 'none'`,
  )
  return new Response(fillPage(await template.text(), values, parts), { status, headers })
}

/** A refusal as the client can read it. */
export async function turnAway(c: Ctx, failure: Failure): Promise<Response> {
  if (!isBrowser(c)) return refuse(c, failure)
  const { problem, headers } = toProblem(c, failure)
  const { status } = problem
  const own = new Headers(headers)
  const isOver = status === 404 || status === 410
  const name = isOver ? 'gone' : status === 429 || status >= 500 ? 'later' : 'denied'
  return page(c, name, status, {}, {}, own)
}

/** Back by GET, to the path at the address that configuration gives it. */
export function seeOther(c: Ctx, path: string, headers: Headers): Response {
  headers.set('Location', c.var.deps.config.publicUrl + path + new URL(c.req.url).search)
  return new Response(null, { status: 303, headers })
}
