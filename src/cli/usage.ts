// Reading options: what is not as described is bad usage, exit code 2, and nothing happens.
import { parseArgs, type ParseArgsConfig } from 'node:util'

export class UsageError extends Error {
  override readonly name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Node's own parser; its messages repeat the input, which may be a secret in the wrong place. */
export function readOptions<O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch {
    throw new UsageError('unknown or incomplete option')
  }
}

/** A whole number of seconds. */
export function toSeconds(text: string, option: string, least: number): number {
  const seconds = Number(text)
  if (!Number.isSafeInteger(seconds) || seconds < least)
    throw new UsageError(`${option} is a number of seconds, at least ${least}`)
  return seconds
}
