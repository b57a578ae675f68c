// `npm run bench:limiter`: what limits cost a redirect: the same route without them, with each store, in one run; into docs/performance.md.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { redirect, toVariables } from './support/gateway.ts'
import { measure } from './support/load.ts'
import { bundle, type Server, serve } from './support/workerd.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    ms: { type: 'string', default: '500' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const rounds = Number(values.rounds)
const durationMs = Number(values.ms)
const WARM_UP_MS = 5000

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

/** Requests, seconds and CPU time of each case, over all rounds. */
const totals = CASES.map(() => ({ requests: 0, seconds: 0, ticks: 0 }))
// The first round warms up for longer and does not count; each round goes in another order.
for (let round = -1; round < rounds; round += 1) {
  for (let step = 0; step < servers.length; step += 1) {
    const at = (step + round + 1) % servers.length
    const [server, total] = [servers[at], totals[at]]
    if (server === undefined || total === undefined) continue
    const before = cpuTicks(server)
    const startedMs = performance.now()
    const rate = await measure(server.port, request, '302', round < 0 ? WARM_UP_MS : durationMs)
    const seconds = (performance.now() - startedMs) / 1000
    if (round < 0) continue
    total.requests += rate * seconds
    total.seconds += seconds
    total.ticks += cpuTicks(server) - before
  }
}
for (const server of servers) server.stop()

const [none] = totals
const rows = CASES.map(({ name }, at) => {
  const { requests, seconds, ticks } = totals[at] ?? { requests: 1, seconds: 1, ticks: 1 }
  const rate = requests / seconds / ((none?.requests ?? 1) / (none?.seconds ?? 1))
  const cost = ticks / requests / ((none?.ticks ?? 1) / (none?.requests ?? 1))
  return `| ${name} | ${rate.toFixed(3)} | ${cost.toFixed(3)} |`
})
const table = [
  '| limits | throughput, none = 1 | CPU time of a request, none = 1 |',
  '|---|---|---|',
  ...rows,
  '',
  `${rounds} interleaved rounds of ${durationMs} ms; 16 connections, Node ${process.version}, ${process.platform} ${process.arch}.`,
].join('\n')
console.log(table)

if (values.write) {
  const file = join(import.meta.dirname, '../docs/performance.md')
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- limiter -->[^]*<!-- \/limiter -->/,
  )
  writeFileSync(file, `${before}<!-- limiter -->\n${table}\n<!-- /limiter -->${after}`)
}
