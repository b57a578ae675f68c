// The breaker that all requests to one origin share: once one gets no answer, the others wait while single probes look.
import { createPatience } from './patience.ts'
import type { Ports } from './ports.ts'

/** So that all goes on within two seconds after an outage. */
const CAP_MS = 1500
/** While the browser says that it is offline, which it may say wrongly. */
const OFFLINE_MS = 5000
/** A probe that fails at once counts for so long. */
const LEAST_MS = 300
const PROBE_MS = 5000

export interface Breaker {
  /** Nothing where requests may go; resolves when they may again, rejects after ten minutes of an outage. */
  passed(origin: string): Promise<void> | undefined
  /** A request got no answer. */
  trip(origin: string): Promise<void>
}

export function createBreaker(
  { clock, random, online, probe }: Pick<Ports, 'clock' | 'random' | 'online' | 'probe'>,
  /** How many are open now. */
  onChange: (count: number) => void,
): Breaker {
  const open = new Map<string, Promise<void>>()

  /** Ends early when the machine comes online. */
  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const unwatch = online.watch(resolve)
      clock.after(ms, () => {
        unwatch()
        resolve()
      })
    })
  }

  async function recover(origin: string): Promise<void> {
    const patience = createPatience(random, CAP_MS)
    do {
      // An offline machine may wait for days.
      await pause(online.isOnline() ? patience.fail(LEAST_MS) : OFFLINE_MS)
    } while (!(await probe(origin, AbortSignal.timeout(PROBE_MS))))
  }

  return {
    passed: (origin) => open.get(origin),
    trip(origin) {
      const known = open.get(origin)
      if (known) return known
      const ending = recover(origin).finally(() => {
        open.delete(origin)
        onChange(open.size)
      })
      // Whoever waits hears of it.
      ending.catch(() => {})
      open.set(origin, ending)
      onChange(open.size)
      return ending
    },
  }
}
