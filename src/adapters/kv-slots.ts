// Slot records of limits in Workers KV: everything in metadata, each key written once, gone by itself.
// Consistency: visible elsewhere after seconds to a minute. Limits: one write a second per key, never reached; on the
// free plan 1000 writes and lists a day, after which calls fail. Failure, or no answer in TIMEOUT_MS: rejects; the
// limiter goes on from memory.
import type { Pub, SlotStore } from '../core/limit/policy.ts'
import type { Clock } from '../ports.ts'
import { inTime } from './in-time.ts'

/** KV's shortest life of a key. */
const MIN_TTL_SECONDS = 60
/** A read that takes longer would tell of a window that is over. */
const TIMEOUT_MS = 1000
/** KV's shortest cache. */
const BAN_CACHE_SECONDS = 30

/** Metadata of another shape is none of ours; it stands where only this gateway writes. */
function isPub(meta: Pub | undefined): meta is Pub {
  return (
    meta !== undefined && [meta.a, meta.u, meta.n, meta.r, meta.t, meta.d].every(Number.isFinite)
  )
}

export function createKvSlots(
  kv: Pick<KVNamespace, 'put' | 'list' | 'getWithMetadata'>,
  clock: Clock,
): SlotStore {
  return {
    async put(key, meta, ttlS) {
      await kv.put(key, '', { metadata: meta, expirationTtl: Math.max(MIN_TTL_SECONDS, ttlS) })
    },
    async list(prefix) {
      // One page holds a thousand isolates; more would only sharpen what is an estimate.
      const page = await inTime(clock, TIMEOUT_MS, kv.list<Pub>({ prefix }))
      return page.keys.flatMap(({ name, metadata }) =>
        isPub(metadata) ? [{ id: name, meta: metadata }] : [],
      )
    },
    async readBan(key) {
      const options = { type: 'text', cacheTtl: BAN_CACHE_SECONDS } as const
      const { metadata } = await inTime(
        clock,
        TIMEOUT_MS,
        kv.getWithMetadata<{ until?: number }>(key, options),
      )
      return Number(metadata?.until ?? 0)
    },
  }
}
