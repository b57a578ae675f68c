// A circuit breaker: after three failures in a row the store is left alone for half a minute.
import type { Clock, Random } from '../../ports.ts'

const FAILURES = 3
const PAUSE_MS = 30_000
const JITTER_MS = 5000

export interface Breaker {
  isOpen(): boolean
  succeed(): void
  fail(): void
}

export function createBreaker(clock: Clock, random: Random): Breaker {
  let failures = 0
  let openUntilMs = 0
  return {
    isOpen: () => clock.now() < openUntilMs,
    succeed() {
      failures = 0
    },
    fail() {
      failures += 1
      if (failures < FAILURES) return
      failures = 0
      // Jitter, so that isolates do not all come back at once.
      const [jitter = 0] = random.bytes(1)
      openUntilMs = clock.now() + PAUSE_MS + (jitter / 255) * JITTER_MS
    },
  }
}
