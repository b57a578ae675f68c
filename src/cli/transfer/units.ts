// Sizes and spans of time as people read them.
const NAMES = ['KiB', 'MiB', 'GiB', 'TiB']

/** 1536 → "1.5 KiB". */
export function toSizeText(bytes: number): string {
  let [value, name] = [bytes, 'B']
  for (const next of NAMES) {
    if (value < 1024) break
    ;[value, name] = [value / 1024, next]
  }
  return name === 'B' || value >= 100
    ? `${Math.round(value)} ${name}`
    : `${value.toFixed(1)} ${name}`
}

/** 3725 → "1:02:05"; unknown is "-". */
export function toSpanText(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-'
  const whole = Math.ceil(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const [first = 0, ...rest] = parts[0] === 0 ? parts.slice(1) : parts
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':')
}
