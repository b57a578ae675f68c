// `npm run bench:limits`: all targets, the contenders side by side, plots; writes them into docs/limits.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gossip, lease, library, plain, split } from './contenders.ts'
import { PESSIMISTIC } from './kv-model.ts'
import { mean, quantile } from './measures.ts'
import { measureCheck } from './check-time.ts'
import { toSvg } from './plots.ts'
import { BASE, type Scenario } from './scenario.ts'
import type { Contender } from './simulate.ts'
import {
  bindingFigures,
  costFigures,
  failureFigures,
  FEW,
  type Figure,
  floodFigures,
  leaseFigures,
  meanOf,
  p95Of,
  perThousand,
  refusalFigures,
  runSeries,
  type Series,
} from './targets.ts'

const docs = join(import.meta.dirname, '../../docs')
const CONTENDERS: readonly (readonly [name: string, contender: Contender])[] = [
  ['Postern, `store = "kv"`', gossip],
  ['one key, read and written back', plain],
  ['@hono-rate-limiter/cloudflare, its store’s logic', library],
  ['limit divided by isolates', split],
  ['Postern, `store = "durable-object"`', lease],
]

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

function toText(value: number, unit: Figure['unit']): string {
  if (unit === '$') return `$${value.toFixed(2)}`
  return `${Number(value.toFixed(2))}${unit === '%' ? ' %' : ''}`
}

function toTargets(figures: readonly Figure[]): string {
  return table(
    ['', 'target', 'must', 'aim', 'measured', ''],
    figures.map(({ id, what, unit, must, stretch, measured }) => [
      id,
      what,
      toText(must, unit),
      toText(stretch, unit),
      toText(measured, unit),
      measured <= stretch ? 'aim reached' : measured <= must ? 'held' : '**missed**',
    ]),
  )
}

async function toContenders(): Promise<{ text: string; series: readonly Series[] }> {
  const series: Series[] = []
  const rows: string[][] = []
  for (const [name, contender] of CONTENDERS) {
    const flood = await runSeries(contender, {}, FEW)
    const honest = await runSeries(contender, { load: 0.5, locations: 1 }, FEW)
    series.push(flood)
    const waits = flood.runs.flatMap(({ waitedMs, requests }) => [
      ...waitedMs,
      ...Array<number>(requests - waitedMs.length).fill(0),
    ])
    rows.push([
      name,
      percent(meanOf(flood, 'steady')),
      percent(p95Of(flood, 'first')),
      percent(meanOf(flood, 'errors')),
      percent(meanOf(honest, 'falseRejects')),
      `${quantile(waits, 0.5).toFixed(0)} / ${quantile(waits, 0.99).toFixed(0)} ms`,
      `${perThousand(flood, ({ kv }) => kv.writes).toFixed(0)} / ${perThousand(flood, ({ kv }) => kv.lists + kv.gets).toFixed(0)} / ${perThousand(flood, ({ calls }) => calls).toFixed(0)}`,
    ])
  }
  const head = [
    'limiter',
    'over, steady',
    'over, first (p95)',
    '5xx',
    'refused without need at half the limit',
    'waits p50 / p99',
    'writes / reads and lists / object calls, per 1000',
  ]
  return { text: table(head, rows), series }
}

async function toCases(cases: readonly (readonly [string, Partial<Scenario>])[]): Promise<string> {
  const rows: string[][] = []
  for (const [name, part] of cases) {
    const series = await runSeries(gossip, part, FEW)
    rows.push([
      name,
      percent(meanOf(series, 'steady')),
      percent(p95Of(series, 'first')),
      percent(meanOf(series, 'falseRejects')),
      perThousand(series, ({ kv }) => kv.writes).toFixed(0),
      perThousand(series, ({ kv }) => kv.lists).toFixed(0),
    ])
  }
  return table(
    ['case', 'over, steady', 'over, first (p95)', 'refused without need', 'writes', 'lists'],
    rows,
  )
}

const byWindow = ({ runs, scenario }: Series): number[] =>
  Array.from({ length: scenario.windows }, (_, at) =>
    mean(runs.map((run) => run.admitted[at] ?? 0)),
  )

function fill(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to === -1) throw new Error(`docs/limits.md has no place for ${name}`)
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
}

const figures = [
  ...(await floodFigures()),
  ...(await bindingFigures()),
  ...(await failureFigures()),
  ...(await refusalFigures()),
  ...(await costFigures()),
  ...(await leaseFigures()),
]
const targets = toTargets(figures)
console.log(`${targets}\n`)
const check = measureCheck()
console.log(`one check: p50 ${check.p50.toFixed(1)} µs, p99 ${check.p99.toFixed(1)} µs\n`)
const { text: contenders, series } = await toContenders()
console.log(`${contenders}\n`)
const cases = await toCases([
  ['10x, eco', { preset: 'eco' }],
  ['10x, standard', {}],
  ['10x, tight', { preset: 'tight' }],
  ['1.2x', { load: 1.2 }],
  ['2x', { load: 2 }],
  ['5x, 3 locations', { load: 5, locations: 3 }],
  ['10x, one location, no binding', { locations: 1 }],
  ['10x, limit 1000', { allow: 1000, windows: 4 }],
  ['10x, isolates that never die', { lifeMs: 1e12 }],
  ['bursts of 0.9 over 10 locations', { load: 0.9, shape: 'burst' }],
])
console.log(cases)

const doubted = await runSeries(gossip, { kv: PESSIMISTIC })
const plots = {
  windows: toSvg({
    title: 'Admitted in each window: limit 100, demand 1000, 10 locations',
    xLabel: 'window (one minute each)',
    yLabel: 'admitted, logarithmic',
    xStart: 1,
    isLog: true,
    ticks: [5, 10, 20, 50, 100, 200, 500, 1000],
    lines: ['Postern, kv', 'one key', 'library’s store', 'divided', 'Postern, object'].map(
      (name, at) => ({ name, values: byWindow(series[at] ?? doubted) }),
    ),
  }),
  kv: toSvg({
    title: 'Postern, kv: the same flood on typical and on pessimistic KV',
    xLabel: 'window (one minute each)',
    yLabel: 'admitted',
    xStart: 1,
    isLog: false,
    ticks: [0, 50, 100, 150, 200],
    lines: [
      { name: 'typical', values: byWindow(await runSeries(gossip, {})) },
      { name: 'pessimistic', values: byWindow(doubted) },
      { name: 'the limit', values: Array<number>(BASE.windows).fill(BASE.allow) },
    ],
  }),
}
mkdirSync(join(docs, 'limits'), { recursive: true })
for (const [name, svg] of Object.entries(plots))
  writeFileSync(join(docs, `limits/${name}.svg`), svg)
const file = join(docs, 'limits.md')
let page = readFileSync(file, 'utf8')
page = fill(page, 'targets', targets)
page = fill(page, 'contenders', contenders)
page = fill(page, 'cases', cases)
writeFileSync(file, page)
if (figures.some(({ measured, must }) => measured > must)) process.exitCode = 1
