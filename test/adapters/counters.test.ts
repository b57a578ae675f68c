// The Counters object in workerd: exact under concurrency, after an eviction, and gone when its rows have ended.
import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import type { Counters } from '../../src/adapters/counters.ts'

afterEach(() => void vi.useRealTimers())

const objectOf = (name: string) => env.COUNTERS.get(env.COUNTERS.idFromName(name))
const inAnHour = (): number => systemClock.now() + 3_600_000
const ask = (need: number, windowMs = 3_600_000) => ({
  holder: 'a',
  window: Math.floor(Date.now() / windowMs),
  windowMs,
  allow: 10,
  need,
  want: need,
})

/** Ends the instance; its storage stays. */
async function evict(object: DurableObjectStub<Counters>): Promise<void> {
  await runInDurableObject(object, (_, state) => state.abort('evicted')).catch(() => undefined)
}

test('what was granted, held or opened is not forgotten when the object is evicted', async () => {
  const object = objectOf('evicted')
  const hold = { id: 'up', bytes: 6, allow: 10, windowMs: 86_400_000, untilMs: inAnHour() }
  const claim = { kind: 'claim', body: 'x' } as const
  expect(await object.lease(ask(7))).toEqual({ granted: 7, left: 3 })
  expect(await object.repeat(claim)).toEqual({ kind: 'mine' })
  await object.repeat({ kind: 'keep', body: 'x', answer: 'ticket' })
  expect(await object.hold(hold, false)).toEqual({ ok: true, left: 4 })
  await evict(object)
  const again = objectOf('evicted')
  expect(await again.lease(ask(4))).toEqual({ granted: 0, left: 3 })
  expect(await again.repeat(claim)).toEqual({ kind: 'kept', answer: 'ticket' })
  expect(await again.hold({ ...hold, id: 'other' }, false)).toEqual({ ok: false, left: 4 })
})

test('held bytes lapse, and the alarm deletes what has ended, in the end everything', async () => {
  const object = objectOf('lapsing')
  const hold = { id: 'up', bytes: 6, allow: 10, windowMs: 86_400_000 }
  const startMs = Date.now()
  await object.hold({ ...hold, untilMs: startMs + 1000 }, false)
  await object.hold({ ...hold, id: 'late', bytes: 4, untilMs: startMs + 5000 }, false)
  const rows = (): Promise<number> =>
    runInDurableObject(
      object,
      (_, { storage }) =>
        storage.sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM counts').one().n,
    )
  const alarm = (): Promise<number | null> =>
    runInDurableObject(object, (_, { storage }) => storage.getAlarm())
  expect(await alarm()).toBe(startMs + 1000)
  vi.useFakeTimers({ toFake: ['Date'], now: startMs + 1000 })
  expect(await runDurableObjectAlarm(object)).toBe(true)
  expect([await rows(), await alarm()]).toEqual([1, startMs + 5000])
  expect(await object.hold({ ...hold, bytes: 0, untilMs: 0 }, false)).toEqual({ ok: true, left: 6 })
  vi.setSystemTime(startMs + 5000)
  expect(await runDurableObjectAlarm(object)).toBe(true)
  const tables = await runInDurableObject(object, (_, { storage }) =>
    storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'counts'").toArray(),
  )
  expect([tables, await alarm()]).toEqual([[], null])
  expect(await object.hold({ ...hold, untilMs: startMs + 9000 }, false)).toMatchObject({ left: 4 })
})
