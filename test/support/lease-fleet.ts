// Isolates around one object that keeps its rows: what a lease limiter meets in the world, on virtual time.
import { createLeaseLimiter } from '../../src/core/limit/lease.ts'
import { createLeaseLedger, type LeaseReply } from '../../src/core/limit/lease-ledger.ts'
import type { Decision, LimitPolicy } from '../../src/core/limit/policy.ts'
import { createMemoryRows } from '../../src/core/limit/rows.ts'
import type { Clock } from '../../src/ports.ts'

export const LEASED: LimitPolicy = {
  name: 'p',
  per: 'sub',
  allow: 100,
  everySeconds: 60,
  unit: 'requests',
  on: ['sign'],
  store: 'durable-object',
  preset: 'standard',
  onError: 'deny',
}

/** What becomes of one call: how long each way takes, and where it is lost. */
export interface Trip {
  readonly thereMs: number
  readonly backMs: number
  readonly lost?: 'there' | 'back' | undefined
}

export function createFleet(clock: Clock, policy: LimitPolicy, trip: () => Trip) {
  const rows = createMemoryRows()
  let ledger = createLeaseLedger(rows)
  let [calls, ids] = [0, 0]
  const background: Promise<unknown>[] = []
  const ctx = { waitUntil: (work: Promise<unknown>) => void background.push(work) }
  /** Admitted units of each window, by the time of the decision. */
  const admitted = new Map<number, number>()
  const note = (units: number): void => {
    const window = Math.floor(clock.now() / (policy.everySeconds * 1000))
    admitted.set(window, (admitted.get(window) ?? 0) + units)
  }

  function createIsolate() {
    ids += 1
    const id = ids
    const limiter = createLeaseLimiter({
      clock,
      policy,
      random: { bytes: (length) => new Uint8Array(length).fill(id) },
      source: {
        async ask(_, ask): Promise<LeaseReply> {
          calls += 1
          const { thereMs, backMs, lost } = trip()
          await clock.wait(thereMs)
          if (lost === 'there') throw new Error('overloaded')
          rows.purge(clock.now())
          const reply = ledger.ask(ask, clock.now())
          await clock.wait(backMs)
          if (lost === 'back') throw new Error('reset')
          return reply
        },
      },
    })
    async function check(cost = 1): Promise<Decision> {
      const decision = await limiter.check('alice', cost, ctx)
      if (decision.ok && cost > 0) note(cost)
      return decision
    }
    async function release(cost: number, decision: Decision): Promise<void> {
      const window = Math.floor(clock.now() / (policy.everySeconds * 1000))
      const before = admitted.get(window) ?? 0
      limiter.release('alice', cost, ctx, decision)
      if ('paidIn' in decision && decision.paidIn === window) admitted.set(window, before - cost)
    }
    return { check, release }
  }
  return {
    createIsolate,
    /** The object is evicted or moved: its memory is gone, its rows are not. */
    reset: () => void (ledger = createLeaseLedger(rows)),
    admitted,
    calls: () => calls,
    background,
  }
}
