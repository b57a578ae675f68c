// Seeded chance for the fuzzer: the same seed makes the same requests.

export interface Chance {
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number
  pick<T>(values: readonly [T, ...T[]]): T
  pick<T>(values: readonly T[]): T | undefined
  /** True once in `times`. */
  once(times: number): boolean
}

/** Mulberry32. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number): number => next() % bound
  return {
    below,
    pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
    once: (times) => below(times) === 0,
  }
}
