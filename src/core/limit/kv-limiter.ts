// A limit shared through Workers KV by closed-slot gossip: decided from memory, told to peers in the background.
// No key is written twice, no slot is read before it has closed, and no request waits for KV.
import type { Clock, Random } from '../../ports.ts'
import { createBreaker } from './breaker.ts'
import type { Background, Decision, LimitPolicy, SlotStore, Strategy } from './policy.ts'
import { estimatePeers, newSubject, type SubjectState } from './subject.ts'
import { type Position, positionAt, secondsLeft, SLOTS } from './window.ts'

export interface KvLimiterOptions {
  readonly clock: Clock
  readonly store: SlotStore
  readonly random: Random
  readonly policy: LimitPolicy
  /** A keyed hash for key names: no user id or address stands in KV. */
  hashSubject(policy: string, subject: string): Promise<string>
}

/** What accuracy may cost: the share of the limit below which a subject stays quiet, and patience with peers. */
const PRESETS = {
  eco: { quiet: 0.1, horizonSlots: 3, guardMs: 1500 },
  standard: { quiet: 0.03, horizonSlots: 3, guardMs: 1500 },
  tight: { quiet: 0.02, horizonSlots: 4, guardMs: 1000 },
} as const

const MAX_SUBJECTS = 20_000
const MAX_JITTER_MS = 200
const STORE_TIMEOUT_MS = 1000
/** Subjects published in one slot; a request may have about 50 calls outside. */
const MAX_PUBLISHED = 20

export function createKvLimiter(options: KvLimiterOptions): Strategy {
  const { clock, store, random, policy } = options
  const preset = PRESETS[policy.preset]
  const windowMs = policy.everySeconds * 1000
  const slotMs = windowMs / SLOTS
  const loud = Math.max(2, policy.allow * preset.quiet)
  const subjects = new Map<string, SubjectState>()
  const breaker = createBreaker(clock, random)
  /** Slots for which a background task is on its way. */
  let armed = -1
  /** Made on first use: random values are not allowed at module scope. */
  let isolate = ''

  function stateOf(subject: string, position: Position): SubjectState {
    const known = subjects.get(subject)
    const state = known?.window === position.window ? known : newSubject(position.window)
    // Re-inserting keeps the map in order of use, so that the first entry is the one to forget.
    subjects.delete(subject)
    subjects.set(subject, state)
    const [oldest] = subjects.keys()
    if (subjects.size > MAX_SUBJECTS && oldest !== undefined) subjects.delete(oldest)
    return state
  }

  function toDecision(
    state: SubjectState,
    isOk: boolean,
    nowMs: number,
    position: Position,
  ): Decision {
    const used = state.admitted + estimatePeers(state, nowMs, preset.horizonSlots * slotMs)
    return {
      ok: isOk,
      policy: policy.name,
      limit: policy.allow,
      remaining: Math.max(0, Math.floor(policy.allow - used)),
      resetS: secondsLeft(nowMs, position.windowEndsAtMs),
      tier: state.peers.size === 0 ? 0 : 2,
      mode: breaker.isOpen() ? 'local' : 'open',
    }
  }

  /** A store call that never rejects: null when it failed, took too long, or the breaker is open. */
  async function attempt<T>(call: () => Promise<T>): Promise<T | null> {
    if (breaker.isOpen()) return null
    try {
      const timeout = clock.wait(STORE_TIMEOUT_MS).then(() => Promise.reject(new Error('timeout')))
      timeout.catch(() => undefined)
      const value = await Promise.race([call(), timeout])
      breaker.succeed()
      return value
    } catch {
      breaker.fail()
      return null
    }
  }

  async function gossip(subject: string, state: SubjectState, closed: Position): Promise<void> {
    const prefix = `rl1/${policy.name}/${await options.hashSubject(policy.name, subject)}/${closed.window}.${closed.slot}/`
    const rate = (state.slot === closed.slot ? state.slotArrivals : 0) / (slotMs / 1000)
    const pub = {
      a: state.arrivals,
      u: state.admitted,
      n: state.arrivals,
      r: Math.round(rate * 100) / 100,
    }
    await attempt(() => store.put(prefix + isolate, pub, Math.max(60, 3 * policy.everySeconds)))
    await clock.wait(Math.max(0, closed.slotEndsAtMs + preset.guardMs - clock.now()))
    const seen = await attempt(() => store.list(prefix))
    for (const { id, meta } of seen ?? []) {
      const name = id.slice(prefix.length)
      if (name !== isolate) state.peers.set(name, { pub: meta, closedAtMs: closed.slotEndsAtMs })
    }
  }

  /** One task per isolate and slot: publishes what was loud in the slot, then reads what peers said of it. */
  async function flush(position: Position): Promise<void> {
    const [jitter = 0] = random.bytes(1)
    await clock.wait(
      Math.max(0, position.slotEndsAtMs - clock.now() + (jitter / 255) * MAX_JITTER_MS),
    )
    const due = [...subjects]
      .filter(
        ([, state]) =>
          state.window === position.window &&
          state.arrivals >= loud &&
          !state.published.has(position.slot),
      )
      .slice(-MAX_PUBLISHED)
    for (const [, state] of due) state.published.add(position.slot)
    await Promise.all(due.map(([subject, state]) => gossip(subject, state, position)))
  }

  function arm(position: Position, ctx: Background): void {
    const slot = position.window * SLOTS + position.slot
    if (armed >= slot) return
    armed = slot
    if (isolate === '') isolate = Array.from(random.bytes(6), (byte) => byte.toString(36)).join('')
    ctx.waitUntil(flush(position).catch(() => undefined))
  }

  return {
    policy,
    check(subject, cost, ctx) {
      const nowMs = clock.now()
      const position = positionAt(nowMs, windowMs)
      const state = stateOf(subject, position)
      if (cost === 0) return toDecision(state, true, nowMs, position)
      state.arrivals += cost
      state.slotArrivals = state.slot === position.slot ? state.slotArrivals + cost : cost
      state.slot = position.slot
      if (state.arrivals >= loud) arm(position, ctx)
      if (policy.onError === 'deny' && breaker.isOpen()) {
        return { ...toDecision(state, false, nowMs, position), unavailable: true }
      }
      const peers = estimatePeers(state, nowMs, preset.horizonSlots * slotMs)
      const isOk = state.admitted + cost + peers <= policy.allow
      if (isOk) state.admitted += cost
      return toDecision(state, isOk, nowMs, position)
    },
    release(subject, cost) {
      const state = subjects.get(subject)
      if (state !== undefined) state.admitted = Math.max(0, state.admitted - cost)
    },
  }
}
