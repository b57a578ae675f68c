// Exact limits in Durable Objects: one object per policy and subject, one atomic take per request.
// Consistency: strong. Durability: SQLite, so that an evicted object forgets nothing within its window.
// Failure: one retry, then the policy's on_error.
import { DurableObject } from 'cloudflare:workers'
import type { Decision, LimitPolicy, Strategy } from '../core/limit/policy.ts'
import { secondsLeft } from '../core/limit/window.ts'
import type { Clock } from '../ports.ts'

export class Counters extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS taken (window INTEGER PRIMARY KEY, units INTEGER NOT NULL)',
    )
  }

  /** Takes `cost` units of a window if they are there; answers the units taken after that. */
  take(window: number, allow: number, cost: number): { ok: boolean; taken: number } {
    const { sql } = this.ctx.storage
    const row = sql
      .exec<{ units: number }>('SELECT units FROM taken WHERE window = ?', window)
      .toArray()[0]
    const taken = row?.units ?? 0
    if (taken + cost > allow) return { ok: false, taken }
    if (cost > 0) {
      sql.exec('DELETE FROM taken WHERE window < ?', window)
      sql.exec(
        'INSERT INTO taken VALUES (?, ?) ON CONFLICT DO UPDATE SET units = excluded.units',
        window,
        taken + cost,
      )
    }
    return { ok: true, taken: taken + cost }
  }

  giveBack(window: number, cost: number): void {
    this.ctx.storage.sql.exec(
      'UPDATE taken SET units = MAX(0, units - ?) WHERE window = ?',
      cost,
      window,
    )
  }
}

interface DurableLimiterOptions {
  readonly namespace: DurableObjectNamespace<Counters>
  readonly policy: LimitPolicy
  readonly clock: Clock
}

export function createDurableLimiter({
  namespace,
  policy,
  clock,
}: DurableLimiterOptions): Strategy {
  const windowMs = policy.everySeconds * 1000
  const windowAt = (nowMs: number): number => Math.floor(nowMs / windowMs)
  const objectOf = (subject: string) =>
    namespace.get(namespace.idFromName(`${policy.name}\n${subject}`))

  async function take(
    subject: string,
    window: number,
    cost: number,
  ): Promise<{ ok: boolean; taken: number } | null> {
    for (let tries = 0; tries < 2; tries += 1) {
      try {
        return await objectOf(subject).take(window, policy.allow, cost)
      } catch {
        // An object may be moved under our feet; a fresh stub finds it again.
      }
    }
    return null
  }

  return {
    policy,
    async check(subject, cost) {
      const nowMs = clock.now()
      const window = windowAt(nowMs)
      const answer = await take(subject, window, cost)
      const decision: Decision = {
        ok: answer?.ok ?? policy.onError === 'allow',
        policy: policy.name,
        limit: policy.allow,
        remaining: Math.max(0, policy.allow - (answer?.taken ?? 0)),
        resetS: secondsLeft(nowMs, (window + 1) * windowMs),
        tier: 4,
        mode: answer === null ? 'local' : 'open',
      }
      return answer === null && policy.onError === 'deny'
        ? { ...decision, unavailable: true }
        : decision
    },
    release(subject, cost, ctx) {
      const window = windowAt(clock.now())
      ctx.waitUntil((async () => objectOf(subject).giveBack(window, cost))().catch(() => undefined))
    },
  }
}
