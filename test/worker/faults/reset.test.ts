// Durable Objects that are reset while calls are on their way: what was granted stays granted, and never more than that is.
import { env, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/adapters/clock.ts'
import { createHoldSource } from '../../../src/adapters/holds.ts'
import { createLinks as createLinkStore } from '../../../src/adapters/links.ts'
import { createByteQuotas } from '../../../src/core/limit/quotas.ts'
import { nameOfCount } from '../../../src/adapters/leases.ts'
import type { LimitPolicy } from '../../../src/core/limit/policy.ts'
import { createLinks } from '../../support/links.ts'
import { bearer, createGateway, type Problem } from '../../support/worker.ts'

/** Ends the instance, with every call that it has begun; its storage stays. */
const reset = (stub: DurableObjectStub): Promise<unknown> =>
  runInDurableObject(stub, (_, state) => state.abort('reset')).catch(() => undefined)

describe('a link of five downloads, opened thirty times while its object is reset again and again', () => {
  test('opens at most five times, and everybody else is told to come back or that it is gone', async () => {
    const links = createLinks()
    const { id } = await links.make({ maxDownloads: 5 })
    const object = () => env.LINKS.get(env.LINKS.idFromName(id))
    const answers = await Promise.all(
      Array.from({ length: 30 }, async (_, at) => {
        if (at % 4 === 3) await reset(object())
        return links.open(id)
      }),
    )
    const told = await Promise.all(
      answers.map(async (answer) =>
        answer.status === 302 ? '302' : `${answer.status} ${(await answer.json<Problem>()).code}`,
      ),
    )
    const opened = told.filter((one) => one === '302').length
    expect(new Set(told).isSubsetOf(new Set(['302', '410 link_gone', '503 unavailable']))).toBe(
      true,
    )
    expect(opened).toBeLessThanOrEqual(5)
    // And after the storm the rest of them, not one more.
    let more = 0
    while ((await links.open(id)).status === 302) more += 1
    expect(opened + more).toBeGreaterThan(0)
    expect(opened + more).toBeLessThanOrEqual(5)
    // One whose answer was lost may be counted; none that was given is not.
    const stored = await createLinkStore(env.POSTERN_KV, env.LINKS, systemClock).read(id)
    expect(stored).toMatchObject({ ok: true, value: { used: 5 } })
  })
})

test('an exact limit whose object is reset before every call admits what it allows, and nobody sees it', async () => {
  const limit = { name: 'reset', per: 'sub', allow: 10, every: '7d', store: 'durable-object' }
  const policies: string[] = []
  // The real object; the first call of each stub finds it reset under its feet.
  const COUNTERS: unknown = new Proxy(env.COUNTERS, {
    get(real, name) {
      if (name !== 'get') return Reflect.get(real, name).bind(real)
      return (objectId: DurableObjectId) => {
        const isFirst = policies.push(objectId.toString()) % 2 === 1
        const stub = real.get(objectId)
        return {
          lease: async (ask: Parameters<typeof stub.lease>[0]) => {
            if (isFirst) await runInDurableObject(stub, (_, state) => state.abort('reset'))
            return stub.lease(ask)
          },
        }
      }
    },
  })
  const { request } = createGateway({ COUNTERS, LIMITS: [{ ...limit, on_error: 'deny' }] })
  const headers = await bearer('reset')
  const statuses: number[] = []
  for (let times = 0; times < 12; times += 1)
    statuses.push((await request('/o/media/users/reset/x', { headers })).status)
  expect(statuses).toEqual([...Array<number>(10).fill(302), 429, 429])
})

test('bytes that are held while their object is reset are held once', async () => {
  const policy: LimitPolicy = {
    name: 'bytes',
    per: 'sub',
    allow: 100,
    everySeconds: 604_800,
    unit: 'bytes',
    on: ['upload'],
    store: 'durable-object',
    preset: 'standard',
    onError: 'deny',
  }
  const object = () => env.COUNTERS.get(env.COUNTERS.idFromName(nameOfCount(policy, 'carol')))
  const source = createHoldSource(env.COUNTERS)
  let calls = 0
  const quotas = createByteQuotas(
    [policy],
    {
      ...source,
      // It is held, and the object ends before it can say so.
      hold: async (...ask) => {
        const reply = await source.hold(...ask)
        calls += 1
        if (calls % 2 === 0) return reply
        await reset(object())
        throw new Error('Durable Object reset')
      },
    },
    systemClock,
  )
  const holders = [{ per: 'sub', subject: 'carol' }] as const
  const hold = (id: string, bytes: number) =>
    quotas.hold(holders, { id, bytes, untilMs: Date.now() + 3_600_000 }, false)
  expect(await hold('first', 60)).toMatchObject({ ok: true, decisions: [{ remaining: 40 }] })
  expect(await hold('second', 41)).toMatchObject({ ok: false, unavailable: false })
  expect(await hold('third', 40)).toMatchObject({ ok: true, decisions: [{ remaining: 0 }] })
  expect(calls).toBe(6)
})
