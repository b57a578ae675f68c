// Byte quotas together: bytes are held when an upload opens, settled when it completes, given back when nothing comes of it.
import type { Clock } from '../../ports.ts'
import { attempt } from './attempt.ts'
import type { HoldAsk, HoldReply } from './hold-ledger.ts'
import { type Charge, type LimitOutcome, onePerPolicy } from './limiter.ts'
import type { Decision, LimitPolicy } from './policy.ts'
import { secondsLeft } from './window.ts'

/** Calls to the object of a policy and subject; each may be tried again, since an upload is held only once. */
export interface HoldSource {
  hold(policy: LimitPolicy, subject: string, ask: HoldAsk, isSettled: boolean): Promise<HoldReply>
  release(policy: LimitPolicy, subject: string, id: string): Promise<void>
}

/** The upload as a quota knows it. */
export type Held = Pick<HoldAsk, 'id' | 'bytes' | 'untilMs'>

/** Whose quotas apply; what it costs is the upload's size. */
export type Holder = Omit<Charge, 'cost'>

export interface ByteQuotas {
  readonly policies: readonly LimitPolicy[]
  hold(holders: readonly Holder[], upload: Held, isSettled: boolean): Promise<LimitOutcome>
  release(holders: readonly Holder[], id: string): Promise<void>
  peek(holders: readonly Holder[]): Promise<readonly Decision[]>
}

const LOOK: Held = { id: '', bytes: 0, untilMs: 0 }

const CALL_TIMEOUT_MS = 2000

export function createByteQuotas(
  policies: readonly LimitPolicy[],
  source: HoldSource,
  clock: Clock,
): ByteQuotas {
  const pairsOf = (holders: readonly Holder[]) =>
    policies.flatMap((policy) =>
      holders.filter(({ per }) => per === policy.per).map(({ subject }) => ({ policy, subject })),
    )

  async function take(
    policy: LimitPolicy,
    subject: string,
    upload: Held,
    isSettled: boolean,
  ): Promise<Decision> {
    const { name, allow, everySeconds, onError } = policy
    const windowMs = everySeconds * 1000
    const ask = { ...upload, allow, windowMs }
    const reply = await attempt(clock, CALL_TIMEOUT_MS, () =>
      source.hold(policy, subject, ask, isSettled),
    )
    const nowMs = clock.now()
    const endsAtMs = (Math.floor(nowMs / windowMs) + 1) * windowMs
    return {
      ok: reply?.ok ?? onError === 'allow',
      policy: name,
      limit: allow,
      remaining: reply?.left ?? 0,
      resetS: secondsLeft(nowMs, endsAtMs),
      tier: 4,
      mode: reply === null ? 'local' : 'open',
      ...(reply === null && onError === 'deny' && { unavailable: true }),
    }
  }

  return {
    policies,
    async hold(holders, upload, isSettled) {
      const pairs = pairsOf(holders)
      const taken: Decision[] = []
      for (const { policy, subject } of pairs)
        taken.push(await take(policy, subject, upload, isSettled))
      const ok = taken.every((decision) => decision.ok)
      // What one quota refuses must not be held by another. An upload that cannot be settled stays open.
      if (!ok && !isSettled) await this.release(holders, upload.id)
      const decisions = onePerPolicy(taken)
      return {
        ok,
        unavailable: decisions.some(({ unavailable }) => unavailable === true),
        decisions,
      }
    },
    async release(holders, id) {
      for (const { policy, subject } of pairsOf(holders))
        await attempt(clock, CALL_TIMEOUT_MS, () => source.release(policy, subject, id))
    },
    async peek(holders) {
      const decisions: Decision[] = []
      for (const { policy, subject } of pairsOf(holders))
        decisions.push({ ...(await take(policy, subject, LOOK, false)), ok: true })
      return onePerPolicy(decisions)
    },
  }
}
