// The object's side of token leases: hands out the units of a window to isolates, never more than the limit.
import type { Rows } from './rows.ts'

/** What an isolate asks of the object of one policy and subject. */
export interface LeaseAsk {
  /** The isolate, so that the object knows among how many to share. */
  readonly holder: string
  /** Number of the window since 1970, by the isolate's clock. */
  readonly window: number
  readonly windowMs: number
  readonly allow: number
  /** Without so many units the answer is a refusal. */
  readonly need: number
  /** What it would use in the next few seconds; 0 only looks. */
  readonly want: number
}

export interface LeaseReply {
  /** Units that are the isolate's for this window; 0 when `need` was not there. */
  readonly granted: number
  /** Units that nobody has been granted yet. */
  readonly left: number
}

export interface LeaseLedger {
  ask(ask: LeaseAsk, nowMs: number): LeaseReply
}

/** How far a lease reaches: five seconds of traffic, less in short windows. */
export function horizonMs(windowMs: number): number {
  return Math.min(5000, windowMs / 12)
}

/** Demand beyond the limit from which on every unit is sure to be used, wherever it lies. */
const FLOOD = 1.5

/**
 * Grants are written before they are answered, so that an evicted object forgets none; who holds leases is a
 * hint for fair shares and may be forgotten.
 */
export function createLeaseLedger(rows: Rows): LeaseLedger {
  const holders = new Map<string, { window: number; want: number }>()

  /** The most that one ask may take beyond its need. */
  function shareOf({ holder, window, windowMs, allow, want }: LeaseAsk, left: number): number {
    const known = holders.get(holder)
    const isFirst = known?.window !== window
    holders.set(holder, { window, want: isFirst ? want : Math.max(want, known.want) })
    let [demand, waiting] = [0, 0]
    for (const [name, other] of holders) {
      if (other.window < window - 1) holders.delete(name)
      else demand += other.want
      if (other.window === window - 1) waiting += 1
    }
    // In a flood each gets its whole share at once: two calls in a window, its own and the one that finds nothing
    // left. A burst looks alike; but a flood has used up the window before.
    const before = rows.get(`${window - 1}`)?.units ?? 0
    if (before >= allow && demand * (windowMs / horizonMs(windowMs)) > FLOOD * allow)
      return isFirst ? left / (waiting + 1) : left
    // Otherwise half of it: units that lie with an idle isolate would be missing elsewhere.
    return left / (2 * holders.size)
  }

  return {
    ask(ask, nowMs) {
      const { window, windowMs, allow, need, want } = ask
      const current = Math.floor(nowMs / windowMs)
      // An ask that was long on its way: what was granted of its window may be forgotten by now.
      if (Math.abs(window - current) > 1) return { granted: 0, left: 0 }
      const id = `${window}`
      const taken = rows.get(id)?.units ?? 0
      const left = Math.max(0, allow - taken)
      if (want === 0 || need > left) return { granted: 0, left }
      const granted = Math.max(need, 1, Math.floor(Math.min(want, left, shareOf(ask, left))))
      if (granted > left) return { granted: 0, left }
      rows.put(id, { units: taken + granted, untilMs: (window + 2) * windowMs, note: '' })
      return { granted, left: left - granted }
    },
  }
}
