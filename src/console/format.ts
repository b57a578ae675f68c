// Sizes, times and durations as the reader's own language writes them (Intl).

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const

const toSizeFormat = (power: number): Intl.NumberFormat =>
  new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: UNITS[power] ?? 'byte',
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power < 2 ? 0 : 1,
  })
const SIZES = UNITS.map((_, power) => toSizeFormat(power))

/** Decimal units, as file managers show them. */
export function toSize(bytes: number): string {
  let [value, power] = [bytes, 0]
  // 999,950 bytes would be rounded to 1,000 kB.
  while (value >= 999.5 && power < UNITS.length - 1) [value, power] = [value / 1000, power + 1]
  return SIZES[power]?.format(value) ?? ''
}

const DAY_MS = 86_400_000
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })
const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** Short, for lists: the time today, else the date. */
export function toShortTime(timestamp: string): string {
  const time = new Date(timestamp)
  return (time.toDateString() === new Date().toDateString() ? TIME : DATE).format(time)
}

/** Day, date and time here. */
export const toMoment = (time: Date): string => MOMENT.format(time)

/** "in 6 days", "2 hours ago". */
export function toRelative(timestamp: string): string {
  const ms = Date.parse(timestamp) - Date.now()
  const size = Math.abs(ms)
  if (size >= 2 * DAY_MS) return RELATIVE.format(Math.round(ms / DAY_MS), 'day')
  if (size >= 5_400_000) return RELATIVE.format(Math.round(ms / 3_600_000), 'hour')
  return RELATIVE.format(Math.round(ms / 60_000), 'minute')
}

const toUnit = (value: number, unit: string): string =>
  new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay: 'short' }).format(value)

/** How long is left, coarsely: nobody reads seconds of an hour. */
export function toDuration(seconds: number): string {
  if (seconds < 60) return toUnit(Math.max(1, Math.round(seconds)), 'second')
  if (seconds < 5400) return toUnit(Math.round(seconds / 60), 'minute')
  return toUnit(Math.round(seconds / 3600), 'hour')
}

const PERCENT = new Intl.NumberFormat(undefined, { style: 'percent' })
/** Down, so that 100 % is said only of what is whole. */
export const toPercent = (share: number): string => PERCENT.format(Math.floor(share * 100) / 100)

/** So many of what has this name. */
export const toCount = (count: number, one: string, many: string): string =>
  `${count} ${count === 1 ? one : many}`

/** The time zone as people call it: "GMT+1". */
export function toZone(): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts()
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}

/** What `datetime-local` reads and writes: local time without a zone. */
export function toLocalInput(time: Date): string {
  const shifted = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return shifted.toISOString().slice(0, 16)
}
