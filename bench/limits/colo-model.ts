// The ratelimits binding as a model: aligned windows, the counts of one machine reach its location twice a second.
import type { ColoCounter } from '../../src/core/limit/policy.ts'
import type { Engine } from './engine.ts'
import type { Scenario } from './scenario.ts'

interface Count {
  window: number
  /** Units taken, by machine, and when. */
  readonly taken: { readonly atMs: number; readonly machine: number }[]
}

export function createColoCounters(
  engine: Engine,
  scenario: Scenario,
): (location: number, machine: number) => ColoCounter {
  const counts = new Map<string, Count>()
  const windowMs = scenario.everySeconds * 1000
  return (location, machine) => ({
    async limit({ key }) {
      const nowMs = engine.now()
      const window = Math.floor(nowMs / windowMs)
      const name = `${location}|${key}`
      let count = counts.get(name)
      if (count?.window !== window) counts.set(name, (count = { window, taken: [] }))
      const syncMs = scenario.bindingSyncMs
      const syncedMs = syncMs === 0 ? Number.POSITIVE_INFINITY : Math.floor(nowMs / syncMs) * syncMs
      const known = count.taken.filter((unit) => unit.machine === machine || unit.atMs < syncedMs)
      if (known.length >= scenario.allow) return { success: false }
      count.taken.push({ atMs: nowMs, machine })
      return { success: true }
    },
  })
}
