// `npm run bench:compare -- A.js B.js …`: built Workers beside each other at one redirect, in short interleaved rounds: CPU of a request, and the median of each round's ratio to the first.
// A bundle of the sources as they are: `npm run bench:compare -- --build B.js`.
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { freshRedirects, get, redirect, toVariables } from './support/gateway.ts'
import { load, median } from './support/load.ts'
import { run, type Runtime } from './support/runtime.ts'
import { bundle } from './support/workerd.ts'

const { values, positionals } = parseArgs({
  options: {
    build: { type: 'string' },
    rounds: { type: 'string', default: '50' },
    ms: { type: 'string', default: '120' },
    /** `redirect`, `fresh` (a token that was not seen before) or `refused`. */
    case: { type: 'string', default: 'redirect' },
    grants: { type: 'string', default: '10' },
  },
  allowPositionals: true,
})
if (values.build !== undefined) await bundle('src/index.ts', resolve(values.build))

const CASES: ReadonlyMap<string, readonly [string | readonly string[], string]> = new Map([
  ['redirect', [redirect, '302']],
  ['fresh', [await freshRedirects(), '302']],
  ['refused', [get('/o/media/users/alice/file.txt'), '401']],
])
const [request, status] = CASES.get(values.case) ?? [redirect, '302']

interface Contender {
  readonly name: string
  readonly server: Runtime
  readonly costs: number[]
}
const contenders: Contender[] = []
for (const name of positionals)
  contenders.push({
    name,
    server: await run(resolve(name), toVariables(Number(values.grants)), { hasStores: true }),
    costs: [],
  })

async function measure({ server }: Contender, ms: number): Promise<number> {
  const before = server.cpuNs()
  const { requests } = await load(server.port, request, status, ms)
  return (server.cpuNs() - before) / requests / 1000
}

for (const contender of contenders) await measure(contender, 1500)
for (let round = 0; round < Number(values.rounds); round += 1) {
  const first = round % contenders.length
  for (const contender of [...contenders.slice(first), ...contenders.slice(0, first)])
    contender.costs.push(await measure(contender, Number(values.ms)))
}
const [base] = contenders
for (const { name, costs } of contenders) {
  const ratios = costs.map((cost, round) => cost / (base?.costs[round] ?? cost))
  console.log(`${median(costs).toFixed(0)} µs, ratio ${median(ratios).toFixed(3)}: ${name}`)
}
for (const { server } of contenders) await server.stop()
