// The places of a link that takes files: kept for each upload under way, filled when it completes, exact by being steps.
import type { LinkRecord, LinkState, StoredLink } from './record.ts'
import { stateOf } from './record.ts'

/** Uploads by their nonce: until when the place is kept, or null once it is filled. */
export type Places = readonly (readonly [nonce: string, untilMs: number | null])[]

export type PlaceAsk =
  /** Tells what is left. */
  | { readonly kind: 'look' }
  /** Before an upload is opened. */
  | { readonly kind: 'keep'; readonly nonce: string; readonly untilMs: number }
  /** Before its object comes to be. */
  | { readonly kind: 'fill'; readonly nonce: string }
  /** When nothing can come of it any more; a filled one only if nothing is left of its object. */
  | { readonly kind: 'free'; readonly nonce: string; readonly isFilledToo: boolean }

export interface PlaceReply {
  /** What stands against it: the link's state, no place free, or that the upload has none any more. */
  readonly state: LinkState | 'full' | 'lost'
  readonly left: number
}

/** A link with its places; those that were filled are `used`. */
export interface PlacedLink extends StoredLink {
  readonly places?: Places
  readonly endedMs: number | null
}

function toLeft({ upload }: LinkRecord, places: Places): number {
  return Math.max(0, (upload?.maxFiles ?? 0) - places.length)
}

function judge(
  link: PlacedLink,
  places: Places,
  ask: PlaceAsk,
  nowMs: number,
): PlaceReply['state'] {
  const state = stateOf(link, nowMs)
  if (ask.kind === 'look' || ask.kind === 'free') return state
  // With the last file filled the others have no place: which of them has one, the list knows.
  if (state !== 'active' && state !== 'spent') return state
  const isThere = places.some(([nonce]) => nonce === ask.nonce)
  if (ask.kind === 'fill') return isThere ? 'active' : 'lost'
  if (isThere || toLeft(link.record, places) > 0) return 'active'
  return state === 'spent' ? state : 'full'
}

/** One step; what was kept and has lapsed is free again. */
export function askPlace<L extends PlacedLink>(
  link: L,
  ask: PlaceAsk,
  nowMs: number,
): { readonly link: L; readonly reply: PlaceReply } {
  const before = (link.places ?? []).filter(([, untilMs]) => untilMs === null || untilMs > nowMs)
  const state = judge(link, before, ask, nowMs)
  const others = ask.kind === 'look' ? before : before.filter(([nonce]) => nonce !== ask.nonce)
  const own = before.find((place) => !others.includes(place))
  let places = before
  if (ask.kind === 'free' && own !== undefined && (own[1] !== null || ask.isFilledToo))
    places = others
  // What is kept stays kept, and what is filled stays filled: either may be asked again after a lost answer.
  if (state === 'active' && ask.kind === 'keep')
    places = own ? before : [...before, [ask.nonce, ask.untilMs]]
  if (state === 'active' && ask.kind === 'fill') places = [...others, [ask.nonce, null]]
  const reply = { state, left: toLeft(link.record, places) }
  if (ask.kind === 'look' || (state !== 'active' && ask.kind !== 'free')) return { link, reply }
  const used = places.filter(([, untilMs]) => untilMs === null).length
  const next: L = { ...link, places, used }
  const isSpent = stateOf({ ...next, frozen: false }, nowMs) === 'spent'
  const endedMs = next.revoked ? next.endedMs : isSpent ? (link.endedMs ?? nowMs) : null
  return { link: { ...next, endedMs }, reply }
}
