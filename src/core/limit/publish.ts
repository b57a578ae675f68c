// When an isolate has something to tell its peers of a subject: every publication costs a write and a list.
import type { Pub } from './policy.ts'
import { demandOf, estimate, type Terms } from './shares.ts'
import type { SubjectState } from './subject.ts'
import { type Position, slotsToBeat } from './window.ts'

/** What peers believe this isolate has seen in the window. */
function believed(state: SubjectState, nowMs: number, terms: Terms): number {
  const { self } = state
  if (self === null) return 0
  const pub = { ...self.pub, u: self.pub.a }
  return estimate({ ...self, pub, cap: Number.POSITIVE_INFINITY }, state, nowMs, terms)
}

/** Too little seen to be worth an operation. */
export function isQuiet(state: SubjectState, { allow, preset, frame }: Terms): boolean {
  if (state.arrivals >= Math.max(2, allow * preset.quiet)) return false
  const pace = (state.inSlot * frame.windowMs) / frame.slotMs
  return state.arrivals < 2 || pace < 10 * preset.quiet * allow
}

export function shouldPublish(
  state: SubjectState,
  own: Pub,
  at: Position,
  nowMs: number,
  colo: string,
  terms: Terms,
): boolean {
  const { allow, frame, preset } = terms
  const { self } = state
  const slot = at.window * frame.slots + at.slot
  if (state.publishedSlot >= slot) return false
  if (self === null || at.window - self.window > preset.beatEvery) return true
  // Peers that were heard first in this slot have missed what was said in the one before.
  if (state.publications === 1) return true
  const demand = demandOf(state, own)
  const isRemote = [...state.peers.keys()].some((id) => !id.startsWith(`${colo}.`))
  const isFlood = state.isShared && demand > 2 * allow
  if (slotsToBeat(at.slot, frame) === 0) {
    // In a flood that goes on there is no news in most windows.
    if (isFlood && self.window < at.window && Math.abs(own.n - self.pub.n) < Math.max(3, own.n / 3))
      return at.window % preset.beatEvery === 0
    // Peers may be there that have not been heard of yet.
    const isYoung = nowMs - state.activeSinceMs < 1.5 * frame.windowMs && own.n > allow / 5
    return isRemote || isYoung || demand > allow / 2 || at.window % 5 === 0
  }
  if (isFlood) return false
  const belief = believed(state, nowMs, terms)
  const change = belief - (self.window === at.window ? self.pub.a : 0)
  const off = Math.abs(state.arrivals - belief)
  const isClose = isRemote && demand > allow / 2
  return (
    off >
    (isClose
      ? Math.max(1, 0.02 * allow)
      : Math.max(2, 0.06 * allow, 2.5 * Math.sqrt(Math.max(0, change))))
  )
}
