// Static assets: pages and documents made at build time, served with the headers of every answer.
import type { Ctx } from '../env.ts'
import { refuse } from '../problem.ts'

export async function asset(c: Ctx): Promise<Response> {
  const response = await c.env.ASSETS.fetch(c.req.raw)
  return response.status === 404 ? refuse(c, { kind: 'no_route' }) : response
}
