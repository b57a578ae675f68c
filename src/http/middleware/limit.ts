// Limits on the way in: by address before anything costs cryptography, by subject once a request is allowed.
import type { MiddlewareHandler } from 'hono'
import { toSubjectIp } from '../../core/limit/address.ts'
import { retryAfterSeconds } from '../../core/limit/headers.ts'
import { byTightness, type LimitSubjects } from '../../core/limit/limiter.ts'
import type { LimitedAction } from '../../core/limit/policy.ts'
import type { AppEnv, Ctx } from '../env.ts'
import type { Failure } from '../failure.ts'
import { refuse } from '../problem.ts'

/** Checks and counts; null when admitted. Decisions pile up for the headers of the answer. */
async function charge(
  c: Ctx,
  action: LimitedAction,
  subjects: LimitSubjects,
  cost: number,
): Promise<Failure | null> {
  const outcome = await c.var.deps.limiter.check(action, subjects, cost, c.executionCtx)
  c.set('decisions', [...c.var.decisions, ...outcome.decisions].toSorted(byTightness))
  if (outcome.ok) return null
  const failed = outcome.decisions.filter(({ ok }) => !ok)
  const policies = failed.map(({ policy }) => policy)
  if (outcome.unavailable) return { kind: 'limit_unavailable', policies }
  return { kind: 'limited', retryAfterSeconds: retryAfterSeconds(failed), policies }
}

/** The door: `per = "ip"` limits, before the token, so that forged tokens cost the forger. */
export function limitByAddress(action: LimitedAction): MiddlewareHandler<AppEnv> {
  return async function limitDoor(c, next) {
    // X-Forwarded-For and the like are the client's own words; only Cloudflare's header counts.
    const ip = toSubjectIp(c.req.header('CF-Connecting-IP') ?? '')
    const failure = ip === null ? null : await charge(c, action, { ip }, 1)
    if (failure !== null) return refuse(c, failure)
    await next()
    return undefined
  }
}

/** Limits by subject and bucket; null when admitted. */
export function limitBySubject(
  c: Ctx,
  action: LimitedAction,
  bucket: string | undefined,
  cost = 1,
): Promise<Failure | null> {
  const { issuer, subject } = c.var.session
  // Subjects mean (iss, sub): two issuers may both know an "alice".
  const sub = JSON.stringify([issuer, subject])
  return charge(c, action, bucket === undefined ? { sub } : { sub, bucket }, cost)
}

/** What the caller's limits still allow, counting nothing. */
export async function peekLimits(
  c: Ctx,
): Promise<{ name: string; remaining: number; reset: number }[]> {
  const { issuer, subject } = c.var.session
  const ip = toSubjectIp(c.req.header('CF-Connecting-IP') ?? '')
  const subjects = { sub: JSON.stringify([issuer, subject]), ...(ip !== null && { ip }) }
  const decisions = await c.var.deps.limiter.peek(subjects, c.executionCtx)
  return decisions.map(({ policy, remaining, resetS }) => ({
    name: policy,
    remaining,
    reset: resetS,
  }))
}
