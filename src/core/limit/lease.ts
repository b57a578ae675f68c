// An exact limit by token leases: spends units that an object granted to this isolate, asks for more, never more than granted.
import type { Clock, Random } from '../../ports.ts'
import { attempt } from './attempt.ts'
import { horizonMs, type LeaseAsk, type LeaseReply } from './lease-ledger.ts'
import type { Background, Decision, LimitPolicy, Strategy } from './policy.ts'
import { secondsLeft } from './window.ts'

/** One call to the object of a subject; it may be lost, late, or fail. */
export interface LeaseSource {
  ask(subject: string, ask: LeaseAsk): Promise<LeaseReply>
}

export interface LeaseLimiterOptions {
  readonly clock: Clock
  readonly random: Random
  readonly source: LeaseSource
  readonly policy: LimitPolicy
}

/** Units are given back only in the window that they were paid for in. */
interface PaidDecision extends Decision {
  /** Number of the window, -1 when nothing was paid. */
  readonly paidIn: number
}

/** What this isolate holds and knows of one subject in one window. */
interface Lease {
  window: number
  /** Granted units that are not spent. */
  hand: number
  /** Units the object still had when it last spoke: within a window it never has more again. */
  left: number
  /** Admitted by this isolate. */
  used: number
  /** Units of the last few seconds, older ones fading: what the next few seconds may want. */
  recent: number
  recentAtMs: number
  /** Until then an ask for more is on its way; others ask for what they need alone. */
  askingUntilMs: number
  /** Until then the object is left alone, since it failed. */
  pausedUntilMs: number
}

const MAX_SUBJECTS = 20_000
const CALL_TIMEOUT_MS = 2000
/** How long a subject's object is left alone after it failed twice. */
const PAUSE_MS = 2000
/** A refill starts when less than this share of a lease remains: 200 ms of five seconds. */
const LOW = 1 / 25

export function createLeaseLimiter(options: LeaseLimiterOptions): Strategy {
  const { clock, random, source, policy } = options
  const { allow } = policy
  const windowMs = policy.everySeconds * 1000
  const horizon = horizonMs(windowMs)
  const leases = new Map<string, Lease>()
  /** Made on first use: random values are not allowed at module scope. */
  let holder = ''

  /** Moves on to the window of now: what was left of the last one is worth nothing. */
  function roll(lease: Lease, nowMs: number): void {
    const window = Math.floor(nowMs / windowMs)
    if (lease.window === window) return
    Object.assign(lease, { window, hand: 0, left: allow, used: 0, askingUntilMs: 0 })
  }

  function leaseOf(subject: string, nowMs: number): Lease {
    const known = leases.get(subject)
    const lease = known ?? {
      window: -1,
      hand: 0,
      left: allow,
      used: 0,
      recent: 0,
      recentAtMs: nowMs,
      askingUntilMs: 0,
      pausedUntilMs: 0,
    }
    if (lease.window !== Math.floor(nowMs / windowMs)) {
      roll(lease, nowMs)
      // Once a window each is put in last, so that the first entry is one to forget.
      leases.delete(subject)
      leases.set(subject, lease)
      const [oldest] = leases.keys()
      if (leases.size > MAX_SUBJECTS && oldest !== undefined) leases.delete(oldest)
    }
    return lease
  }

  function toDecision(lease: Lease, ok: boolean, nowMs: number, paidIn = -1): PaidDecision {
    const isLocal = lease.pausedUntilMs > nowMs
    const remaining = isLocal ? allow - lease.used : lease.hand + lease.left
    const endsAtMs = (lease.window + 1) * windowMs
    return {
      ok,
      policy: policy.name,
      limit: allow,
      remaining: Math.max(0, remaining),
      resetS: secondsLeft(nowMs, endsAtMs),
      tier: 4,
      mode: isLocal ? 'local' : 'open',
      paidIn,
    }
  }

  /** Pays from the hand. */
  function pay(lease: Lease, cost: number, nowMs: number): PaidDecision {
    lease.hand -= cost
    lease.used += cost
    return toDecision(lease, true, nowMs, lease.window)
  }

  /** The store is down: on from memory, at most the limit in each isolate; or 503. */
  function withoutObject(lease: Lease, cost: number, nowMs: number): Decision {
    if (policy.onError === 'deny') return { ...toDecision(lease, false, nowMs), unavailable: true }
    const ok = lease.used + cost <= allow
    if (ok) lease.used += cost
    return toDecision(lease, ok, nowMs)
  }

  /** Asks the object and notes what it said; null when it failed, or its window has ended meanwhile. */
  async function request(
    subject: string,
    lease: Lease,
    need: number,
    want: number,
  ): Promise<{ granted: number; failed: boolean } | null> {
    if (holder === '') holder = Array.from(random.bytes(8), (byte) => byte.toString(36)).join('')
    const { window } = lease
    const nowMs = clock.now()
    // Only the first of several at a time asks for more than it needs, or all of them would hoard.
    const more = nowMs < lease.askingUntilMs ? need : Math.max(need, want)
    if (more > need) lease.askingUntilMs = nowMs + CALL_TIMEOUT_MS
    const ask: LeaseAsk = { holder, window, windowMs, allow, need, want: more }
    const reply = await attempt(clock, CALL_TIMEOUT_MS, () => source.ask(subject, ask))
    roll(lease, clock.now())
    if (reply === null) {
      lease.pausedUntilMs = clock.now() + PAUSE_MS
      return { granted: 0, failed: true }
    }
    // Units of a window that is over are worth nothing, in whatever order answers arrive.
    if (lease.window !== window) return null
    if (more > need) lease.askingUntilMs = 0
    lease.left = Math.min(lease.left, reply.left)
    return { granted: reply.granted, failed: false }
  }

  /** Admits, refuses or asks; what is in hand is set aside while the object is asked for the rest. */
  async function decide(subject: string, lease: Lease, cost: number): Promise<Decision> {
    for (let round = 0; round < 2; round += 1) {
      const nowMs = clock.now()
      const decided = decideLocally(lease, cost, nowMs)
      if (decided !== null) return decided
      const held = lease.hand
      lease.hand = 0
      const { window } = lease
      const reply = await request(subject, lease, cost - held, Math.ceil(lease.recent))
      if (lease.window === window && reply !== null) {
        lease.hand += held + reply.granted
        if (reply.failed) return withoutObject(lease, cost, clock.now())
        // Refused, but meanwhile another request may have brought more than it needed.
        if (lease.hand < cost) return toDecision(lease, false, clock.now())
        return pay(lease, cost, clock.now())
      }
      if (reply?.failed === true) break
    }
    // A store slower than the window is a store that fails.
    return withoutObject(lease, cost, clock.now())
  }

  /** The decision, if memory is enough for it. */
  function decideLocally(lease: Lease, cost: number, nowMs: number): Decision | null {
    if (lease.hand >= cost) return pay(lease, cost, nowMs)
    if (lease.hand + lease.left < cost) return toDecision(lease, false, nowMs)
    return nowMs < lease.pausedUntilMs ? withoutObject(lease, cost, nowMs) : null
  }

  /** In the background, so that a busy subject never waits. */
  function refill(subject: string, lease: Lease, nowMs: number, ctx: Background): void {
    const isLow = lease.hand < Math.floor(lease.recent * LOW) && lease.left > 0
    if (!isLow || nowMs < lease.askingUntilMs || nowMs < lease.pausedUntilMs) return
    const { window } = lease
    ctx.waitUntil(
      request(subject, lease, 1, Math.ceil(lease.recent)).then((reply) => {
        if (lease.window === window) lease.hand += reply?.granted ?? 0
      }),
    )
  }

  return {
    policy,
    check(subject, cost, ctx) {
      const nowMs = clock.now()
      const lease = leaseOf(subject, nowMs)
      if (cost === 0) {
        if (lease.left === 0 || nowMs < lease.pausedUntilMs) return toDecision(lease, true, nowMs)
        return request(subject, lease, 0, 0).then(() => toDecision(lease, true, clock.now()))
      }
      const faded = lease.recent * Math.exp((lease.recentAtMs - nowMs) / horizon)
      lease.recent = faded + cost
      lease.recentAtMs = nowMs
      const decided = decideLocally(lease, cost, nowMs)
      if (decided === null) return decide(subject, lease, cost)
      if (decided.ok) refill(subject, lease, nowMs, ctx)
      return decided
    },
    release(subject, cost, _ctx, decision) {
      const lease = leaseOf(subject, clock.now())
      if (decision === undefined || !('paidIn' in decision) || decision.paidIn !== lease.window)
        return
      lease.used -= cost
      lease.hand += cost
    },
  }
}
