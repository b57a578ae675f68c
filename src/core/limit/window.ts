// Arithmetic of aligned windows and of the slots they are cut into.

/** A limit's window and its slots; an isolate publishes a slot at most once, as it closes. */
export interface Frame {
  readonly windowMs: number
  readonly slotMs: number
  /** Slots in a window. */
  readonly slots: number
  /** The last slot in which everybody publishes, the heartbeat; in long windows every `beat` slots before it too. */
  readonly lastBeat: number
  readonly beat: number
}

/** A heartbeat is read so late that also slow records are there, and before the window ends. */
export const BEAT_GUARD_MS = 4000
const AFTER_BEAT_MS = 5000

/** Long windows get more slots, not longer ones: background work ends 30 s after its request. */
const MAX_SLOT_MS = 5000
const MIN_SLOT_MS = 1000

export function toFrame(everySeconds: number, slotsAMinute: number): Frame {
  const windowMs = everySeconds * 1000
  const wanted = Math.min(MAX_SLOT_MS, Math.max(MIN_SLOT_MS, windowMs / slotsAMinute))
  const slots = Math.ceil(windowMs / wanted)
  return {
    windowMs,
    slotMs: windowMs / slots,
    slots,
    lastBeat: Math.floor((windowMs - AFTER_BEAT_MS) / (windowMs / slots)) - 1,
    beat: Math.ceil(slots / Math.ceil(slots / slotsAMinute)),
  }
}

export interface Position {
  /** Number of the window since 1970. */
  readonly window: number
  /** 0 … slots - 1. */
  readonly slot: number
  readonly slotEndsAtMs: number
  readonly windowEndsAtMs: number
}

export function positionAt(nowMs: number, { windowMs, slotMs, slots }: Frame): Position {
  const window = Math.floor(nowMs / windowMs)
  const startsAtMs = window * windowMs
  const slot = Math.min(slots - 1, Math.floor((nowMs - startsAtMs) / slotMs))
  return {
    window,
    slot,
    slotEndsAtMs: startsAtMs + (slot + 1) * slotMs,
    windowEndsAtMs: startsAtMs + windowMs,
  }
}

/** Slots from this one to the next heartbeat of the window, 0 in the heartbeat itself; -1 when none is left. */
export function slotsToBeat(slot: number, { lastBeat, beat }: Frame): number {
  return slot > lastBeat ? -1 : (lastBeat - slot) % beat
}

/** Whole seconds until the window ends, at least 1: what Retry-After may promise. */
export function secondsLeft(nowMs: number, endsAtMs: number): number {
  return Math.max(1, Math.ceil((endsAtMs - nowMs) / 1000))
}
