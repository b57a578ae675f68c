// Who may admit how much of a limit: estimates of what peers do, and shares when it will not be enough for all.
// Everybody computes them from the same published records, so that they add up to the limit.
import type { Pub } from './policy.ts'
import type { Preset } from './preset.ts'
import { type Member, type SubjectState, toPub } from './subject.ts'
import { type Frame, positionAt } from './window.ts'

export interface Terms {
  readonly allow: number
  readonly frame: Frame
  readonly preset: Preset
}

/** Demand beyond this part of the limit is shared from the start of a window. */
const CROWDED = 1.1
/** Windows after which a silent peer is forgotten, and how many more when nothing was heard at all. */
const FORGET = { calm: 1, deaf: 3 }

/** What has gone on for a while goes on for a while: an honest burst must not be read as a flood. */
function horizonOf({ pub }: Member, activeMs: number, { preset }: Terms): number {
  if (pub.r === 0) return 0
  return Math.min(preset.horizonMs, Math.max((1000 * pub.n) / pub.r, activeMs))
}

function rateOf(member: Member, activeMs: number, nowMs: number, terms: Terms): number {
  const isFresh = nowMs - member.atMs < horizonOf(member, activeMs, terms)
  return isFresh ? member.pub.r : (member.pub.n / terms.frame.windowMs) * 1000
}

/** What a member has admitted in the window by now, as far as its last record tells. */
export function estimate(
  member: Member,
  { window, activeSinceMs }: SubjectState,
  nowMs: number,
  terms: Terms,
): number {
  const activeMs = nowMs - activeSinceMs
  const { pub, atMs } = member
  const untilMs = atMs + horizonOf(member, activeMs, terms)
  if (member.window === window) {
    const grown = (pub.r * Math.max(0, Math.min(nowMs, untilMs) - atMs)) / 1000
    return Math.min(pub.u + grown, Math.max(member.cap, pub.u))
  }
  const startMs = window * terms.frame.windowMs
  const fastMs = Math.max(0, Math.min(nowMs, untilMs) - startMs)
  const slowMs = Math.max(0, nowMs - startMs - fastMs)
  const used = (pub.r * fastMs) / 1000 + (pub.n * slowMs) / terms.frame.windowMs
  return Math.min(used, member.cap)
}

/** What all peers together have admitted by now; summed up at most five times a second. */
export function peersUsed(state: SubjectState, nowMs: number, terms: Terms): number {
  if (state.peers.size === 0) return state.restUsed
  if (Math.abs(nowMs - state.peersUsedAtMs) > 200) {
    state.peersUsed = 0
    state.peersUsedAtMs = nowMs
    for (const peer of state.peers.values()) state.peersUsed += estimate(peer, state, nowMs, terms)
  }
  return state.peersUsed + state.restUsed
}

/** Demand of all, in units a window. */
export function demandOf(state: SubjectState, own: Pub): number {
  let demand = own.n + state.restDemand
  for (const { pub } of state.peers.values()) demand += pub.n
  return demand
}

/** What peers know beyond what this isolate knows: a late comer need not hear of everybody by himself. */
function hearRest(state: SubjectState, self: Member): void {
  let [used, demand] = [self.window === state.window ? self.pub.u : 0, self.pub.n]
  let [mostUsed, mostDemand] = [0, 0]
  for (const { pub, window } of state.peers.values()) {
    demand += pub.n
    if (state.window - window <= 1) mostDemand = Math.max(mostDemand, pub.d)
    if (window !== state.window) continue
    used += pub.u
    mostUsed = Math.max(mostUsed, pub.t)
  }
  state.restUsed = Math.max(0, mostUsed - used)
  state.restDemand = Math.max(0, mostDemand - demand)
}

/** A number in [0, 1) that is the same everywhere and another one in each window. */
function phaseOf(window: number): number {
  return (window * 0.618033988749895) % 1
}

/**
 * Chooses between an open window, in which whoever comes first is served, and shares in proportion to demand.
 * Called when something was learnt, and at the start of a window.
 */
export function decideShares(
  state: SubjectState,
  nowMs: number,
  id: string,
  terms: Terms,
  isStart: boolean,
): void {
  const { allow, frame, preset } = terms
  const at = positionAt(nowMs, frame)
  const self = state.self ?? {
    pub: toPub(state, nowMs, at, frame),
    window: state.window,
    atMs: nowMs,
    cap: Number.POSITIVE_INFINITY,
  }
  hearRest(state, self)
  const demand = demandOf(state, self.pub)
  const isFlood = demand > CROWDED * allow
  // In a flood silence counts only where this isolate has listened.
  const isLoud = demand > 1.5 * allow
  const heard = isLoud ? Math.floor(state.heardAtMs / frame.windowMs) : state.window
  for (const [name, peer] of state.peers) {
    const age = Math.max(heard - peer.window, state.window - peer.window - FORGET.deaf)
    if (age > (isLoud ? preset.beatEvery : FORGET.calm)) state.peers.delete(name)
  }
  state.peersUsedAtMs = Number.NEGATIVE_INFINITY
  state.decidedAtMs = nowMs
  // The caps of a window that is over say nothing of this one.
  const everybody: [string, Member][] = [...state.peers, [id, self]]
  if (isStart) for (const [, member] of everybody) member.cap = Number.POSITIVE_INFINITY
  const leftMs = at.windowEndsAtMs - nowMs
  let [used, growth, weights] = [state.restUsed, 0, state.restDemand]
  const rows = everybody.map(([name, member]) => {
    const rate = rateOf(member, nowMs - state.activeSinceMs, nowMs, terms)
    const has = estimate(member, state, nowMs, terms)
    const weight = Math.max((rate * frame.windowMs) / 1000, member.pub.n, 0.01)
    used += has
    growth +=
      (rate * Math.min(leftMs, horizonOf(member, nowMs - state.activeSinceMs, terms))) / 1000
    weights += weight
    return { name, member, has, weight }
  })
  const isScarce =
    used + growth > allow || ((isStart || state.isShared) && isFlood && demand > CROWDED * allow)
  state.isShared = state.peers.size > 0 && isScarce
  if (!state.isShared) {
    state.cap = Number.POSITIVE_INFINITY
    for (const { member } of rows) member.cap = Number.POSITIVE_INFINITY
    return
  }
  share(
    state,
    rows,
    { weights, used, most: allow * (1 + (demand > 2 * allow ? preset.floodSlack : preset.slack)) },
    id,
    isStart,
  )
}

interface Row {
  readonly name: string
  readonly member: Member
  readonly has: number
  readonly weight: number
}

function share(
  state: SubjectState,
  rows: readonly Row[],
  { weights, used, most }: { weights: number; used: number; most: number },
  id: string,
  isStart: boolean,
): void {
  const entitled = ({ weight, has }: Row): number => Math.max(0, (most * weight) / weights - has)
  const entitlements = rows.reduce((sum, row) => sum + entitled(row), 0)
  const part = entitlements > 0 ? Math.max(0, most - used) / entitlements : 0
  const old = isStart ? Number.POSITIVE_INFINITY : state.cap
  let before = phaseOf(state.window)
  for (const row of rows) {
    row.member.cap = row.has + part * entitled(row)
    if (row.name < id) before += row.member.cap
    if (row.name === id) state.cap = row.member.cap
  }
  // Units that were rounded one way in this window must not be rounded the other way as well.
  if (state.cap > old || old === Number.POSITIVE_INFINITY) state.phase = before % 1
}

/** Whether `units` more fit into this isolate's share: fractions of all shares round to their exact sum. */
export function fitsShare(state: SubjectState, units: number): boolean {
  return state.admitted + units - state.phase <= state.cap
}
