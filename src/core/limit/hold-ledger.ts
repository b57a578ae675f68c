// The object's side of byte quotas: bytes held for open uploads, and bytes of those that were completed in a window.
import type { Rows } from './rows.ts'

export interface HoldAsk {
  /** The upload. */
  readonly id: string
  readonly bytes: number
  readonly allow: number
  readonly windowMs: number
  /** When the upload can be completed no more: what it holds lapses. */
  readonly untilMs: number
}

export interface HoldReply {
  readonly ok: boolean
  /** Bytes that are neither held nor used up. */
  readonly left: number
}

const OPEN = 'open'
/** A settled upload is remembered for so long, for completions that are tried again and uploads that fail after it. */
const SETTLED_MS = 3_600_000

const totalOf = (window: number): string => `total ${window}`

function add(rows: Rows, window: number, windowMs: number, bytes: number): void {
  const id = totalOf(window)
  const units = (rows.get(id)?.units ?? 0) + bytes
  rows.put(id, { units, untilMs: (window + 1) * windowMs, note: 'total' })
}

/**
 * Holds bytes for an upload, or settles what was held when it completes. An open upload counts in every window until
 * it ends, so that what becomes an object in a window, and what still may, never exceeds the quota.
 */
export function holdBytes(rows: Rows, ask: HoldAsk, isSettled: boolean, nowMs: number): HoldReply {
  const { id, bytes, allow, windowMs, untilMs } = ask
  const window = Math.floor(nowMs / windowMs)
  const free = allow - rows.sum(OPEN) - (rows.get(totalOf(window))?.units ?? 0)
  const left = Math.max(0, free)
  const row = rows.get(id)
  const isOpen = row?.note === OPEN
  if (row !== undefined && !isSettled) return { ok: true, left }
  // Asked again after a lost answer it is counted already; if more has arrived since, the difference is not.
  const isCounted = row?.note === `${window}`
  const counted = isOpen || isCounted ? row.units : 0
  if (isCounted && bytes <= counted) return { ok: true, left }
  if (bytes > counted && bytes > free + counted) return { ok: false, left }
  if (bytes === 0) return { ok: true, left }
  const ends = isSettled ? nowMs + SETTLED_MS : untilMs
  rows.put(id, { units: bytes, untilMs: ends, note: isSettled ? `${window}` : OPEN })
  if (isSettled) add(rows, window, windowMs, isCounted ? bytes - counted : bytes)
  return { ok: true, left: Math.max(0, free + counted - bytes) }
}

/** Gives back what an open upload holds. What was settled stays: S3 may have its bytes, or have had them. */
export function releaseBytes(rows: Rows, id: string): void {
  if (rows.get(id)?.note === OPEN) rows.delete(id)
}
