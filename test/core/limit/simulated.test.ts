// The limits in the simulator: the targets on thirty seeds, and bounds that hold under any schedule.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gossip } from '../../../bench/limits/contenders.ts'
import { TYPICAL } from '../../../bench/limits/kv-model.ts'
import { BASE, START_MS } from '../../../bench/limits/scenario.ts'
import { simulate } from '../../../bench/limits/simulate.ts'
import {
  failureFigures,
  type Figure,
  floodFigures,
  refusalFigures,
} from '../../../bench/limits/targets.ts'

describe('targets, the must column', { timeout: 240_000 }, () => {
  test.each([
    ['R1, R2, R3, R5, R6, R7: a flood', () => floodFigures()],
    ['R8, R16: KV fails', () => failureFigures()],
    ['R9: refusals without need', () => refusalFigures()],
  ] as const)('%s', async (_, measureAll: () => Promise<readonly Figure[]>) => {
    const missed = (await measureAll()).filter(({ measured, must }) => measured > must)
    expect(missed).toEqual([])
  })
})

/** Any schedule: gaps and heaps of requests, isolates that die young, KV that is slow, late and failing. */
const schedule = fc.record({
  seed: fc.nat(1_000_000),
  gapsMs: fc.array(fc.oneof(fc.nat(50), fc.nat(3000), fc.nat(40_000)), { maxLength: 300 }),
  lifeMs: fc.constantFrom(5000, 60_000, 1e9),
  writeMs: fc.constantFrom(1, 200, 20_000),
  errors: fc.constantFrom(0, 0.1, 0.5, 1),
  late: fc.constantFrom(0, 0.5, 1),
  binding: fc.boolean(),
  preset: fc.constantFrom('eco' as const, 'standard' as const, 'tight' as const),
})

test('no schedule breaks the bounds, writes a key twice, or leaves a rejection unhandled', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async (given) => {
      const { seed, gapsMs, lifeMs, writeMs, errors, late, binding, preset } = given
      const scenario = {
        ...BASE,
        allow: 20,
        locations: 2,
        windows: 6,
        lifeMs,
        binding,
        bindingSyncMs: 0,
        preset,
        kv: {
          ...TYPICAL,
          writeMs: { median: writeMs, p99: 4 * writeMs },
          late: { part: late, mostMs: 30_000 },
          errors,
        },
      }
      let atMs = START_MS
      const arrivals = gapsMs.flatMap((gapMs) => {
        atMs += gapMs
        // A short gap is a heap: that many at one moment.
        return Array<number>(gapMs < 50 ? gapMs : 1).fill(atMs)
      })
      const inTime = arrivals.filter((ms) => ms < START_MS + 6 * 60_000)
      const run = await simulate(gossip, scenario, seed, inTime)
      const { allow, locations } = scenario
      run.admitted.forEach((count, window) => {
        expect(count).toBeLessThanOrEqual((run.served[window] ?? 0) * allow)
        if (binding) expect(count).toBeLessThanOrEqual(locations * allow)
      })
      expect([run.kv.rewritten, run.kv.throttled, run.unhandled, run.errors]).toEqual([0, 0, 0, 0])
    }),
    { numRuns: 60 },
  )
}, 60_000)
