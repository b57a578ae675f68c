// The conditions of a link as options: the same for `link create`, `edit` and `sign`.
import { Option } from '@commander-js/extra-typings'
import { parseDuration, parseSize } from '../../core/units.ts'
import { createCommand, type Example } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { collect, UsageError } from '../frame/usage.ts'

export interface TermOptions {
  readonly expiresIn?: string | undefined
  readonly expiresAt?: string | undefined
  readonly notBefore?: string | undefined
  readonly maxDownloads?: string | undefined
  readonly strict?: true | undefined
  readonly cidr: readonly string[]
  readonly country: readonly string[]
  readonly referrer: readonly string[]
  readonly userAgent?: string | undefined
  readonly disposition?: string | undefined
  readonly filename?: string | undefined
  readonly label?: string | undefined
  readonly delivery?: string | undefined
  readonly tripwire?: string | undefined
}

export function createTermsCommand(
  shell: Shell,
  name: string,
  text: {
    readonly summary: string
    readonly description: string
    readonly examples: readonly Example[]
  },
) {
  return createCommand(shell, name, text)
    .option('--expires-in <duration>', 'how long it lives: seconds, or 15m, 12h, 7d')
    .option('--expires-at <time>', 'when it ends, such as 2026-12-31T00:00:00Z')
    .option('--not-before <time>', 'when it begins')
    .option('--max-downloads <count>', 'how often it may be used')
    .option('--strict', 'changes of it hold at once, everywhere')
    .option('--cidr <network>', 'only from there; may stand several times', collect, [])
    .option('--country <code>', 'only from there, such as AT; may stand several times', collect, [])
    .option(
      '--referrer <host>',
      'only from pages of this host; may stand several times',
      collect,
      [],
    )
    .option('--user-agent <pattern>', 'only for clients of this name; * stands for anything')
    .addOption(
      new Option('--disposition <kind>', 'saved or shown').choices(['attachment', 'inline']),
    )
    .option('--filename <name>', 'the name that it is saved under')
    .option('--label <text>', 'what it is, for lists and pages')
    .addOption(
      new Option('--delivery <how>', 'through S3 or through the gateway').choices([
        'redirect',
        'stream',
      ]),
    )
    .option(
      '--tripwire <networks/minutes>',
      'freezes when opened from more networks than this in that time',
    )
}

export function toSecondsOf(text: string, option: string): number {
  const seconds = /^\d{1,12}$/.test(text) ? Number(text) : parseDuration(text)
  if (seconds === undefined || seconds < 1)
    throw new UsageError(`${option} is a number of seconds, or such as 15m, 12h or 7d`)
  return seconds
}

function toTime(text: string, option: string): string {
  if (
    !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ||
    Number.isNaN(Date.parse(text))
  )
    throw new UsageError(`${option} is a time such as 2026-12-31T00:00:00Z`)
  return new Date(text).toISOString().replace('.000Z', 'Z')
}

export function toCount(text: string, option: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new UsageError(`${option} is a number, at least 1`)
  return count
}

export function toBytes(text: string, option: string): number {
  const bytes = /^\d{1,15}$/.test(text) ? Number(text) : parseSize(text)
  if (bytes === undefined || bytes < 1)
    throw new UsageError(`${option} is a number of bytes, or such as 10MB or 5GiB`)
  return bytes
}

function toTripwire(text: string): object {
  const [, networks, minutes] = /^(\d{1,3})\/(\d{1,4})$/.exec(text) ?? []
  if (networks === undefined) throw new UsageError('--tripwire is NETWORKS/MINUTES, such as 3/60')
  return { networks: Number(networks), withinMinutes: Number(minutes) }
}

/** Members of /v1/links and claims of a link token; those that were not named are absent. The gateway judges them. */
export function toTerms(options: TermOptions): Readonly<Record<string, unknown>> {
  const { maxDownloads, notBefore, tripwire, cidr, country, referrer } = options
  const { strict, userAgent, disposition, filename, label, delivery } = options
  const lists = { cidrs: cidr, countries: country, referrers: referrer }
  const plain = { strict, userAgent, disposition, filename, label, delivery }
  return {
    ...(notBefore !== undefined && { notBefore: toTime(notBefore, '--not-before') }),
    ...(maxDownloads !== undefined && { maxDownloads: toCount(maxDownloads, '--max-downloads') }),
    ...(tripwire !== undefined && { tripwire: toTripwire(tripwire) }),
    ...Object.fromEntries(Object.entries(lists).filter(([, items]) => items.length > 0)),
    ...Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined)),
  }
}

/** The end: one of both ways to name it, or none. */
export function toEnd(
  { expiresIn, expiresAt }: TermOptions,
  preset?: string,
): { readonly expiresIn?: number; readonly expiresAt?: string } {
  if (expiresIn !== undefined && expiresAt !== undefined)
    throw new UsageError('--expires-in or --expires-at, not both')
  if (expiresAt !== undefined) return { expiresAt: toTime(expiresAt, '--expires-at') }
  const text = expiresIn ?? preset
  return text === undefined ? {} : { expiresIn: toSecondsOf(text, '--expires-in') }
}
