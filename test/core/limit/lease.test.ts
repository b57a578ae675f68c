// Token leases on virtual time: never more than the limit in a window, whatever happens to calls, objects and isolates.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFleet, LEASED, type Trip } from '../../support/lease-fleet.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const FAST: Trip = { thereMs: 10, backMs: 10 }

/** Mostly nothing; what goes wrong all the time hides what could go wrong. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
/** Some of them longer than a window, and than the limiter's patience. */
const delay = fc.oneof(
  { weight: 3, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.nat(5000) },
)
const trips = fc.array(
  fc.record({
    thereMs: delay,
    backMs: delay,
    lost: seldom(fc.constantFrom('there' as const, 'back' as const)),
  }),
  { minLength: 1, maxLength: 20 },
)
const steps = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant('arrive' as const),
        gapMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(3000)),
        isolate: fc.nat(3),
        count: fc.integer({ min: 1, max: 12 }),
        cost: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 })),
        // Another limit refuses the same request, at once or only after a while.
        givenBackAfterMs: seldom(fc.oneof(fc.constant(0), fc.nat(4000))),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), isolate: fc.nat(3) }) },
  ),
  { minLength: 5, maxLength: 40 },
)

test('no schedule of arrivals, delays, lost answers, resets and deaths admits more than the limit in a window', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps,
      trips,
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(2, 7, 60),
      async (schedule, ways, allow, everySeconds) => {
        const { clock, advance } = createVirtualTime()
        let calls = 0
        const fleet = createFleet(clock, { ...LEASED, allow, everySeconds }, () => {
          calls += 1
          return ways[calls % ways.length] ?? FAST
        })
        const isolates = Array.from({ length: 4 }, fleet.createIsolate)
        const work: Promise<unknown>[] = []
        for (const step of schedule) {
          if (step.kind === 'reset') fleet.reset()
          else if (step.kind === 'die') isolates[step.isolate] = fleet.createIsolate()
          else {
            await advance(step.gapMs)
            const isolate = isolates[step.isolate]
            if (isolate === undefined) continue
            for (let i = 0; i < step.count; i += 1) {
              const checked = isolate.check(step.cost)
              const { givenBackAfterMs } = step
              if (givenBackAfterMs === undefined) work.push(checked)
              else
                work.push(
                  checked.then(async (decision) => {
                    await clock.wait(givenBackAfterMs)
                    if (decision.ok) await isolate.release(step.cost, decision)
                  }),
                )
            }
          }
        }
        await advance(60_000)
        await Promise.all([...work, ...fleet.background])
        expect(Math.max(0, ...fleet.admitted.values())).toBeLessThanOrEqual(allow)
      },
    ),
    { numRuns: Number(process.env['LEASE_RUNS'] ?? 150) },
  )
}, 60_000)

test('one isolate gets exactly the limit, and the next window again', async () => {
  const { clock, advance } = createVirtualTime()
  const fleet = createFleet(clock, LEASED, () => FAST)
  const { check } = fleet.createIsolate()
  for (let window = 0; window < 3; window += 1) {
    const checks: Promise<{ ok: boolean }>[] = []
    for (let i = 0; i < 130; i += 1) {
      checks.push(check())
      await advance(100)
    }
    const admitted = (await Promise.all(checks)).filter(({ ok }) => ok)
    expect(admitted).toHaveLength(100)
    await advance(60_000 - 13_000)
  }
  // Once nothing is left, refusals cost no calls.
  expect(fleet.calls()).toBeLessThan(40)
})

test('a lease is for its window alone: an answer that comes after it buys nothing', async () => {
  const { clock, advance } = createVirtualTime(1_200_000 + 59_990)
  const fleet = createFleet(clock, { ...LEASED, allow: 5 }, () => FAST)
  const [a, b] = [fleet.createIsolate(), fleet.createIsolate()]
  const late = a.check(5)
  await advance(100)
  expect(await late).toMatchObject({ ok: true, remaining: 0 })
  const [, second] = [...fleet.admitted.keys()].toSorted()
  expect(second).toBeUndefined()
  const other = b.check(1)
  await advance(100)
  expect(await other).toMatchObject({ ok: false, remaining: 0 })
})

describe('an object that fails', () => {
  const lost: Trip = { ...FAST, lost: 'there' }
  test.each([
    ['once', [lost, FAST], 'deny', { ok: true, mode: 'open' }],
    ['twice, on_error = allow', [lost, lost], 'allow', { ok: true, mode: 'local' }],
    ['twice, on_error = deny', [lost, lost], 'deny', { ok: false, unavailable: true }],
  ] as const)('%s', async (_, ways, onError, expected) => {
    const { clock, advance } = createVirtualTime()
    let calls = -1
    const fleet = createFleet(clock, { ...LEASED, onError }, () => ways[(calls += 1)] ?? FAST)
    const { check } = fleet.createIsolate()
    const checked = check()
    await advance(100)
    expect(await checked).toMatchObject(expected)
    expect(fleet.calls()).toBe(2)
  })

  test('is left alone for two seconds, while the isolate admits at most the limit from memory', async () => {
    const { clock, advance } = createVirtualTime()
    const fleet = createFleet(clock, { ...LEASED, allow: 5, onError: 'allow' }, () => lost)
    const { check } = fleet.createIsolate()
    const first = check()
    await advance(1000)
    const rest = await Promise.all(Array.from({ length: 6 }, () => check()))
    expect([await first, ...rest].filter(({ ok }) => ok)).toHaveLength(5)
    expect(fleet.calls()).toBe(2)
    await advance(2000)
    void check()
    expect(fleet.calls()).toBe(3)
  })

  test('an answer that does not come in two seconds is a failure', async () => {
    const { clock, advance } = createVirtualTime()
    const fleet = createFleet(clock, LEASED, () => ({ thereMs: 10, backMs: 60_000 }))
    const checked = fleet.createIsolate().check()
    await advance(2000)
    expect(await checked).toMatchObject({ ok: false, unavailable: true })
  })
})

test('a batch is admitted whole or not at all, and a release gives back to the isolate', async () => {
  const { clock, advance } = createVirtualTime()
  const fleet = createFleet(clock, LEASED, () => FAST)
  const isolate = fleet.createIsolate()
  const ask = async (cost: number) => {
    const checked = isolate.check(cost)
    await advance(100)
    return checked
  }
  const first = await ask(60)
  expect(first).toMatchObject({ ok: true, remaining: 40 })
  expect(await ask(41)).toMatchObject({ ok: false, remaining: 40 })
  await isolate.release(60, first)
  expect(await ask(100)).toMatchObject({ ok: true, remaining: 0 })
  expect(await ask(0)).toMatchObject({ ok: true, remaining: 0 })
  // What was paid for in another window gives nothing back.
  await advance(60_000)
  await isolate.release(60, first)
  expect(await ask(101)).toMatchObject({ ok: false, remaining: 100 })
})

test('a look without knowledge asks the object and takes nothing', async () => {
  const { clock, advance } = createVirtualTime()
  const fleet = createFleet(clock, LEASED, () => FAST)
  const [a, b] = [fleet.createIsolate(), fleet.createIsolate()]
  void a.check(30)
  await advance(100)
  const looked = b.check(0)
  await advance(100)
  expect(await looked).toMatchObject({ ok: true, remaining: 70 })
})

/** Numbers that look random and are the same in every run. */
function createDice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

// 8, 35 and 140 ms there and back: near, on the continent, far.
const ROUND_TRIPS_MS = [8, 35, 140]

test.each([
  { what: 'ten locations, ten times the limit', isolates: 20, load: 10, most: 60 },
  { what: 'one location, ten times the limit', isolates: 2, load: 10, most: 15 },
])('calls per 1000 requests, $what: at most $most', async ({ isolates, load, most }) => {
  const dice = createDice(7)
  const { clock, advance } = createVirtualTime(1_200_000)
  const fleet = createFleet(clock, LEASED, () => {
    const roundTripMs = ROUND_TRIPS_MS[Math.floor(dice() * 3)] ?? 35
    return { thereMs: roundTripMs / 2, backMs: roundTripMs / 2 }
  })
  const all = Array.from({ length: isolates }, fleet.createIsolate)
  const gapMs = 60_000 / (load * LEASED.allow)
  let requests = 0
  for (let atMs = 0; atMs < 6 * 60_000;) {
    const stepMs = -Math.log(1 - dice()) * gapMs
    await advance(stepMs)
    atMs += stepMs
    requests += 1
    void all[Math.floor(dice() * isolates)]?.check()
  }
  await advance(1000)
  expect((1000 * fleet.calls()) / requests).toBeLessThanOrEqual(most)
  expect([...fleet.admitted.values()].slice(0, 6)).toEqual(Array(6).fill(100))
})

test.each([
  { what: 'half the limit, evenly', load: 50, withinMs: 60_000 },
  { what: 'nine tenths within two seconds', load: 90, withinMs: 2000 },
])('nobody is refused below the limit: $what, over 20 isolates', async ({ load, withinMs }) => {
  const dice = createDice(11)
  const { clock, advance } = createVirtualTime(1_200_000)
  const fleet = createFleet(clock, LEASED, () => FAST)
  const all = Array.from({ length: 20 }, fleet.createIsolate)
  for (let window = 0; window < 4; window += 1) {
    for (let i = 0; i < load; i += 1) {
      void all[Math.floor(dice() * 20)]?.check()
      await advance(withinMs / load)
    }
    await advance(60_000 - withinMs)
  }
  expect([...fleet.admitted.values()]).toEqual(Array(4).fill(load))
})
