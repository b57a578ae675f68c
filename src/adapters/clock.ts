// The clock and the random source of workerd. `now` moves only across I/O; a wait belongs to its request.
import type { Clock, Random } from '../ports.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms) => scheduler.wait(ms),
}

export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
}
