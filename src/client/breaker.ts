// The breaker that all requests to one origin share: once one gets no answer, the others wait while single probes look.
import { PosternError } from './error.ts'
import type { Ports } from './ports.ts'

const BASE_MS = 300
/** So that all goes on within two seconds after an outage. */
const CAP_MS = 1500
/** While the browser says that it is offline, which it may say wrongly. */
const OFFLINE_MS = 5000
const PROBE_MS = 5000
const GIVE_UP_MS = 600_000

export interface Breaker {
  isOpen(origin: string): boolean
  /** Resolves when requests may go; rejects after ten minutes of an outage. */
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
      const end = (): void => {
        cancel()
        unwatch()
        resolve()
      }
      const cancel = clock.after(ms, end)
      const unwatch = online.watch(end)
    })
  }

  async function recover(origin: string): Promise<void> {
    let spentMs = 0
    for (let tries = 0; spentMs < GIVE_UP_MS; tries += 1) {
      const isOffline = !online.isOnline()
      const waitMs = isOffline ? OFFLINE_MS : random() * Math.min(CAP_MS, BASE_MS * 2 ** tries)
      await pause(waitMs)
      if (await probe(origin, AbortSignal.timeout(PROBE_MS))) return
      // An offline machine may wait for days.
      if (!isOffline) spentMs += waitMs + BASE_MS
    }
    throw new PosternError('timeout')
  }

  return {
    isOpen: (origin) => open.has(origin),
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
