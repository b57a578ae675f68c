// Byte quotas of an upload: held when it opens, settled just before S3 completes it, given back when nothing comes of it.
import type { Held, Holder } from '../../core/limit/quotas.ts'
import type { Ticket } from '../../core/upload/ticket.ts'
import type { Ctx } from '../env.ts'
import type { Failure } from '../failure.ts'
import { judgeOutcome, subjectOf } from './limit.ts'

/** What of an upload a quota must know; the nonce names it. */
export type Counted = Pick<Ticket, 'nonce' | 'bucket' | 'size' | 'resumableUntilSeconds'>

/** A completion that began in time may take so long. */
const COMPLETION_MS = 3_600_000

/** Whether uploads are counted here: then every object must come by the handshake, and in parts, whose URLs can make none. */
export function hasByteQuota(c: Ctx): boolean {
  return c.var.deps.quotas.policies.length > 0
}

const holdersOf = (c: Ctx, bucket: string): readonly Holder[] => [
  { per: 'sub', subject: subjectOf(c) },
  { per: 'bucket', subject: bucket },
]

async function hold(c: Ctx, upload: Counted, isSettled: boolean): Promise<Failure | null> {
  const { quotas } = c.var.deps
  if (quotas.policies.length === 0) return null
  const { nonce, bucket, size } = upload
  const smallest = Math.min(...quotas.policies.map(({ allow }) => allow))
  // No time to wait would help.
  if (size > smallest)
    return { kind: 'object_too_large', detail: `A byte quota allows ${smallest} bytes in all.` }
  const untilMs = upload.resumableUntilSeconds * 1000 + COMPLETION_MS
  const held: Held = { id: nonce, bytes: size, untilMs }
  return judgeOutcome(c, await quotas.hold(holdersOf(c, bucket), held, isSettled))
}

/** Holds the size of an upload that opens; null when there is room in every quota. */
export function holdBytes(c: Ctx, upload: Counted): Promise<Failure | null> {
  return hold(c, upload, false)
}

/** Before the object comes to be, never after: a settlement that fails then would leave bytes uncounted. */
export function settleBytes(c: Ctx, upload: Counted): Promise<Failure | null> {
  return hold(c, upload, true)
}

/** Gives back what an upload held that ended without an object; should that fail, it lapses. */
export function releaseBytes(c: Ctx, { nonce, bucket }: Counted): void {
  const { quotas } = c.var.deps
  if (quotas.policies.length > 0)
    c.executionCtx.waitUntil(quotas.release(holdersOf(c, bucket), nonce))
}
