// Byte quotas of an upload: held when it opens, settled just before S3 completes it, given back when nothing comes of it.
import type { Held, Holder } from '../../core/limit/quotas.ts'
import type { ByteCount, UploadTools } from '../../core/upload/upload.ts'
import type { Ctx } from '../env.ts'
import { judgeOutcome, subjectOf } from './limit.ts'
import { withPlaces } from './places.ts'

/** A completion that began in time may take so long. */
const COMPLETION_MS = 3_600_000

/** Whether uploads are counted here: then every object must come by the handshake. */
export function hasByteQuota(c: Ctx): boolean {
  return c.get('deps').quotas.policies.length > 0
}

const holdersOf = (c: Ctx, bucket: string): readonly Holder[] => [
  { per: 'sub', subject: subjectOf(c) },
  { per: 'bucket', subject: bucket },
]

/** What the steps of an upload need, the caller's byte quotas among it. */
export function toTools(c: Ctx): UploadTools {
  const { quotas, store, clock, random, signingKeys } = c.get('deps')
  const isCounted = hasByteQuota(c)
  const smallest = Math.min(...quotas.policies.map(({ allow }) => allow))
  const count: ByteCount = {
    maxBytes: isCounted ? smallest : undefined,
    async hold({ nonce, bucket, resumableUntilSeconds }, bytes, isSettled) {
      if (!isCounted) return null
      // No time to wait would help.
      if (bytes > smallest)
        return {
          kind: 'object_too_large',
          detail: `A byte quota allows ${smallest} bytes in all.`,
        }
      const untilMs = resumableUntilSeconds * 1000 + COMPLETION_MS
      const held: Held = { id: nonce, bytes, untilMs }
      return judgeOutcome(c, await quotas.hold(holdersOf(c, bucket), held, isSettled))
    },
    // Should that fail, it lapses.
    async release({ nonce, bucket }) {
      if (isCounted) c.executionCtx.waitUntil(quotas.release(holdersOf(c, bucket), nonce))
    },
  }
  return { store, clock, random, signingKeys, count: withPlaces(c, count) }
}
