// The deadline of all calls to S3 that one request makes, in virtual time: none begins after it, none outlives it.
import { afterEach, expect, test, vi } from 'vitest'
import { createObjectStore } from '../../src/adapters/s3.ts'
import { permitOwn } from '../../src/core/policy/decide.ts'
import { EXAMPLE, keyOf, permitOf, policyOf } from '../support/permit.ts'

afterEach(() => void vi.restoreAllMocks())

const policy = await policyOf(EXAMPLE)
const rest = { bucket: 'media', size: 0, type: 'video/mp4', options: [] }
const permit = permitOf(policy, { action: 'upload', key: keyOf('a'), ...rest })
const LATE = { ok: false, error: { reason: 'timeout' } }

/** A store whose clock is ours; \`limits\` are the deadlines of the calls that were made. */
function create(answer = async () => new Response(null, { status: 404 })) {
  let nowMs = Date.UTC(2026, 0, 1)
  const limits: number[] = []
  const { timeout } = AbortSignal
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    limits.push(ms)
    return timeout(60_000)
  })
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(answer)
  const clock = { now: () => nowMs, wait: () => Promise.resolve() }
  const store = createObjectStore(clock, new WeakMap())
  return { store, limits, fetched, after: (ms: number) => void (nowMs += ms) }
}

test('each call has ten seconds, or what is left of the request’s thirty; then none is made', async () => {
  const { store, limits, fetched, after } = create()
  for (const ms of [0, 9000, 9000, 9000, 2999, 1, 60_000]) {
    after(ms)
    await store.head(permit)
  }
  expect(limits).toEqual([10_000, 10_000, 10_000, 3000, 1])
  expect(fetched).toHaveBeenCalledTimes(5)
  expect(await store.head(permit)).toEqual(LATE)
})

test('another request has its own, and housekeeping none for all of its calls', async () => {
  const { store, limits, after } = create()
  const other = { ...permit, session: { ...permit.session } }
  await store.head(permit)
  after(31_000)
  expect(await store.head(permit)).toEqual(LATE)
  await store.head(other)
  const own = permitOwn(permit.bucket, permit.operation)
  for (const ms of [0, 31_000]) {
    after(ms)
    await store.remove(own)
  }
  expect(limits).toEqual([10_000, 10_000, 10_000, 10_000])
})

test('after a completion that S3 has answered it begins anew; after one that it has not, it is over', async () => {
  const done = create(async () => new Response('<CompleteMultipartUploadResult/>'))
  const parts = [{ partNumber: 1, etag: 'e' }]
  const complete = (store: typeof done.store) =>
    store.completeMultipart(permit, 'u', parts, { createOnly: true })
  done.after(29_000)
  await complete(done.store)
  done.after(100_000)
  await done.store.head(permit)
  expect(done.limits).toEqual([180_000, 10_000])
  vi.restoreAllMocks()
  const silent = create(() => Promise.reject(new DOMException('late', 'TimeoutError')))
  expect(await complete(silent.store)).toEqual(LATE)
  silent.after(180_000)
  expect(await silent.store.head(permit)).toEqual(LATE)
  expect(silent.limits).toEqual([180_000])
})
