// `npm run bench:limiter`: what limits cost a redirect: the same route without them, with each store, in one run; into docs/performance.md.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { redirect, toVariables } from './support/gateway.ts'
import { measure, median } from './support/load.ts'
import { bundle, type Server, serve } from './support/workerd.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    ms: { type: 'string', default: '1000' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const rounds = Number(values.rounds)
const durationMs = Number(values.ms)

const limit = { name: 'sign', per: 'sub', allow: 100_000_000, every: '1m' }
const door = { ...limit, name: 'door', per: 'ip' }
const exact = { store: 'durable-object' }
const CASES = [
  { name: 'no limits', limits: [] },
  { name: 'one through KV', limits: [limit] },
  { name: 'one by Durable Object', limits: [{ ...limit, ...exact }] },
  { name: 'two through KV, one of them by address', limits: [limit, door] },
]
// As Cloudflare sends it: the door has an address to count by.
const request = redirect.replace('\r\n\r\n', '\r\nCF-Connecting-IP: 192.0.2.1\r\n\r\n')

/** CPU time of a process in hundredths of a second: other work on the machine does not show in it. */
function cpuTicks({ pid }: Server): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const gateway = await bundle('src/index.ts', join(folder, 'gateway.js'))
const servers: Server[] = []
for (const { limits } of CASES)
  servers.push(await serve(gateway, { ...toVariables(10), LIMITS: limits }))

const rates = CASES.map((): number[] => [])
const costs = CASES.map((): number[] => [])
// Two rounds to warm up, not counted; each round in another order.
for (let round = -2; round < rounds; round += 1) {
  for (let step = 0; step < servers.length; step += 1) {
    const at = (step + round + 2) % servers.length
    const server = servers[at]
    if (server === undefined) continue
    const before = cpuTicks(server)
    const rate = await measure(server.port, request, '302', durationMs)
    const ticks = cpuTicks(server) - before
    if (round < 0) continue
    rates[at]?.push(rate)
    costs[at]?.push(ticks / ((rate * durationMs) / 1000))
  }
}
for (const server of servers) server.stop()

const ratio = (samples: readonly (readonly number[])[], at: number): number =>
  median((samples[at] ?? []).map((sample, round) => sample / (samples[0]?.[round] ?? 1)))
const rows = CASES.map(
  ({ name }, at) => `| ${name} | ${ratio(rates, at).toFixed(3)} | ${ratio(costs, at).toFixed(3)} |`,
)
const table = [
  '| limits | throughput, none = 1 | CPU time of a request, none = 1 |',
  '|---|---|---|',
  ...rows,
  '',
  `Medians of ${rounds} interleaved rounds of ${durationMs} ms, each against the round without limits; 16 connections, Node ${process.version}, ${process.platform} ${process.arch}.`,
].join('\n')
console.log(table)

if (values.write) {
  const file = join(import.meta.dirname, '../docs/performance.md')
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- limiter -->[^]*<!-- \/limiter -->/,
  )
  writeFileSync(file, `${before}<!-- limiter -->\n${table}\n<!-- /limiter -->${after}`)
}
