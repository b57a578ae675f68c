// The KV limiter on virtual time: peers are learnt of, shares add up, late comers hear of all, bans, failures, memory.
import { expect, test } from 'vitest'
import { createKvLimiter } from '../../../src/core/limit/kv-limiter.ts'
import type { Decision, LimitPolicy, Pub, SlotStore } from '../../../src/core/limit/policy.ts'
import type { Clock } from '../../../src/ports.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const policy: LimitPolicy = {
  name: 'p',
  per: 'sub',
  allow: 100,
  everySeconds: 60,
  unit: 'requests',
  on: ['sign'],
  store: 'kv',
  preset: 'standard',
  onError: 'allow',
}

function createStore() {
  const written = new Map<string, Pub>()
  const bans = new Map<string, number>()
  let isDown = false
  const store: SlotStore = {
    async put(key, meta) {
      if (isDown) throw new Error('KV')
      expect(written.has(key)).toBe(false)
      written.set(key, meta)
    },
    async list(prefix) {
      if (isDown) throw new Error('KV')
      return [...written].flatMap(([id, meta]) => (id.startsWith(prefix) ? [{ id, meta }] : []))
    },
    async readBan(key) {
      return bans.get(key) ?? 0
    },
  }
  return { store, written, bans, fail: () => void (isDown = true) }
}

let seed = 0
function createIsolate(clock: Clock, store: SlotStore, change: Partial<LimitPolicy> = {}) {
  const bytes = (length: number) =>
    Uint8Array.from({ length }, () => (seed = (seed * 13 + 7) % 251))
  const limiter = createKvLimiter({
    clock,
    store,
    random: { bytes },
    policy: { ...policy, ...change },
    hashSubject: async (_, subject) => subject,
  })
  const tasks: Promise<unknown>[] = []
  const ctx = { waitUntil: (work: Promise<unknown>) => void tasks.push(work), colo: 'AMS' }
  function check(cost = 1, subject = 'alice'): Decision {
    const decision = limiter.check(subject, cost, ctx)
    if ('then' in decision) throw new Error('a KV check must not wait')
    return decision
  }
  const admit = (count: number): number =>
    Array.from({ length: count }, () => check()).filter(({ ok }) => ok).length
  return { check, admit, tasks, release: () => limiter.release('alice', 1, ctx) }
}

test('two isolates learn of each other after a slot, and a release gives back', async () => {
  const { clock, advance } = createVirtualTime()
  const { store, written } = createStore()
  const [a, b] = [createIsolate(clock, store), createIsolate(clock, store)]
  expect([a.admit(40), b.admit(60)]).toEqual([40, 60])
  expect(a.check(0)).toMatchObject({ ok: true, remaining: 60, tier: 0 })
  a.release()
  await advance(5000)
  expect(written.size).toBe(2)
  expect(a.check(0)).toMatchObject({ remaining: 0, tier: 2 })
  expect([...written.values()][0]).toMatchObject({ a: 40, u: 39 })
  for (const key of written.keys()) expect(key).toMatch(/^rl1\/p\/alice\/\d+\.\d+\/AMS\.\w{6}$/)
})

test('in a flood the shares of the next window add up to the limit', async () => {
  const { clock, advance } = createVirtualTime()
  const { store } = createStore()
  const isolates = Array.from({ length: 7 }, () => createIsolate(clock, store))
  // Sixty arrivals a second, unevenly spread, for two windows.
  const admitted: number[] = []
  for (let second = 0; second < 120; second += 1) {
    isolates.forEach(({ admit }, at) => {
      const count = admit(at + 1)
      if (second >= 60) admitted.push(count)
    })
    await advance(1000)
  }
  const sum = admitted.reduce((total, count) => total + count, 0)
  expect(sum).toBeGreaterThan(90)
  expect(sum).toBeLessThanOrEqual(100)
  expect(isolates[0]?.check()).toMatchObject({ mode: 'share' })
})

test('an isolate that is born into a flood asks what was said before it', async () => {
  const { clock, advance } = createVirtualTime()
  const { store } = createStore()
  const old = [createIsolate(clock, store), createIsolate(clock, store)]
  for (let second = 0; second < 150; second += 1) {
    for (const { admit } of old) admit(10)
    await advance(1000)
  }
  const fresh = createIsolate(clock, store)
  fresh.admit(2)
  await advance(1000)
  expect(fresh.admit(50)).toBe(0)
})

test('a batch costs its size, and a share admits it whole or not at all', async () => {
  const { clock } = createVirtualTime()
  const { check } = createIsolate(clock, createStore().store)
  expect(check(60)).toMatchObject({ ok: true, remaining: 40 })
  expect(check(41)).toMatchObject({ ok: false, remaining: 40 })
  expect(check(40)).toMatchObject({ ok: true, remaining: 0 })
})

test('one background task a slot, whatever the number of subjects', async () => {
  const { clock, advance } = createVirtualTime()
  const { store, written } = createStore()
  const { check, tasks } = createIsolate(clock, store)
  // Past its first window an isolate asks no more what was said before it.
  await advance(60_000)
  for (let subject = 0; subject < 50; subject += 1)
    for (let i = 0; i < 5; i += 1) check(1, `user-${subject}`)
  expect(tasks).toHaveLength(1)
  await advance(5000)
  expect(written.size).toBe(50)
})

test('a visitor of a few requests costs nothing', async () => {
  const { clock, advance } = createVirtualTime()
  const { store, written } = createStore()
  const { check, tasks } = createIsolate(clock, store)
  check()
  await advance(30_000)
  expect([tasks.length, written.size]).toEqual([0, 0])
})

test('an administrator’s ban is read in the background and holds until its time', async () => {
  const { clock, advance } = createVirtualTime()
  const { store, bans } = createStore()
  const { admit, check } = createIsolate(clock, store)
  bans.set('rlban1/alice', clock.now() + 50_000)
  expect(admit(10)).toBe(10)
  await advance(5000)
  expect(check()).toMatchObject({ ok: false, tier: 3, remaining: 0, resetS: 45 })
  expect(check(1, 'bob')).toMatchObject({ ok: true })
  await advance(46_000)
  expect(check()).toMatchObject({ ok: true })
})

test.each([
  ['allow', { ok: true }],
  ['deny', { ok: false, unavailable: true }],
] as const)('a store that stays down: on_error = %s', async (onError, expected) => {
  const { clock, advance } = createVirtualTime()
  const { store, fail } = createStore()
  fail()
  const { admit, check } = createIsolate(clock, store, { onError })
  for (let i = 0; i < 4; i += 1) {
    admit(4)
    await advance(4000)
  }
  expect(check()).toMatchObject({ ...expected, mode: 'local' })
  // Memory alone still holds the limit.
  expect(admit(200)).toBe(onError === 'allow' ? 83 : 0)
})

test('twenty thousand subjects are remembered; the one not seen for longest is forgotten', () => {
  const { clock } = createVirtualTime()
  const { check } = createIsolate(clock, createStore().store)
  check(50)
  check(50, 'old')
  for (let subject = 0; subject < 19_999; subject += 1) {
    check(1, `user-${subject}`)
    if (subject === 10_000) check(0)
  }
  expect(check(0)).toMatchObject({ remaining: 50 })
  expect(check(0, 'old')).toMatchObject({ remaining: 100 })
})
