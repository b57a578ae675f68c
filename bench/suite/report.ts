// The bench as words: tables of what was measured, and the goals, each reached or missed.
import { percentile } from '../support/open-loop.ts'
import type { Case } from './cases.ts'
import { type Counted, LATER } from './cost.ts'
import type { Figures } from './measure.ts'
import { type Counts, PRICES, toBill } from './prices.ts'
import type { Scale } from './scale.ts'
import type { Startup } from './startup.ts'

export interface Measured extends Case {
  readonly figures: Figures
}

export interface Results {
  readonly measured: readonly Measured[]
  readonly counted: ReadonlyMap<string, Counted>
  readonly scale: readonly Scale[]
  readonly startup: Startup
  /** CPU of a redirect with 1000 grants over that with 10, round by round. */
  readonly grants: readonly number[]
  /** KiB gzip, by name. */
  readonly sizes: ReadonlyMap<string, number>
}

export function figuresOf(measured: readonly Measured[], id: string): Figures {
  const found = measured.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no case ${id}`)
  return found.figures
}

const ms = (value: number): string => value.toFixed(value < 10 ? 2 : 0)

export function toMainTable(measured: readonly Measured[]): string {
  const base = figuresOf(measured, 'hello').rate
  return [
    '| case | throughput, hello = 1 | lowest … highest round | CPU µs of a request | at requests a second | p50 ms | p95 ms | p99 ms |',
    '|---|---|---|---|---|---|---|---|',
    ...measured.map(({ name, figures }) => {
      const { rates, rate, cpuUs, openRate, p50, p95, p99 } = figures
      const spread = `${(Math.min(...rates) / base).toFixed(2)} … ${(Math.max(...rates) / base).toFixed(2)}`
      return `| ${name} | ${(rate / base).toFixed(2)} | ${spread} | ${cpuUs.toFixed(0)} | ${openRate} | ${ms(p50)} | ${ms(p95)} | ${ms(p99)} |`
    }),
  ].join('\n')
}

type Goal = [goal: string, value: string, isReached: boolean]

export function toGoals({ measured, startup, sizes, scale, grants }: Results): string {
  const hello = figuresOf(measured, 'hello')
  const beside = (goal: number, text: string, other: string): Goal => {
    const [ours, theirs] = [figuresOf(measured, 'hs256'), figuresOf(measured, other)]
    const ratio = ours.rate / theirs.rate
    const byCpu = (theirs.cpuUs / ours.cpuUs).toFixed(2)
    const most = other === 'hello' ? '' : `; bare Hono is ${(hello.rate / theirs.rate).toFixed(2)}`
    const name = `redirect with HS256 ≥ ${goal} × ${text}`
    return [name, `${ratio.toFixed(2)} (by CPU of a request ${byCpu}${most})`, ratio >= goal]
  }
  const size = sizes.get('Postern') ?? Number.NaN
  const [fewest, most] = [scale[0], scale.findLast(({ name }) => name.startsWith('from KV'))]
  const grown = (most?.figures.cpuUs ?? Number.NaN) / (fewest?.figures.cpuUs ?? Number.NaN)
  const sorted = grants.toSorted((a, b) => a - b)
  const [low, many, high] = [0.25, 0.5, 0.75].map((share) => percentile(sorted, share))
  const pairs = `${many?.toFixed(2)} (the middle half of ${grants.length} pairs of rounds: ${low?.toFixed(2)} … ${high?.toFixed(2)})`
  const start = startup.checkedMs
  const rows: Goal[] = [
    beside(0.5, 'bare Hono', 'hello'),
    beside(5, 'Companion’s `/s3/params`', 'companion'),
    beside(4, 'the AWS SDK’s Worker', 'sdk'),
    ['bundle ≤ 60 KiB gzip', `${size.toFixed(1)} KiB`, size <= 60],
    ['start-up ≤ 20 ms, `wrangler check startup`', `${start.toFixed(1)} ms`, start <= 20],
    ['CPU with 1000 grants ≤ 1.1 × that with 10', pairs, (many ?? Number.NaN) <= 1.1],
    [
      'CPU of a link from KV beside the most others ≤ 1.1 × that beside the fewest',
      grown.toFixed(2),
      grown <= 1.1,
    ],
  ]
  return [
    '| goal | measured | |',
    '|---|---|---|',
    ...rows.map(
      ([goal, value, isReached]) =>
        `| ${goal} | ${value} | ${isReached ? 'reached' : '**missed**'} |`,
    ),
  ].join('\n')
}

function toCalls(calls: Counts): string {
  const words = Object.entries(calls)
    .filter(([name]) => name !== 'log lines')
    .map(([name, times]) => `${name} ${Number(times.toFixed(2))}`)
  return words.length === 0 ? 'none' : words.join(', ')
}

export function toCostTable({ measured, counted }: Results): string {
  const rows = measured.flatMap(({ id, name, figures }) => {
    const found = counted.get(id)
    if (found === undefined) return []
    const { cpuUs, p50, p99 } = figures
    const first = toBill(found.first, 1, cpuUs / 1000, p50)
    const later = toBill(found.later, LATER, cpuUs / 1000, p50)
    return `| ${name.replace('**Postern**: ', '')} | ${toCalls(first.calls)} | ${toCalls(later.calls)} | ${first.dollars.toFixed(2)} | ${later.dollars.toFixed(2)} | ${later.logDollars.toFixed(2)} | ${ms(p99)} |`
  })
  return [
    '| request | calls, first of an isolate | calls, later ones | $ a million, all first | $ a million, later ones | $ for their log lines | p99 ms |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `Cloudflare’s prices of 2026-11-28 beyond what the paid plan includes: requests $${PRICES.requests}, CPU $${PRICES.cpuMs} for a million ms, KV $${PRICES.kvReads} a million reads and $${PRICES.kvWrites} a million writes or lists, Durable Objects $${PRICES.objectRequests} a million requests, $${PRICES.objectGbSeconds} a million GB-s, $${PRICES.rowsRead} a million rows read and $${PRICES.rowsWritten} written ([Workers](https://developers.cloudflare.com/workers/platform/pricing/), [KV](https://developers.cloudflare.com/kv/platform/pricing/), [Durable Objects](https://developers.cloudflare.com/durable-objects/platform/pricing/)); Workers Logs $${PRICES.logLines} a million lines until 2026-12-01, Observability pricing after it. Calls are counted, over ${LATER} requests for the later ones; CPU is that of this machine; an object is taken to be active for the p50 of the whole request. What S3 charges is not in it.`,
  ].join('\n')
}

export function toScaleTable(scale: readonly Scale[]): string {
  const base = scale[0]?.figures.rate ?? 1
  return [
    '| link | throughput, first = 1 | CPU µs of a request | p50 ms | p99 ms |',
    '|---|---|---|---|---|',
    ...scale.map(
      ({ name, figures: { rate, cpuUs, p50, p99 } }) =>
        `| ${name} | ${(rate / base).toFixed(2)} | ${cpuUs.toFixed(0)} | ${ms(p50)} | ${ms(p99)} |`,
    ),
  ].join('\n')
}

export function toStartTable({ startup, sizes }: Results): string {
  const { checked, checkedMs, overHelloMs, helloMs } = startup
  return [
    '| | |',
    '|---|---|',
    ...[...sizes].map(([name, kib]) => `| bundle, ${name} | ${kib.toFixed(1)} KiB gzip |`),
    `| \`wrangler check startup\`, active | ${checkedMs.toFixed(1)} ms (${checked.map((one) => one.toFixed(1)).join(', ')}) |`,
    `| CPU from the start of workerd to the first answer | ${(helloMs + overHelloMs).toFixed(0)} ms, of which bare Hono takes ${helloMs.toFixed(0)} |`,
  ].join('\n')
}
