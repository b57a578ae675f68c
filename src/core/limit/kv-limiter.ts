// A limit shared through Workers KV by closed-slot gossip: decided from memory, told to peers in the background.
// No key is written twice, no slot is read before it has closed, and no request waits for KV.
import type { Clock, Random } from '../../ports.ts'
import { createGossip, type Gossip } from './gossip.ts'
import type { Background, Decision, LimitPolicy, SlotStore, Strategy } from './policy.ts'
import { PRESETS } from './preset.ts'
import { isQuiet, shouldPublish } from './publish.ts'
import { decideShares, fitsShare, peersUsed, type Terms } from './shares.ts'
import { arrive, newSubject, type SubjectState, toPub } from './subject.ts'
import {
  BEAT_GUARD_MS,
  type Position,
  positionAt,
  secondsLeft,
  slotsToBeat,
  toFrame,
} from './window.ts'

export interface KvLimiterOptions {
  readonly clock: Clock
  readonly store: SlotStore
  readonly random: Random
  readonly policy: LimitPolicy
  /** A keyed hash for key names: no user id or address stands in KV. */
  hashSubject(policy: string, subject: string): Promise<string>
  /** Shared by all limits of an isolate, so that they need one task a slot; made if it is not given. */
  readonly gossip?: Gossip
}

const MAX_SUBJECTS = 20_000
/** Subjects published in one slot: a write and a list each, of the 1000 that a request may make. */
const MAX_PUBLISHED = 100
/** Background work ends 30 s after the answer. */
const BEAT_AHEAD_MS = 20_000
/** A list is read once more when it failed: a heartbeat that was missed is missed for long. */
const RETRY_MS = 500
/** How old the knowledge of a ban may be. */
const BAN_READ_MS = 60_000

export function createKvLimiter(options: KvLimiterOptions): Strategy {
  const { clock, store, policy } = options
  const gossip = options.gossip ?? createGossip(clock, options.random)
  const preset = PRESETS[policy.preset]
  const frame = toFrame(policy.everySeconds, preset.slots)
  const terms: Terms = { allow: policy.allow, frame, preset }
  /** Until two heartbeats later; long windows need less. */
  const ttlSeconds = Math.max(
    60,
    Math.min((preset.beatEvery + 2) * policy.everySeconds, policy.everySeconds + 600),
  )
  const subjects = new Map<string, SubjectState>()
  /** Subjects that were loud since the last publication. */
  const hot = new Set<SubjectState>()
  /** Subjects that were loud since the last heartbeat. */
  const beating = new Set<SubjectState>()
  const startedAtMs = clock.now()

  function stateOf(subject: string, nowMs: number, at: Position): SubjectState {
    const state = subjects.get(subject) ?? newSubject(subject, nowMs, at.window)
    // Re-inserting keeps the map in order of use, so that the first entry is the one to forget.
    subjects.delete(subject)
    subjects.set(subject, state)
    if (subjects.size > MAX_SUBJECTS) {
      const [oldest = subject] = subjects.keys()
      subjects.delete(oldest)
    }
    if (state.window !== at.window) {
      state.before = state.window === at.window - 1 ? state.arrivals : 0
      state.window = at.window
      state.arrivals = 0
      state.admitted = 0
      state.isShared = false
      state.restUsed = 0
      if (state.peers.size > 0) decideShares(state, nowMs, gossip.id(), terms, true)
    }
    return state
  }

  function admits(state: SubjectState, units: number, nowMs: number): boolean {
    const { allow } = policy
    const isAlone = state.heardAtMs === Number.NEGATIVE_INFINITY && !gossip.breaker.isOpen()
    if (state.admitted + units > allow * (isAlone ? preset.grant : 1)) return false
    if (state.isShared) {
      if (fitsShare(state, units)) return true
      if (nowMs - state.decidedAtMs < preset.horizonMs) return false
      // What was expected when it was shared may not have come.
      decideShares(state, nowMs, gossip.id(), terms, false)
      if (state.isShared) return fitsShare(state, units)
    }
    const most = state.peers.size === 0 ? allow : allow * (1 + preset.slack)
    return state.admitted + units + peersUsed(state, nowMs, terms) <= most
  }

  function toDecision(state: SubjectState, ok: boolean, nowMs: number, at: Position): Decision {
    const left = policy.allow - state.admitted - peersUsed(state, nowMs, terms)
    const isShared = state.isShared
    return {
      ok,
      policy: policy.name,
      limit: policy.allow,
      remaining: Math.max(
        0,
        Math.floor(isShared ? Math.min(left, state.cap - state.admitted) : left),
      ),
      resetS: secondsLeft(nowMs, at.windowEndsAtMs),
      tier: state.peers.size === 0 ? 0 : 2,
      mode: gossip.breaker.isOpen() ? 'local' : isShared ? 'share' : 'open',
    }
  }

  async function prefixOf(subject: string): Promise<string> {
    return `rl1/${policy.name}/${await options.hashSubject(policy.name, subject)}/`
  }

  /** Reads what peers published under a prefix of `w.k/`, which is closed: nothing is added to it any more. */
  async function learn(state: SubjectState, within: string, beatMs = 0): Promise<void> {
    const start = await prefixOf(state.name)
    const list = () => gossip.attempt(() => store.list(start + within))
    let seen = await list()
    if (seen === null) {
      await clock.wait(RETRY_MS)
      seen = await list()
    }
    if (seen === null) return
    const nowMs = clock.now()
    state.heardAtMs = Math.max(state.heardAtMs, beatMs)
    for (const { id, meta } of seen) {
      const [where = '', name = ''] = id.slice(start.length).split('/')
      const [window = 0, slot = 0] = where.split('.').map(Number)
      const atMs = window * frame.windowMs + (slot + 1) * frame.slotMs
      const known = state.peers.get(name)
      if (name === gossip.id() || (known !== undefined && known.atMs >= atMs)) continue
      state.peers.set(name, {
        pub: meta,
        window,
        atMs,
        cap: known?.cap ?? Number.POSITIVE_INFINITY,
      })
    }
    if (state.window === positionAt(nowMs, frame).window)
      decideShares(state, nowMs, gossip.id(), terms, false)
  }

  async function publish(state: SubjectState, at: Position, nowMs: number): Promise<void> {
    const pub = toPub(state, nowMs, at, frame)
    const isNew = state.self === null || at.window - state.self.window > preset.beatEvery
    state.publications = isNew ? 1 : state.publications + 1
    state.publishedSlot = at.window * frame.slots + at.slot
    state.self = {
      pub,
      window: at.window,
      atMs: at.slotEndsAtMs,
      cap: state.self?.cap ?? Number.POSITIVE_INFINITY,
    }
    const key = `${await prefixOf(state.name)}${at.window}.${at.slot}/${gossip.id()}`
    await gossip.attempt(() => store.put(key, pub, ttlSeconds))
  }

  /** At the end of a slot: tells peers of what was loud in it, then hears what they told of the same slot. */
  async function work(slotEndsAtMs: number): Promise<void> {
    const nowMs = clock.now()
    const at = positionAt(slotEndsAtMs - 1, frame)
    const isBeat = slotsToBeat(at.slot, frame) === 0
    const bans = [...hot].slice(0, MAX_PUBLISHED).map((state) => readBan(state, nowMs))
    const due = [...(isBeat ? beating : hot)].filter(
      (state) =>
        state.window === at.window &&
        shouldPublish(state, toPub(state, nowMs, at, frame), at, nowMs, gossip.colo(), terms),
    )
    hot.clear()
    if (isBeat) beating.clear()
    const told = due.toSorted((a, b) => b.arrivals - a.arrivals).slice(0, MAX_PUBLISHED)
    // News of a flood that has just begun must not wait.
    const isCalm = told.every((state) => state.publications > 2)
    const guardMs = isBeat && isCalm ? BEAT_GUARD_MS : preset.guardMs
    const writes = told.map((state) => publish(state, at, nowMs))
    await clock.wait(Math.max(0, slotEndsAtMs + guardMs - nowMs))
    const reads = told.map((state) =>
      learn(
        state,
        `${at.window}.${at.slot}/`,
        isBeat && at.window % preset.beatEvery === 0 ? slotEndsAtMs : 0,
      ),
    )
    await Promise.allSettled([...bans, ...writes, ...reads])
  }

  /** An administrator's ban; what cannot be read changes nothing. */
  async function readBan(state: SubjectState, nowMs: number): Promise<void> {
    const { readBan: read } = store
    if (read === undefined || nowMs - state.banReadAtMs < BAN_READ_MS) return
    state.banReadAtMs = nowMs
    const key = `rlban1/${await options.hashSubject(`ban:${policy.per}`, state.name)}`
    state.bannedUntilMs = (await gossip.attempt(() => read(key))) ?? state.bannedUntilMs
  }

  /** A young isolate asks once what was said before it was there. */
  async function boot(state: SubjectState, window: number): Promise<void> {
    const last = window - 1 - ((window - 1) % preset.beatEvery)
    await learn(state, `${last}.`, last * frame.windowMs)
  }

  function listen(state: SubjectState, nowMs: number, at: Position, ctx: Background): void {
    if (state.publications === 0 && state.heardAtMs < 0 && nowMs - startedAtMs < frame.windowMs) {
      state.heardAtMs = 0
      ctx.waitUntil(boot(state, at.window).catch(() => undefined))
    }
    if (isQuiet(state, terms)) return
    hot.add(state)
    gossip.join(at.slotEndsAtMs, work, ctx)
    // Also a subject that pauses in the heartbeat slot is told of.
    beating.add(state)
    const aheadMs = slotsToBeat(at.slot, frame) * frame.slotMs
    if (aheadMs > 0 && aheadMs < BEAT_AHEAD_MS) gossip.join(at.slotEndsAtMs + aheadMs, work, ctx)
  }

  return {
    policy,
    check(subject, cost, ctx) {
      const nowMs = clock.now()
      const at = positionAt(nowMs, frame)
      const state = stateOf(subject, nowMs, at)
      if (cost === 0) return toDecision(state, true, nowMs, at)
      arrive(state, cost, at.window * frame.slots + at.slot, nowMs)
      if (state.arrivals > 1 && (preset.asksEarly || !isQuiet(state, terms)))
        listen(state, nowMs, at, ctx)
      if (policy.onError === 'deny' && gossip.breaker.isOpen())
        return { ...toDecision(state, false, nowMs, at), unavailable: true }
      if (state.bannedUntilMs > nowMs) {
        const resetS = secondsLeft(nowMs, state.bannedUntilMs)
        return { ...toDecision(state, false, nowMs, at), remaining: 0, resetS, tier: 3 }
      }
      const ok = admits(state, cost, nowMs)
      if (ok) state.admitted += cost
      return toDecision(state, ok, nowMs, at)
    },
    release(subject, cost) {
      const state = subjects.get(subject)
      if (state !== undefined) state.admitted = Math.max(0, state.admitted - cost)
    },
  }
}
