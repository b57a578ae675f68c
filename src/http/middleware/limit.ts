// Limits on the way in: by address before anything costs cryptography, by subject once a request is allowed.
import { toSubjectIp } from '../../core/limit/address.ts'
import { retryAfterSeconds } from '../../core/limit/headers.ts'
import { type Charge, type LimitOutcome, onePerPolicy } from '../../core/limit/limiter.ts'
import type { LimitedAction } from '../../core/limit/policy.ts'
import type { LimitFault } from '../../core/upload/upload.ts'
import type { Ctx } from '../env.ts'
import type { Failure } from '../failure.ts'
import { mark } from '../timing.ts'

function coloOf(cf: CfProperties | undefined): string | undefined {
  return typeof cf?.['colo'] === 'string' ? cf['colo'] : undefined
}

/** Checks and counts; null when admitted. */
async function charge(
  c: Ctx,
  action: LimitedAction,
  charges: readonly Charge[],
): Promise<Failure | null> {
  const { executionCtx } = c
  const outcome = await c.get('deps').limiter.check(action, charges, {
    waitUntil: (work) => executionCtx.waitUntil(work),
    colo: coloOf(c.req.raw.cf),
  })
  mark(c, 'limit')
  return judgeOutcome(c, outcome)
}

/** Notes the decisions for the headers; null when all admitted. */
export function judgeOutcome(c: Ctx, outcome: LimitOutcome): LimitFault | null {
  if (outcome.decisions.length > 0)
    c.set('decisions', onePerPolicy([...c.get('decisions'), ...outcome.decisions]))
  if (outcome.ok) return null
  const failed = outcome.decisions.filter(({ ok }) => !ok)
  const policies = failed.map(({ policy }) => policy)
  if (outcome.unavailable) return { kind: 'limit_unavailable', policies }
  return { kind: 'limited', retryAfterSeconds: retryAfterSeconds(failed), policies }
}

/** The door: `per = "ip"` limits, before the token, so that forged tokens cost the forger; null when admitted. */
export function chargeAddress(
  c: Ctx,
  action: LimitedAction,
): Failure | null | Promise<Failure | null> {
  // X-Forwarded-For and the like are the client's own words; only Cloudflare's header counts.
  const ip = toSubjectIp(c.req.header('CF-Connecting-IP') ?? '')
  return ip === null ? null : charge(c, action, [{ per: 'ip', subject: ip, cost: 1 }])
}

/** The caller as limits know him. Subjects mean (iss, sub): two issuers may both know an "alice". */
export function subjectOf(c: Ctx): string {
  const { issuer, subject } = c.get('session')
  return JSON.stringify([issuer, subject])
}

/**
 * Limits by subject and bucket; null when admitted. A batch names the bucket of each of its requests, or null
 * for one that is refused: it costs the caller all the same.
 */
export function limitBySubject(
  c: Ctx,
  action: LimitedAction,
  ...buckets: readonly (string | null)[]
): Promise<Failure | null> {
  const costs = new Map<string, number>()
  for (const bucket of buckets) {
    if (bucket !== null) costs.set(bucket, (costs.get(bucket) ?? 0) + 1)
  }
  const byBucket = [...costs].map(([subject, cost]) => ({ per: 'bucket' as const, subject, cost }))
  return charge(c, action, [
    { per: 'sub', subject: subjectOf(c), cost: buckets.length },
    ...byBucket,
  ])
}

/** Limits by link and bucket when a link is opened or uploaded to; whoever does is nobody in particular. */
export function limitByLink(
  c: Ctx,
  tag: string,
  bucket: string,
  action: LimitedAction = 'open',
): Promise<Failure | null> {
  return charge(c, action, [
    { per: 'link', subject: tag, cost: 1 },
    { per: 'bucket', subject: bucket, cost: 1 },
  ])
}

/** What the caller's limits still allow, counting nothing. */
export async function peekLimits(
  c: Ctx,
): Promise<{ name: string; remaining: number; reset: number }[]> {
  const ip = toSubjectIp(c.req.header('CF-Connecting-IP') ?? '')
  const charges: Charge[] = [{ per: 'sub', subject: subjectOf(c), cost: 0 }]
  if (ip !== null) charges.push({ per: 'ip', subject: ip, cost: 0 })
  const { limiter, quotas } = c.get('deps')
  const decisions = [
    ...(await limiter.peek(charges, c.executionCtx)),
    ...(await quotas.peek(charges)),
  ]
  return decisions.map(({ policy, remaining, resetS }) => ({
    name: policy,
    remaining,
    reset: resetS,
  }))
}
