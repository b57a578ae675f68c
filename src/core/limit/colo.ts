// A ratelimits binding in front of a limit: one counter for all isolates of a location, which can only refuse earlier.
import type { ColoCounter, Strategy } from './policy.ts'

/** A batch asks once for each of its units; more than this at once would only wait in line. */
const MAX_AT_ONCE = 100

async function takeAll(counter: ColoCounter, key: string, units: number): Promise<boolean> {
  try {
    for (let left = units; left > 0; left -= MAX_AT_ONCE) {
      const calls = Array.from({ length: Math.min(left, MAX_AT_ONCE) }, () =>
        counter.limit({ key }),
      )
      const answers = await Promise.all(calls)
      if (!answers.every(({ success }) => success)) return false
    }
    return true
  } catch {
    // Without the binding the limit behind it still holds.
    return true
  }
}

/** The strategy with the binding in front of it; units that the binding counted it never gives back. */
export function withColoCounter(strategy: Strategy, counter: ColoCounter): Strategy {
  return {
    ...strategy,
    async check(subject, cost, ctx) {
      const decision = await strategy.check(subject, cost, ctx)
      if (!decision.ok || cost === 0) return decision
      if (await takeAll(counter, `${decision.policy}\n${subject}`, cost)) return decision
      strategy.release(subject, cost, ctx, decision)
      return { ...decision, ok: false, remaining: 0, tier: 1 }
    },
  }
}
