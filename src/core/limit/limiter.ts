// All limits of a configuration together: a request is admitted only if every limit that applies admits it.
import type { Background, Decision, LimitedAction, LimitPolicy, Strategy } from './policy.ts'

/** What one request costs one subject: a batch costs each of its buckets what it asks of that bucket. */
export interface Charge {
  readonly per: LimitPolicy['per']
  readonly subject: string
  /** Units; 0 only looks. */
  readonly cost: number
}

export interface LimitOutcome {
  readonly ok: boolean
  /** Refused because a store is down and its policy says deny: 503. */
  readonly unavailable: boolean
  /** Every limit that applies, tightest first. */
  readonly decisions: readonly Decision[]
}

export interface Limiter {
  check(action: LimitedAction, charges: readonly Charge[], ctx: Background): Promise<LimitOutcome>
  /** The state of every limit that applies to any action; the charges cost nothing. */
  peek(charges: readonly Charge[], ctx: Background): Promise<readonly Decision[]>
}

/** Refusals first, then the one with the least left. */
export function byTightness(a: Decision, b: Decision): number {
  return Number(a.ok) - Number(b.ok) || a.remaining / a.limit - b.remaining / b.limit
}

/** Tightest first, and of several subjects of one limit only the tightest: headers name each limit once. */
export function onePerPolicy(decisions: readonly Decision[]): readonly Decision[] {
  // Most requests meet one limit.
  if (decisions.length < 2) return decisions
  const sorted = decisions.toSorted(byTightness)
  return sorted.filter(
    ({ policy }, at) => sorted.findIndex((other) => other.policy === policy) === at,
  )
}

export function createLimiter(strategies: readonly Strategy[]): Limiter {
  return {
    async check(action, charges, ctx) {
      const taken: { strategy: Strategy; charge: Charge; decision: Decision }[] = []
      for (const strategy of strategies) {
        if (!strategy.policy.on.includes(action)) continue
        for (const charge of charges) {
          if (charge.per !== strategy.policy.per) continue
          const answer = strategy.check(charge.subject, charge.cost, ctx)
          // What is decided in memory waits for nothing, not even a turn of the queue.
          const decision = 'then' in answer ? await answer : answer
          taken.push({ strategy, charge, decision })
        }
      }
      const ok = taken.every(({ decision }) => decision.ok)
      for (const { strategy, charge, decision } of taken) {
        // What another limit refused must not cost here.
        if (!ok && decision.ok) strategy.release(charge.subject, charge.cost, ctx, decision)
      }
      const decisions = onePerPolicy(taken.map(({ decision }) => decision))
      return {
        ok,
        unavailable: decisions.some(({ unavailable }) => unavailable === true),
        decisions,
      }
    },
    async peek(charges, ctx) {
      const decisions: Decision[] = []
      for (const strategy of strategies) {
        for (const { subject } of charges.filter(({ per }) => per === strategy.policy.per))
          decisions.push(await strategy.check(subject, 0, ctx))
      }
      return onePerPolicy(decisions)
    },
  }
}
