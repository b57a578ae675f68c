// Idempotency-Key at its edges: a day in the real Durable Object, and 503 for as long as that cannot be reached.
import { env } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createRepeats } from '../../src/adapters/repeats.ts'
import { bearer, createGateway, type Problem } from '../support/worker.ts'

afterEach(() => void vi.useRealTimers())

const claim = { kind: 'claim', body: 'one' } as const

test('kept for 24 hours, and then forgotten', async () => {
  const repeats = createRepeats(env.COUNTERS, systemClock)
  const openedMs = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: openedMs })
  expect(await repeats('a day', claim)).toEqual({ kind: 'mine' })
  await repeats('a day', { kind: 'keep', body: 'one', answer: 'ticket' })
  vi.setSystemTime(openedMs + 86_400_000 - 1)
  expect(await repeats('a day', claim)).toEqual({ kind: 'kept', answer: 'ticket' })
  expect(await repeats('a day', { kind: 'claim', body: 'two' })).toEqual({ kind: 'other' })
  vi.setSystemTime(openedMs + 86_400_000)
  expect(await repeats('a day', { kind: 'claim', body: 'two' })).toEqual({ kind: 'mine' })
})

test('a request that died lets another in after half a minute', async () => {
  const repeats = createRepeats(env.COUNTERS, systemClock)
  const claimedMs = Date.now()
  vi.useFakeTimers({ toFake: ['Date'], now: claimedMs })
  expect(await repeats('died', claim)).toEqual({ kind: 'mine' })
  vi.setSystemTime(claimedMs + 29_999)
  expect(await repeats('died', claim)).toEqual({ kind: 'busy' })
  vi.setSystemTime(claimedMs + 30_000)
  expect(await repeats('died', claim)).toEqual({ kind: 'mine' })
})

test('503, and nothing is opened, when the store cannot be reached', async () => {
  // A binding is no plain object; only what the adapter calls of it.
  const COUNTERS = Object.assign(Object.create({}), {
    idFromName: (name: string) => env.COUNTERS.idFromName(name),
    get: () => ({ repeat: () => Promise.reject(new Error('overloaded')) }),
  })
  const { request, log } = createGateway({ COUNTERS })
  // Any call to S3 would be one too many.
  const s3 = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('S3 was called'))
  const answer = await request('/v1/uploads', {
    method: 'POST',
    headers: { ...(await bearer()), 'Idempotency-Key': 'once' },
    body: JSON.stringify({ bucket: 'media', key: 'users/alice/a.txt', type: 'text/plain' }),
  })
  expect(answer.status).toBe(503)
  expect(answer.headers.get('Retry-After')).toBe('5')
  expect((await answer.json<Problem>()).code).toBe('unavailable')
  expect(s3).not.toHaveBeenCalled()
  expect(log.at(-1)).toMatchObject({ status: 503, code: 'unavailable' })
  s3.mockRestore()
})
