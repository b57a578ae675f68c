// How long to wait before another try, and when to give up: full jitter, forgotten with every progress.
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
import { PosternError } from './error.ts'

const BASE_MS = 300
const CAP_MS = 20_000
/** Without progress. */
export const GIVE_UP_MS = 600_000
/** A suspended machine's night is no ten minutes of trying. */
const MAX_TRY_MS = 60_000

export interface Patience {
  /** Another failure, after a try that took so long: the time to wait; throws when patience is over. */
  fail(triedMs?: number, retryAfterMs?: number): number
  progress(): void
  /** Failures since the last progress. */
  count(): number
}

export function createPatience(random: () => number, capMs = CAP_MS): Patience {
  let failures = 0
  let spentMs = 0
  return {
    fail(triedMs = 0, retryAfterMs = 0) {
      const waitMs = Math.max(random() * Math.min(capMs, BASE_MS * 2 ** failures), retryAfterMs)
      failures += 1
      spentMs += Math.min(triedMs, MAX_TRY_MS) + waitMs
      if (spentMs > GIVE_UP_MS) throw new PosternError('timeout')
      return waitMs
    },
    progress() {
      failures = spentMs = 0
    },
    count: () => failures,
  }
}
