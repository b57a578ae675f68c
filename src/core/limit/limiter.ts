// All limits of a configuration together: a request is admitted only if every limit that applies admits it.
import type { Background, Decision, LimitedAction, Strategy } from './policy.ts'

/** Who and what a request counts against; absent ones have no limit here. */
export interface LimitSubjects {
  readonly sub?: string
  readonly ip?: string
  readonly link?: string
  readonly bucket?: string
}

export interface LimitOutcome {
  readonly ok: boolean
  /** Refused because a store is down and its policy says deny: 503. */
  readonly unavailable: boolean
  /** Every limit that applies, tightest first. */
  readonly decisions: readonly Decision[]
}

export interface Limiter {
  check(
    action: LimitedAction,
    subjects: LimitSubjects,
    cost: number,
    ctx: Background,
  ): Promise<LimitOutcome>
  /** The state of every limit that applies to any action, counting nothing. */
  peek(subjects: LimitSubjects, ctx: Background): Promise<readonly Decision[]>
}

/** Refusals first, then the one with the least left. */
export function byTightness(a: Decision, b: Decision): number {
  return Number(a.ok) - Number(b.ok) || a.remaining / a.limit - b.remaining / b.limit
}

export function createLimiter(strategies: readonly Strategy[]): Limiter {
  return {
    async check(action, subjects, cost, ctx) {
      const taken: { strategy: Strategy; subject: string; decision: Decision }[] = []
      for (const strategy of strategies) {
        const subject = subjects[strategy.policy.per]
        if (subject === undefined || !strategy.policy.on.includes(action)) continue
        taken.push({ strategy, subject, decision: await strategy.check(subject, cost, ctx) })
      }
      const ok = taken.every(({ decision }) => decision.ok)
      for (const { strategy, subject, decision } of taken) {
        // What another limit refused must not cost here.
        if (!ok && decision.ok) strategy.release(subject, cost, ctx)
      }
      const decisions = taken.map(({ decision }) => decision).toSorted(byTightness)
      return {
        ok,
        unavailable: decisions.some(({ unavailable }) => unavailable === true),
        decisions,
      }
    },
    async peek(subjects, ctx) {
      const decisions: Decision[] = []
      for (const strategy of strategies) {
        const subject = subjects[strategy.policy.per]
        if (subject !== undefined) decisions.push(await strategy.check(subject, 0, ctx))
      }
      return decisions.toSorted(byTightness)
    },
  }
}
