// Arithmetic of aligned windows and of the slots they are cut into.

/** Slots in a window: each isolate publishes a slot at most once, after it has closed. */
export const SLOTS = 12

export interface Position {
  /** Number of the window since 1970. */
  readonly window: number
  /** 0 … SLOTS - 1. */
  readonly slot: number
  readonly slotEndsAtMs: number
  readonly windowEndsAtMs: number
}

export function positionAt(nowMs: number, windowMs: number): Position {
  const window = Math.floor(nowMs / windowMs)
  const startsAtMs = window * windowMs
  const slotMs = windowMs / SLOTS
  const slot = Math.min(SLOTS - 1, Math.floor((nowMs - startsAtMs) / slotMs))
  return {
    window,
    slot,
    slotEndsAtMs: startsAtMs + (slot + 1) * slotMs,
    windowEndsAtMs: startsAtMs + windowMs,
  }
}

/** Whole seconds until the window ends, at least 1: what Retry-After may promise. */
export function secondsLeft(nowMs: number, endsAtMs: number): number {
  return Math.max(1, Math.ceil((endsAtMs - nowMs) / 1000))
}
