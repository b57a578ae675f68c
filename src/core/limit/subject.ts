// What one isolate knows of one subject: its own counts, and what its peers published of theirs.
import type { Pub } from './policy.ts'
import type { Frame, Position } from './window.ts'

/** A record as it was published, by a peer or by this isolate, and what follows from it. */
export interface Member {
  readonly pub: Pub
  readonly window: number
  /** When its slot closed. */
  readonly atMs: number
  /** What it may admit in the window; no bound while there is enough for everybody. */
  cap: number
}

export interface SubjectState {
  readonly name: string
  window: number
  arrivals: number
  admitted: number
  /** Arrivals of the window before. */
  before: number
  /** Arrivals of the slot that is open and of the one before it. */
  slot: number
  inSlot: number
  inLastSlot: number
  /** Since when it has had arrivals in each slot or every other. */
  activeSinceMs: number
  /** Slot of the last publication, counted from 1970: no key is ever written twice. */
  publishedSlot: number
  publications: number
  /** What this isolate last said of itself: all decide from what all know. */
  self: Member | null
  readonly peers: Map<string, Member>
  isShared: boolean
  /** What this isolate may admit in the window. */
  cap: number
  /** Where in a unit the shares of those before it end: rounding then loses and adds nothing. */
  phase: number
  decidedAtMs: number
  /** The last heartbeat that was read: only there silence says something; 0 when another list was read, or none yet. */
  heardAtMs: number
  /** What members that it does not know have admitted in the window, as others say, and their demand. */
  restUsed: number
  restDemand: number
  peersUsed: number
  peersUsedAtMs: number
  bannedUntilMs: number
  banReadAtMs: number
}

export function newSubject(name: string, nowMs: number, window: number): SubjectState {
  return {
    name,
    window,
    arrivals: 0,
    admitted: 0,
    before: 0,
    slot: -1,
    inSlot: 0,
    inLastSlot: 0,
    activeSinceMs: nowMs,
    publishedSlot: -1,
    publications: 0,
    self: null,
    peers: new Map(),
    isShared: false,
    cap: Number.POSITIVE_INFINITY,
    phase: 0,
    decidedAtMs: 0,
    heardAtMs: Number.NEGATIVE_INFINITY,
    restUsed: 0,
    restDemand: 0,
    peersUsed: 0,
    peersUsedAtMs: Number.NEGATIVE_INFINITY,
    bannedUntilMs: 0,
    banReadAtMs: Number.NEGATIVE_INFINITY,
  }
}

/** Counts an arrival in its slot. */
export function arrive(state: SubjectState, units: number, slot: number, nowMs: number): void {
  if (state.slot !== slot) {
    if (slot - state.slot > 2) state.activeSinceMs = nowMs
    state.inLastSlot = state.slot === slot - 1 ? state.inSlot : 0
    state.inSlot = 0
    state.slot = slot
  }
  state.inSlot += units
  state.arrivals += units
}

/** Totals of the window that peers have told. */
function told({ peers, window }: SubjectState): number[] {
  return [...peers.values()].map((peer) => (peer.window === window ? peer.pub.t : 0))
}

/** What this isolate has to say of the subject at the end of a slot. */
export function toPub(state: SubjectState, nowMs: number, at: Position, frame: Frame): Pub {
  const left = (at.windowEndsAtMs - nowMs) / frame.windowMs
  const spanMs = Math.min(2 * frame.slotMs, Math.max(frame.slotMs, nowMs - state.activeSinceMs))
  const r = ((state.inSlot + state.inLastSlot) / spanMs) * 1000
  const part = Math.max(0, left)
  // Not more than the larger of both windows: two honest bursts are not a flood.
  const n = Math.round(Math.max(state.arrivals, state.before * part + state.arrivals * (1 - part)))
  let [t, d] = [state.admitted, n]
  for (const peer of state.peers.values()) {
    if (peer.window === state.window) t += peer.pub.u
    d += peer.pub.n
  }
  return {
    a: state.arrivals,
    u: state.admitted,
    n,
    r: Math.round(r * 100) / 100,
    // Facts alone: an estimate that is passed on would grow on its way.
    t: Math.max(t, ...told(state)),
    d,
  }
}
