// What is measured of runs: excess in the first windows and after, refusals without need, operations.
import type { Run } from './simulate.ts'

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

function excesses({ admitted }: Run, allow: number): number[] {
  return admitted.map((count) => (count - allow) / allow)
}

export interface Measures {
  /** Largest excess in the first two windows. */
  readonly first: number
  /** Mean excess of the windows after them; a window under the limit counts as 0. */
  readonly steady: number
  /** The same where windows under the limit count as what they are. */
  readonly steadySigned: number
  /** All that was admitted beyond an exact limiter, as a part of what that admits. */
  readonly total: number
  /** What an exact limiter would have admitted and this did not, as a part of all requests. */
  readonly falseRejects: number
  readonly errors: number
}

export function measure(run: Run, allow: number): Measures {
  const all = excesses(run, allow)
  const exact = run.arrivals.map((count) => Math.min(count, allow))
  const sum = (values: readonly number[]): number => mean(values) * values.length
  const short = exact.map((count, at) => Math.max(0, count - (run.admitted[at] ?? 0)))
  return {
    first: Math.max(0, ...all.slice(0, 2)),
    steady: mean(all.slice(2).map((excess) => Math.max(0, excess))),
    steadySigned: mean(all.slice(2)),
    total: (sum(run.admitted) - sum(exact)) / Math.max(1, sum(exact)),
    falseRejects: sum(short) / Math.max(1, run.requests),
    errors: run.errors / Math.max(1, run.requests),
  }
}
