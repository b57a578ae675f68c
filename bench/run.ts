// `npm run bench`: the gateway beside a bare Hono in bare workerd, interleaved rounds, medians, ratios into docs/performance.md.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { get, redirect, toVariables } from './support/gateway.ts'
import { measure, median } from './support/load.ts'
import { bundle, serve } from './support/workerd.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '1500' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const rounds = Number(values.rounds)
const durationMs = Number(values.ms)

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const gateway = await bundle('src/index.ts', join(folder, 'gateway.js'))
const hello = await bundle('bench/support/hello.ts', join(folder, 'hello.js'))
const homemade = await bundle('bench/support/homemade.ts', join(folder, 'homemade.js'))
const servers = {
  hello: await serve(hello, {}, false),
  homemade: await serve(homemade, toVariables(10), false),
  few: await serve(gateway, toVariables(10)),
  many: await serve(gateway, toVariables(1000)),
}

const CASES = [
  { name: 'bare Hono, "hello"', port: servers.hello.port, request: get('/'), status: '200' },
  {
    name: 'refused: no token (401)',
    port: servers.few.port,
    request: get('/o/media/users/alice/file.txt'),
    status: '401',
  },
  {
    name: 'home-made redirect: Hono, jose and aws4fetch, nothing else',
    port: servers.homemade.port,
    request: redirect,
    status: '302',
  },
  {
    name: 'authenticated redirect, HS256, 10 grants',
    port: servers.few.port,
    request: redirect,
    status: '302',
  },
  {
    name: 'the same with 1000 grants',
    port: servers.many.port,
    request: redirect,
    status: '302',
  },
] as const

const samples = CASES.map((): number[] => [])
// One round to warm up, not counted.
for (let round = -1; round < rounds; round += 1) {
  for (const [at, { port, request, status }] of CASES.entries()) {
    const rate = await measure(port, request, status, durationMs)
    if (round >= 0) samples[at]?.push(rate)
  }
}
for (const server of Object.values(servers)) server.stop()

const medians = samples.map(median)
const [base = 1] = medians
const [, , homemadeRate = 1, few = 1, many = 1] = medians
const rows = CASES.map(({ name }, at) => {
  const rate = medians[at] ?? 0
  const spread = samples[at]?.map((sample) => sample / base) ?? []
  return `| ${name} | ${(rate / base).toFixed(2)} | ${Math.min(...spread).toFixed(2)} … ${Math.max(...spread).toFixed(2)} |`
})
const table = [
  '| case | throughput, hello = 1 | lowest … highest round |',
  '|---|---|---|',
  ...rows,
  '',
  `Ours against the home-made: ${(few / homemadeRate).toFixed(2)}. 1000 grants against 10: ${(many / few).toFixed(2)}. ${rounds} rounds of ${durationMs} ms each, interleaved, 16 connections, Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} CPUs.`,
].join('\n')
console.log(table)

if (values.write) {
  const file = join(import.meta.dirname, '../docs/performance.md')
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- table -->[^]*<!-- \/table -->/,
  )
  writeFileSync(file, `${before}<!-- table -->\n${table}\n<!-- /table -->${after}`)
}
