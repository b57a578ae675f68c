// Sizes and durations as configuration writes them: an integer, or text such as "5GiB" and "15m".
import * as v from 'valibot'

const SIZE_UNITS = new Map([
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
])
const DURATION_UNITS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
])

function parseAmount(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,15})([A-Za-z]{1,3})$/.exec(text)
  const unit = units.get(match?.[2] ?? '')
  const total = unit === undefined ? undefined : Number(match?.[1]) * unit
  return Number.isSafeInteger(total) ? total : undefined
}

/** Bytes of "10MB", "5GiB" …; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  return parseAmount(text, SIZE_UNITS)
}

/** Seconds of "30s", "15m", "12h", "7d"; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  return parseAmount(text, DURATION_UNITS)
}

function amount(parse: (text: string) => number | undefined, expected: string) {
  return v.pipe(
    v.union(
      [v.pipe(v.number(), v.safeInteger(expected), v.minValue(0, expected)), v.string()],
      expected,
    ),
    v.transform((input) => (typeof input === 'string' ? parse(input) : input)),
    v.number(expected),
  )
}

/** Bytes: a non-negative integer or text with a unit. */
export const size = amount(
  parseSize,
  'expected bytes as an integer, or text such as "10MB" or "5GiB"',
)

/** Seconds: a non-negative integer or text with a unit. */
export const duration = amount(
  parseDuration,
  'expected seconds as an integer, or text such as "30s", "15m", "12h" or "7d"',
)
