// The memory of a workerd over time: samples, a series to read, and whether it is flat.

export interface Sample {
  readonly atMs: number
  readonly kib: number
}

/**
 * The most that the median of the last third may be of that of the middle third. Those medians lie a third of the run
 * apart; in half an hour of 30 requests a second that is 18,000 requests, so that a tenth of 170 MiB is 1 KiB kept
 * of each: less than one session, one link or one ticket takes. Garbage that waits for its collector is less than that
 * in a median of a hundred samples.
 */
export const FLAT = 1.1

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

export interface MemoryVerdict {
  readonly middleMib: number
  readonly lastMib: number
  readonly ratio: number
  readonly isFlat: boolean
}

const toMib = (kib: number): number => Math.round(kib / 102.4) / 10

export function judgeMemory(samples: readonly Sample[]): MemoryVerdict {
  const [from, to] = [samples.at(0)?.atMs ?? 0, samples.at(-1)?.atMs ?? 0]
  const third = (to - from) / 3
  const within = (start: number, end: number): number =>
    median(samples.filter(({ atMs }) => atMs >= start && atMs <= end).map(({ kib }) => kib))
  const middle = within(from + third, from + 2 * third)
  const last = within(from + 2 * third, to)
  const ratio = last / middle
  return { middleMib: toMib(middle), lastMib: toMib(last), ratio, isFlat: ratio <= FLAT }
}

/** The median of each of `count` equal pieces of the time, in MiB. */
export function toSeries(samples: readonly Sample[], count: number): readonly number[] {
  const [from, to] = [samples.at(0)?.atMs ?? 0, samples.at(-1)?.atMs ?? 0]
  const piece = (to - from) / count
  return Array.from({ length: count }, (_, at) => {
    const [start, end] = [from + at * piece, from + (at + 1) * piece]
    return toMib(
      median(samples.filter(({ atMs }) => atMs >= start && atMs <= end).map(({ kib }) => kib)),
    )
  })
}
