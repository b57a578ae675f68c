// What one check of `postern doctor` found, and what to do about it. No text holds a secret or what S3 said beyond its code.

/** `skipped`: not looked at, and the detail says why. */
export type Level = 'ok' | 'warning' | 'fault' | 'skipped'

export interface Finding {
  readonly check: string
  /** Alias of the bucket that it is about. */
  readonly bucket?: string
  readonly level: Level
  readonly detail: string
  /** What to do; with warnings and faults. */
  readonly remedy?: string
}

export const ok = (check: string, detail: string): Finding => ({ check, level: 'ok', detail })
export const skipped = (check: string, detail: string): Finding => ({
  check,
  level: 'skipped',
  detail,
})
export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  level: 'warning',
  detail,
  remedy,
})
export const fault = (check: string, detail: string, remedy: string): Finding => ({
  check,
  level: 'fault',
  detail,
  remedy,
})

/** An answer as findings repeat it: its status, and S3's code. */
export function describeAnswer({
  status,
  code,
}: {
  readonly status: number
  readonly code: string
}): string {
  return status === 0 ? `no answer (${code})` : `${status} ${code}`.trim()
}
