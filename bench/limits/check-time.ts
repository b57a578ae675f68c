// How long one check takes on the request path, in real time: nothing in it waits, so that this is all it adds.
import { createKvLimiter } from '../../src/core/limit/kv-limiter.ts'
import { toPolicy } from './contenders.ts'
import { quantile } from './measures.ts'
import { BASE } from './scenario.ts'

const CHECKS = 200_000
const SUBJECTS = 5000

/** Microseconds of a check, over many subjects. */
export function measureCheck(): { readonly p50: number; readonly p99: number } {
  const limiter = createKvLimiter({
    clock: { now: () => Date.now(), wait: () => new Promise(() => undefined) },
    random: { bytes: (length) => new Uint8Array(length) },
    store: { put: async () => undefined, list: async () => [] },
    policy: toPolicy(BASE),
    hashSubject: async (_, subject) => subject,
  })
  const ctx = { waitUntil: () => undefined }
  const times: number[] = []
  for (let i = 0; i < CHECKS; i += 1) {
    const startedAt = performance.now()
    void limiter.check(`user-${(i * 7919) % SUBJECTS}`, 1, ctx)
    times.push((performance.now() - startedAt) * 1000)
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
