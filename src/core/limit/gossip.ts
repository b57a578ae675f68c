// The background work of all KV limits of an isolate: one task a slot, whatever the number of limits and subjects.
import type { Clock, Random } from '../../ports.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { Background } from './policy.ts'

/** How long before its end a slot is published: a request that comes later is told in the next one. */
const LEAD_MS = { min: 50, max: 200 }

export interface Gossip {
  readonly breaker: Breaker
  /** The isolate's name among its peers, `colo.random`. */
  id(): string
  colo(): string
  /** Runs `work` shortly before the slot ends; once for each slot and work, however often it is asked. */
  join(slotEndsAtMs: number, work: (slotEndsAtMs: number) => Promise<void>, ctx: Background): void
  /** A store call that never rejects: null when it failed, or when the store is left alone. */
  attempt<T>(call: () => Promise<T>): Promise<T | null>
}

export function createGossip(clock: Clock, random: Random): Gossip {
  const breaker = createBreaker(clock, random)
  const rounds = new Map<number, Set<(slotEndsAtMs: number) => Promise<void>>>()
  let [colo, id] = ['', '']

  async function run(slotEndsAtMs: number): Promise<void> {
    const [jitter = 0] = random.bytes(1)
    const leadMs = LEAD_MS.min + (jitter / 255) * (LEAD_MS.max - LEAD_MS.min)
    await clock.wait(Math.max(0, slotEndsAtMs - leadMs - clock.now()))
    const round = rounds.get(slotEndsAtMs)
    rounds.delete(slotEndsAtMs)
    await Promise.allSettled([...(round ?? [])].map((work) => work(slotEndsAtMs)))
  }

  return {
    breaker,
    id: () => id,
    colo: () => colo,
    join(slotEndsAtMs, work, ctx) {
      const round = rounds.get(slotEndsAtMs)
      if (round !== undefined) {
        round.add(work)
        return
      }
      // Random values are not allowed at module scope; a location is known from the first request on.
      if (id === '') {
        colo = ctx.colo ?? ''
        const name = Array.from(random.bytes(6), (byte) => (byte % 36).toString(36)).join('')
        id = `${colo}.${name}`
      }
      // A task that died with its request must not keep its round.
      for (const endsAtMs of rounds.keys()) if (endsAtMs < clock.now()) rounds.delete(endsAtMs)
      rounds.set(slotEndsAtMs, new Set([work]))
      ctx.waitUntil(run(slotEndsAtMs))
    },
    async attempt(call) {
      if (breaker.isOpen()) return null
      try {
        const value = await call()
        breaker.succeed()
        return value
      } catch {
        breaker.fail()
        return null
      }
    },
  }
}
