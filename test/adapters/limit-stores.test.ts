// One contract for every store of limits, on the real bindings of wrangler's local runtime.
import { createExecutionContext, env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { systemClock, systemRandom } from '../../src/adapters/clock.ts'
import { createKvSlots } from '../../src/adapters/kv-slots.ts'
import { createLeaseSource } from '../../src/adapters/leases.ts'
import { createKvLimiter } from '../../src/core/limit/kv-limiter.ts'
import { createLeaseLimiter } from '../../src/core/limit/lease.ts'
import { createLimiter } from '../../src/core/limit/limiter.ts'
import type { LimitPolicy, Strategy } from '../../src/core/limit/policy.ts'

// A week, so that no test runs across the end of a window.
const WEEKLY: LimitPolicy = {
  name: 'weekly',
  per: 'sub',
  allow: 20,
  everySeconds: 604_800,
  unit: 'requests',
  on: ['sign'],
  store: 'kv',
  preset: 'standard',
  onError: 'allow',
}
const clock = systemClock
const random = systemRandom

const brokenKv = new Proxy(env.POSTERN_KV, {
  get: () => () => Promise.reject(new Error('KV is down')),
})
const brokenObjects = {
  idFromName: () => 'id',
  get: () => ({ lease: () => Promise.reject(new Error('overloaded')) }),
} as unknown as typeof env.COUNTERS

const STORES = [
  {
    store: 'kv' as const,
    create: (policy: LimitPolicy, isBroken: boolean): Strategy =>
      createKvLimiter({
        clock,
        random,
        policy,
        store: createKvSlots(isBroken ? brokenKv : env.POSTERN_KV, clock),
        hashSubject: async (name, subject) => `${name}-${subject}`,
      }),
  },
  {
    store: 'durable-object' as const,
    create: (policy: LimitPolicy, isBroken: boolean): Strategy =>
      createLeaseLimiter({
        clock,
        random,
        policy,
        source: createLeaseSource(isBroken ? brokenObjects : env.COUNTERS, policy),
      }),
  },
]

describe.each(STORES)('$store', ({ store, create }) => {
  const limit = (name: string, isBroken = false, onError: LimitPolicy['onError'] = 'allow') =>
    create({ ...WEEKLY, store, name: `${store}-${name}`, onError }, isBroken)
  const ctx = createExecutionContext()

  test('admits the limit and not one more, whatever the costs are', async () => {
    const { check } = limit('costs')
    const costs = [7, 1, 12, 1, 1]
    const answers = []
    for (const cost of costs) answers.push(await check('alice', cost, ctx))
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, false, false])
    expect(answers.map(({ remaining }) => remaining)).toEqual([13, 12, 0, 0, 0])
  })

  test('a hundred at a time: the limit is admitted', async () => {
    const { check } = limit('concurrent')
    const answers = await Promise.all(Array.from({ length: 100 }, () => check('alice', 1, ctx)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(20)
  })

  test('counts each subject by itself, and says when the window ends', async () => {
    const { check } = limit('subjects')
    const endsInS = 604_800 - (Math.floor(clock.now() / 1000) % 604_800)
    expect(await check('alice', 20, ctx)).toMatchObject({ ok: true, remaining: 0, limit: 20 })
    expect(await check('alice', 1, ctx)).toMatchObject({ ok: false })
    const other = await check('bob', 1, ctx)
    expect(other).toMatchObject({ ok: true, remaining: 19 })
    expect(Math.abs(other.resetS - endsInS)).toBeLessThanOrEqual(5)
  })

  test('a look takes nothing, and a look at nothing left is still no refusal', async () => {
    const { check } = limit('look')
    expect(await check('alice', 0, ctx)).toMatchObject({ ok: true, remaining: 20 })
    expect(await check('alice', 20, ctx)).toMatchObject({ ok: true })
    expect(await check('alice', 0, ctx)).toMatchObject({ ok: true, remaining: 0 })
  })

  test('what another limit refuses costs nothing here', async () => {
    const roomy = limit('roomy')
    const tight = create({ ...WEEKLY, store, name: `${store}-tight`, allow: 5 }, false)
    const limiter = createLimiter([roomy, tight])
    const charge = (cost: number) => [{ per: 'sub' as const, subject: 'alice', cost }]
    expect((await limiter.check('sign', charge(6), ctx)).ok).toBe(false)
    const outcome = await limiter.check('sign', charge(5), ctx)
    expect(outcome.ok).toBe(true)
    expect(outcome.decisions.map(({ policy, remaining }) => [policy, remaining])).toEqual([
      [`${store}-tight`, 0],
      [`${store}-roomy`, 15],
    ])
  })

  test('a store that fails: on_error = allow goes on from memory, and the limit holds there', async () => {
    const { check } = limit('down', true)
    const answers = []
    for (let i = 0; i < 25; i += 1) answers.push(await check('alice', 1, ctx))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(20)
    expect(answers.some(({ unavailable }) => unavailable)).toBe(false)
  })
})
