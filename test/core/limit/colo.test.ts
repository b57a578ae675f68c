// The ratelimits binding in front of a limit: it refuses earlier, never later, and its failure refuses nobody.
import { expect, test } from 'vitest'
import { withColoCounter } from '../../../src/core/limit/colo.ts'
import type { ColoCounter, Decision, LimitPolicy } from '../../../src/core/limit/policy.ts'

const policy: LimitPolicy = {
  name: 'p',
  per: 'sub',
  allow: 10,
  everySeconds: 60,
  unit: 'requests',
  on: ['sign'],
  store: 'kv',
  preset: 'standard',
  onError: 'allow',
  binding: 'RL_5_60',
}
const ctx = { waitUntil: () => undefined }

function createGuarded(counter: ColoCounter) {
  let used = 0
  const decide = (cost: number): Decision => {
    const ok = used + cost <= policy.allow
    if (ok) used += cost
    return {
      ok,
      policy: 'p',
      limit: 10,
      remaining: policy.allow - used,
      resetS: 1,
      tier: 0,
      mode: 'open',
    }
  }
  const strategy = withColoCounter(
    {
      policy,
      check: (_, cost) => decide(cost),
      release: (_, cost) => void (used -= cost),
    },
    counter,
  )
  return { check: async (cost: number) => strategy.check('alice', cost, ctx), used: () => used }
}

/** Five units a key. */
function createCounter() {
  const taken = new Map<string, number>()
  const counter: ColoCounter = {
    async limit({ key }) {
      const count = (taken.get(key) ?? 0) + 1
      taken.set(key, count)
      return { success: count <= 5 }
    },
  }
  return { counter, taken }
}

test('the smaller of both limits holds, and a refusal gives back what the limit behind took', async () => {
  const { counter, taken } = createCounter()
  const { check, used } = createGuarded(counter)
  expect(await check(0)).toMatchObject({ ok: true })
  expect(taken.size).toBe(0)
  for (let i = 0; i < 5; i += 1) expect(await check(1)).toMatchObject({ ok: true })
  expect(await check(1)).toMatchObject({ ok: false, tier: 1, remaining: 0 })
  expect(used()).toBe(5)
  expect([...taken.keys()]).toEqual(['p\nalice'])
})

test('a batch takes a unit of the location for each of its requests', async () => {
  const { counter, taken } = createCounter()
  const { check } = createGuarded(counter)
  expect(await check(4)).toMatchObject({ ok: true, remaining: 6 })
  expect(await check(2)).toMatchObject({ ok: false, tier: 1 })
  expect(taken.get('p\nalice')).toBe(6)
})

test('what the limit behind refuses costs the location nothing', async () => {
  const { counter, taken } = createCounter()
  const { check } = createGuarded(counter)
  expect(await check(11)).toMatchObject({ ok: false, tier: 0 })
  expect(taken.size).toBe(0)
})

test('a binding that fails leaves the limit behind it in force', async () => {
  const { check } = createGuarded({ limit: () => Promise.reject(new Error('gone')) })
  for (let i = 0; i < 10; i += 1) expect(await check(1)).toMatchObject({ ok: true })
  expect(await check(1)).toMatchObject({ ok: false, tier: 0 })
})
