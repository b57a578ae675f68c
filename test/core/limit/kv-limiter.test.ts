// The KV limiter on a virtual clock: never over the limit in one isolate, never a key twice, peers are learnt of.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKvLimiter } from '../../../src/core/limit/kv-limiter.ts'
import type { LimitPolicy, Pub, SlotStore } from '../../../src/core/limit/policy.ts'
import type { Clock } from '../../../src/ports.ts'

const policy: LimitPolicy = {
  name: 'p',
  per: 'sub',
  allow: 20,
  everySeconds: 60,
  unit: 'requests',
  on: ['sign'],
  store: 'kv',
  preset: 'standard',
  onError: 'allow',
} as const

/** A clock that moves when told; waits end in order as it passes them. */
function createVirtualClock() {
  let nowMs = 1_200_000
  const waiting: { atMs: number; wake: () => void }[] = []
  const clock: Clock = {
    now: () => nowMs,
    wait: (ms) =>
      new Promise((wake) => void waiting.push({ atMs: nowMs + ms, wake: () => wake() })),
  }
  async function advance(ms: number): Promise<void> {
    const until = nowMs + ms
    for (;;) {
      // Lets everything that is ready run on before time does.
      for (let i = 0; i < 20; i += 1) await Promise.resolve()
      const next = waiting.toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined || next.atMs > until) break
      waiting.splice(waiting.indexOf(next), 1)
      nowMs = Math.max(nowMs, next.atMs)
      next.wake()
    }
    nowMs = until
  }
  return { clock, advance }
}

function createFakeStore(isFailing: () => boolean) {
  const written = new Map<string, Pub>()
  const twice: string[] = []
  const store: SlotStore = {
    async put(key, meta) {
      if (isFailing()) throw new Error('KV')
      if (written.has(key)) twice.push(key)
      written.set(key, meta)
    },
    async list(prefix) {
      if (isFailing()) throw new Error('KV')
      return [...written]
        .filter(([id]) => id.startsWith(prefix))
        .map(([id, meta]) => ({ id, meta }))
    },
  }
  return { store, twice, written }
}

let seed = 0
function createLimiter(clock: Clock, store: SlotStore, onError: 'allow' | 'deny' = 'allow') {
  const random = {
    bytes: (length: number) => Uint8Array.from({ length }, () => (seed = (seed * 13 + 7) % 251)),
  }
  const background: Promise<unknown>[] = []
  const limiter = createKvLimiter({
    clock,
    store,
    random,
    policy: { ...policy, onError },
    hashSubject: async (_, subject) => subject,
  })
  const ctx = { waitUntil: (work: Promise<unknown>) => void background.push(work) }
  return {
    check: () => limiter.check('alice', 1, ctx),
    release: () => limiter.release('alice', 1, ctx),
  }
}

test('one isolate never admits more than the limit, whatever the schedule and the store do', async () => {
  const step = fc.record({ gapMs: fc.nat(9000), count: fc.nat(30), fails: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const { clock, advance } = createVirtualClock()
      let fails = false
      const { store, twice } = createFakeStore(() => fails)
      const { check } = createLimiter(clock, store)
      const admitted = new Map<number, number>()
      for (const { gapMs, count, fails: isFailing } of steps) {
        fails = isFailing
        await advance(gapMs)
        for (let i = 0; i < count; i += 1) {
          const decision = check()
          if ('then' in decision) throw new Error('a KV check must not wait')
          const window = Math.floor(clock.now() / 60_000)
          if (decision.ok) admitted.set(window, (admitted.get(window) ?? 0) + 1)
        }
      }
      await advance(120_000)
      expect(Math.max(0, ...admitted.values())).toBeLessThanOrEqual(policy.allow)
      expect(twice).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('two isolates learn of each other after a slot, and a release gives back', async () => {
  const { clock, advance } = createVirtualClock()
  const { store, written } = createFakeStore(() => false)
  const [a, b] = [createLimiter(clock, store), createLimiter(clock, store)]
  for (let i = 0; i < 10; i += 1) [a, b].forEach(({ check }) => check())
  expect(await a.check()).toMatchObject({ ok: true, remaining: 9 })
  a.release()
  await advance(8000)
  expect(written.size).toBe(2)
  expect(await a.check()).toMatchObject({ ok: false, remaining: 0, tier: 2 })
  await advance(60_000)
  expect(await a.check()).toMatchObject({ ok: true, remaining: 19 })
})

test.each([
  ['allow', { ok: true }],
  ['deny', { ok: false, unavailable: true }],
] as const)('a store that stays down: on_error = %s', async (onError, expected) => {
  const { clock, advance } = createVirtualClock()
  const { store } = createFakeStore(() => true)
  const { check } = createLimiter(clock, store, onError)
  for (let i = 0; i < 4; i += 1) {
    check()
    check()
    await advance(7000)
  }
  expect(await check()).toMatchObject({ ...expected, mode: 'local' })
})
