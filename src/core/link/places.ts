// The places of a link that takes files: kept for each upload under way, filled when it completes, exact by being steps.
import { type PlaceAsk, type Places, type PlaceState, stateOf, type StoredLink } from './record.ts'
import type { Tally } from './tally.ts'

export interface PlaceReply {
  readonly tally: Tally
  readonly state: PlaceState
}

/** What was kept and has lapsed is free again. */
function toLive(places: Places = [], nowMs: number): Places {
  return places.filter(([, untilMs]) => untilMs === null || untilMs > nowMs)
}

/** Files that may still be sent in, beside those under way. */
export function leftOf({ record, places }: StoredLink, nowMs: number): number {
  return Math.max(0, (record.upload?.maxFiles ?? 0) - toLive(places, nowMs).length)
}

function judge(tally: Tally, ask: PlaceAsk, nowMs: number): PlaceState {
  const state = stateOf(tally, nowMs)
  // With the last file there others may still be asked for: which have a place, the list knows.
  if (ask.kind === 'free' || (state !== 'active' && state !== 'spent')) return state
  const isThere = toLive(tally.places, nowMs).some(([nonce]) => nonce === ask.nonce)
  if (ask.kind === 'fill') return isThere ? 'active' : 'lost'
  if (isThere || leftOf(tally, nowMs) > 0) return 'active'
  return state === 'spent' ? state : 'full'
}

/** What is kept stays kept, and what is filled filled: either may be asked again after a lost answer. */
function toNext(live: Places, ask: PlaceAsk): Places {
  const own = live.find(([nonce]) => nonce === ask.nonce)
  const others = live.filter((place) => place !== own)
  switch (ask.kind) {
    case 'keep':
      return own === undefined ? [...live, [ask.nonce, ask.untilMs]] : live
    case 'fill':
      return [...others, [ask.nonce, null]]
    case 'free':
      return own?.[1] === null && !ask.isFilledToo ? live : others
  }
}

export function askPlace(tally: Tally, ask: PlaceAsk, nowMs: number): PlaceReply {
  const state = judge(tally, ask, nowMs)
  if (state !== 'active' && ask.kind !== 'free') return { tally, state }
  const places = toNext(toLive(tally.places, nowMs), ask)
  const used = places.filter(([, untilMs]) => untilMs === null).length
  const isSpent = used >= (tally.record.upload?.maxFiles ?? Infinity)
  const endedMs = tally.revoked || isSpent ? (tally.endedMs ?? nowMs) : null
  return { tally: { ...tally, places, used, endedMs }, state }
}
