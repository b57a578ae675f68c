// Things that may be used so many times, such as one-time links: counted exactly, never beyond their number.
import type { Rows } from './rows.ts'

export interface UseAsk {
  /** The thing within its object. */
  readonly id: string
  readonly max: number
  /** When the thing expires by itself. */
  readonly untilMs: number
  /** Names this attempt, so that a lost answer is answered again and not counted twice. */
  readonly attempt: string
}

/** Takes one use if one is left. Never leased: each use is a call of its own. */
export function consumeUse(rows: Rows, ask: UseAsk, nowMs: number): boolean {
  const { id, max, untilMs, attempt } = ask
  // After its end the row is gone, so the clock must refuse.
  if (nowMs >= untilMs) return false
  const row = rows.get(id)
  if (row?.note === attempt) return true
  const used = row?.units ?? 0
  if (used >= max) return false
  rows.put(id, { units: used + 1, untilMs, note: attempt })
  return true
}
