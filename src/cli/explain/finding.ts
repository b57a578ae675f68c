// What an explanation consists of, without any text that could be a secret.

/** `fault`: it fails for this reason. `warning`: it will fail for somebody, or soon. `note`: good to know. */
export interface Finding {
  readonly level: 'fault' | 'warning' | 'note'
  /** Stable, for scripts. */
  readonly code: string
  readonly text: string
}

export interface Report {
  readonly kind: 'url' | 'form' | 'error'
  /** In the order in which they are printed. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** What the signature binds, so that a change of it is refused. */
  readonly bound: readonly string[]
  readonly unbound: readonly string[]
  readonly findings: readonly Finding[]
}

export const fault = (code: string, text: string): Finding => ({ level: 'fault', code, text })
export const warning = (code: string, text: string): Finding => ({ level: 'warning', code, text })
export const note = (code: string, text: string): Finding => ({ level: 'note', code, text })

/** Enough of a key id to know one's own by. */
export function maskKeyId(id: string): string {
  return id.length < 12 ? '…' : `${id.slice(0, 4)}…${id.slice(-4)}`
}

/** A time in UTC and where the reader is, and how far away it is. */
export function toMoment(ms: number, nowMs: number): string {
  const utc = new Date(ms).toISOString().replace('.000Z', 'Z')
  const local = new Date(ms).toLocaleString('sv-SE', { timeZoneName: 'short' })
  const seconds = Math.abs(Math.round((ms - nowMs) / 1000))
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const [size, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, 's']
  const distance = `${Math.floor(seconds / size)} ${unit}`
  return `${utc}, here ${local}, ${ms < nowMs ? `${distance} ago` : `in ${distance}`}`
}
