// Static assets: pages and documents made at build time, served with the headers of every answer.
import type { Bucket } from '../../core/sign/bucket.ts'
import type { Ctx } from '../env.ts'
import { refuse } from '../problem.ts'

/** A page may load its own files, and talk to the gateway and to the buckets; nothing else. */
function toPagePolicy(buckets: Iterable<Bucket>): string {
  const origins = new Set([...buckets].map(({ origin }) => origin))
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    ["connect-src 'self'", ...origins].join(' '),
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

export async function asset(c: Ctx): Promise<Response> {
  const found = await c.env.ASSETS.fetch(c.req.raw)
  if (found.status === 404) return refuse(c, { kind: 'no_route' })
  const response = new Response(found.body, found)
  if (response.headers.get('Content-Type')?.startsWith('text/html') === true) {
    const { buckets } = c.var.deps.config.policy
    response.headers.set('Content-Security-Policy', toPagePolicy(buckets.values()))
  }
  return response
}
