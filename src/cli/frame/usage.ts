// How a command ends that does not do what was asked: bad usage (exit code 2), or a refusal or failure (1).
// No message repeats what was typed: it may be a secret in the wrong place.

/** Nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Refused, or tried and failed. */
export class Failure extends Error {
  override readonly name = 'Failure'
  /** More members for `--json`. */
  readonly data: Readonly<Record<string, unknown>>

  constructor(message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.data = data
  }
}

/** The answer is no, and it is printed already: exit code 1, and nothing more to say. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

/** A whole number of seconds. */
export function toSeconds(text: string, option: string, least: number): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isSafeInteger(seconds) || seconds < least)
    throw new UsageError(`${option} is a number of seconds, at least ${least}`)
  return seconds
}

/** A count, at least 1. */
export function toCount(text: string, option: string, most: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : 0
  if (count < 1 || count > most) throw new UsageError(`${option} is a number from 1 to ${most}`)
  return count
}

/** `name=value`, split at the first equals sign. */
export function toPair(text: string, option: string): readonly [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new UsageError(`${option} is name=value`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** For options that may stand several times. */
export function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}
