// Static assets: pages and documents made at build time, served with the headers of every answer.
import type { Ctx } from '../env.ts'
import { refuse } from '../problem.ts'

/** Documents need no script and talk to nobody. */
const DOCUMENT_POLICY =
  "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

/** The console may run its own files, and talk to the gateway and to the buckets; nothing else. */
function toPagePolicy(c: Ctx): string {
  if (c.req.path.startsWith('/docs/')) return DOCUMENT_POLICY
  const { buckets } = c.var.deps.config.policy
  const origins = new Set([...buckets.values()].map(({ origin }) => origin))
  return `${DOCUMENT_POLICY}; script-src 'self'; connect-src 'self' ${[...origins].join(' ')}`
}

export async function asset(c: Ctx): Promise<Response> {
  const found = await c.env.ASSETS.fetch(c.req.raw)
  if (found.status === 404) return refuse(c, { kind: 'no_route' })
  const response = new Response(found.body, found)
  if (response.headers.get('Content-Type')?.startsWith('text/html') === true)
    response.headers.set('Content-Security-Policy', toPagePolicy(c))
  return response
}
