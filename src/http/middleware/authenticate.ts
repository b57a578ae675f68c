// Finds the one credential of a request and verifies it into a session.
import type { MiddlewareHandler } from 'hono'
import { findCredential } from '../../core/token/credential.ts'
import { verifyToken } from '../../core/token/verify.ts'
import type { AppEnv } from '../env.ts'
import { refuse } from '../problem.ts'

export const authenticate: MiddlewareHandler<AppEnv> = async function authenticate(c, next) {
  const found = findCredential(c.req.header('Authorization') ?? null)
  if (!found.ok) {
    return refuse(
      c,
      found.error.kind === 'several'
        ? { kind: 'two_credentials' }
        : { kind: 'token', fault: found.error.fault },
    )
  }
  if (found.value.kind !== 'bearer') return refuse(c, { kind: 'token', fault: null })
  const { config, clock } = c.var.deps
  const session = await verifyToken(found.value.token, config.issuers, clock.now())
  if (!session.ok) return refuse(c, { kind: 'token', fault: session.error })
  c.set('session', session.value)
  await next()
  return undefined
}
