// `npm run bench`: Postern beside bare Hono and its peers, each in its own runtime, in one run; tables and a plot into docs/performance.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { toCases } from './suite/cases.ts'
import { countCalls } from './suite/cost.ts'
import { describeMachine, readLoad } from './suite/machine.ts'
import { measureAll, measurePair, type Plan } from './suite/measure.ts'
import { versionOf } from './suite/peers.ts'
import { toSvg } from './suite/plot.ts'
import {
  figuresOf,
  type Results,
  toCostTable,
  toGoals,
  toMainTable,
  toScaleTable,
  toStartTable,
} from './suite/report.ts'
import { measureScale } from './suite/scale.ts'
import { openStage } from './suite/stage.ts'
import { measureStartup, toGzipKiB } from './suite/startup.ts'
import { redirect } from './support/gateway.ts'
import { docs, writeSection } from './support/page.ts'

const { values } = parseArgs({
  options: {
    /** A look whether all of it works; nothing is written. */
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    ms: { type: 'string' },
    rate: { type: 'string', default: '400' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const isQuick = values.quick
const plan: Plan = {
  rounds: Number(values.rounds ?? (isQuick ? 2 : 7)),
  roundMs: Number(values.ms ?? (isQuick ? 200 : 500)),
  warmUpMs: isQuick ? 300 : 1000,
  rate: Number(values.rate),
  latencyRounds: isQuick ? 1 : 3,
  latencyMs: isQuick ? 400 : 1000,
}
const sizes = isQuick ? [1000, 10_000] : [1000, 100_000, 1_000_000]
const startedMs = performance.now()
const say = (what: string): void =>
  console.log(`${((performance.now() - startedMs) / 1000).toFixed(0)} s: ${what}`)

const loadBefore = readLoad()
say('starts all servers')
const stage = await openStage()
const cases = await toCases(stage)
say(`measures ${cases.length} cases`)
const figures = await measureAll(
  cases.map(({ server, request, status }) => ({ server: stage.servers[server], request, status })),
  plan,
)
say('compares 10 grants with 1000')
const toPair = (server: 'few' | 'many') => ({
  server: stage.servers[server],
  request: redirect,
  status: '302',
})
const grants = await measurePair([toPair('few'), toPair('many')], isQuick ? 4 : 60)
say('counts calls')
const counted = await countCalls(stage, cases)
say('opens links beside many others')
const scalePlan = { ...plan, rounds: Math.min(5, plan.rounds), latencyRounds: 1 }
const scale = await measureScale(stage, sizes, isQuick ? 100 : 1000, scalePlan)
await stage.stop()
say('starts Workers')
const startup = await measureStartup(stage, isQuick ? 1 : 9)
const results: Results = {
  measured: cases.flatMap((one, at) => {
    const found = figures[at]
    return found === undefined ? [] : [{ ...one, figures: found }]
  }),
  counted,
  scale,
  startup,
  grants,
  sizes: new Map([...stage.scripts].map(([name, script]) => [name, toGzipKiB(script)])),
}
say('done')

const root = join(import.meta.dirname, '..')
const ran = `${new Date().toISOString().slice(0, 10)}, ${describeMachine()}; load of the machine before: ${loadBefore}. ${plan.rounds} interleaved rounds of ${plan.roundMs} ms with 16 connections, after ${plan.warmUpMs} ms each to warm up; latencies of ${plan.latencyRounds} rounds of ${plan.latencyMs} ms at a fixed rate. Companion ${versionOf('@uppy/companion')} in Node, Better Upload ${versionOf('@better-upload/server')} and the AWS SDK ${versionOf('@aws-sdk/s3-request-presigner', root)} in workerd.`
const parts = {
  bench: [
    toMainTable(results.measured),
    '',
    '![Throughput and latencies of Postern and its peers](performance/bench.svg)',
    '',
    ran,
  ].join('\n'),
  goals: toGoals(results),
  cost: toCostTable(results),
  scale: toScaleTable(scale),
  start: toStartTable(results),
}
for (const text of Object.values(parts)) console.log(`\n${text}`)

if (values.write && !isQuick) {
  for (const [mark, text] of Object.entries(parts)) writeSection('performance.md', mark, text)
  const rows = results.measured.map((one) => ({ ...one, isOurs: one.name.startsWith('**Postern') }))
  const base = figuresOf(results.measured, 'hello').rate
  mkdirSync(join(docs, 'performance'), { recursive: true })
  writeFileSync(join(docs, 'performance/bench.svg'), toSvg(rows, base))
}
