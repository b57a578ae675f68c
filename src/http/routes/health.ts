// GET /healthz and GET /readyz: the process lives; its configuration and bindings are usable.
import type { Ctx } from '../env.ts'
import { VERSION } from '../../version.ts'

export function healthz(c: Ctx): Response {
  return c.json({ status: 'ok', version: VERSION })
}

/** With a faulty configuration the corridor has answered 503 before; what is left are warnings. */
export function readyz(c: Ctx): Response {
  const { warnings } = c.var.deps.config
  return c.json({ status: 'ready', version: VERSION, warnings })
}
