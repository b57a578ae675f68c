// Slot records of limits in Workers KV: everything in metadata, each key written once, gone by itself.
// Consistency: visible elsewhere after seconds to a minute. Limits: one write a second per key, never reached.
// Failure: rejects; the limiter goes on from memory.
import type { Pub, SlotStore } from '../core/limit/policy.ts'

/** KV's shortest life of a key. */
const MIN_TTL_SECONDS = 60

export function createKvSlots(kv: KVNamespace): SlotStore {
  return {
    async put(key, meta, ttlS) {
      await kv.put(key, '', { metadata: meta, expirationTtl: Math.max(MIN_TTL_SECONDS, ttlS) })
    },
    async list(prefix) {
      // One page holds a thousand isolates; more would only sharpen what is an estimate.
      const page = await kv.list<Pub>({ prefix })
      return page.keys.flatMap(({ name, metadata }) =>
        metadata === undefined ? [] : [{ id: name, meta: metadata }],
      )
    },
  }
}
