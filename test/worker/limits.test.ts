// KV limits through the whole Worker: KV that fails on every call, the binding in front, a ban, a free plan that is used up.
import { env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createKvSlots } from '../../src/adapters/kv-slots.ts'
import { bearer, createGateway, SETTINGS } from '../support/worker.ts'

/** A KV whose calls go the way given; a new one is a new environment, and so a new isolate to the gateway. */
function createKv(fail: (method: string) => Promise<never> | undefined): KVNamespace {
  return new Proxy(env.POSTERN_KV, {
    get(kv, name) {
      const method: unknown = Reflect.get(kv, name)
      return typeof method === 'function'
        ? (...args: unknown[]) => fail(String(name)) ?? Reflect.apply(method, kv, args)
        : method
    },
  })
}

// Revocation records are another matter: by default they must be readable.
const ISSUERS = SETTINGS.ISSUERS.map((issuer) => ({ ...issuer, on_revocation_error: 'allow' }))
const weekly = (change: object = {}) => [
  { name: 'week', per: 'sub', allow: 20, every: '7d', approximate: true, ...change },
]

async function statusesOf(settings: Record<string, unknown>, count: number, sub = 'alice') {
  const { request } = createGateway({ ISSUERS, ...settings })
  const headers = await bearer(sub)
  const statuses: number[] = []
  for (let i = 0; i < count; i += 1)
    statuses.push((await request(`/o/media/users/${sub}/x`, { headers })).status)
  return statuses
}

const counts = (statuses: readonly number[]) => [
  statuses.filter((status) => status === 302).length,
  statuses.filter((status) => status === 429).length,
]

describe('KV that fails', () => {
  test.each([
    ['throws at once', () => Promise.reject(new Error('KV is down'))],
    [
      'never answers the limiter',
      (method: string) =>
        method === 'get' ? Promise.reject(new Error('KV')) : new Promise<never>(() => undefined),
    ],
    [
      'refuses writes alone, as on the free plan after a day’s thousand',
      (method: string) =>
        method === 'put' ? Promise.reject(new Error('KV put() limit exceeded')) : undefined,
    ],
  ] as const)('%s: no 5xx, and the limit holds in this isolate', async (_, fail) => {
    const statuses = await statusesOf({ POSTERN_KV: createKv(fail), LIMITS: weekly() }, 25)
    expect(counts(statuses)).toEqual([20, 5])
  })
})

test('a binding in front refuses for its whole location', async () => {
  let taken = 0
  // A binding is no plain table: the configuration would take it for a misspelt variable.
  const RL_5_60: unknown = Object.create({
    limit: async () => ({ success: (taken += 1) <= 5 }),
  })
  const LIMITS = weekly({ binding: 'RL_5_60' })
  expect(counts(await statusesOf({ RL_5_60, LIMITS }, 8))).toEqual([5, 3])
  expect(taken).toBe(8)
})

test('slots and bans stand in metadata', async () => {
  const store = createKvSlots(env.POSTERN_KV, systemClock)
  const pub = { a: 1, u: 1, n: 1, r: 0.2, t: 3, d: 4 }
  await store.put('rl1/p/s/1.2/AMS.abc', pub, 60)
  await env.POSTERN_KV.put('rl1/p/s/1.2/AMS.other', '', { metadata: { a: 'x' } })
  expect(await store.list('rl1/p/s/1.2/')).toEqual([{ id: 'rl1/p/s/1.2/AMS.abc', meta: pub }])
  await env.POSTERN_KV.put('rlban1/x', '1', { metadata: { until: 5 } })
  expect([await store.readBan?.('rlban1/x'), await store.readBan?.('rlban1/y')]).toEqual([5, 0])
})
