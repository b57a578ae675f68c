// `node bench/probe/run.ts --url https://postern-probe.….workers.dev`: measures KV of your account, prints what to set.
import { parseArgs } from 'node:util'
import { setTimeout as wait } from 'node:timers/promises'
import { quantile } from '../limits/measures.ts'
import { measureKv, toAdvice } from './measure.ts'
import type { ProbeAnswer } from './worker.ts'

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    // The same Worker, reached from another place, such as through a tunnel abroad.
    reader: { type: 'string' },
    rounds: { type: 'string', default: '30' },
  },
})
const token = process.env['PROBE_TOKEN']
if (values.url === undefined || token === undefined) {
  console.error('needed: --url, and the secret in the environment as PROBE_TOKEN')
  process.exit(2)
}
const places = { writer: values.url, reader: values.reader ?? values.url }

const report = await measureKv({
  run: Date.now().toString(36),
  rounds: Number(values.rounds),
  wait: (ms) => wait(ms),
  async call(path, name, from) {
    const url = new URL(path, places[from])
    url.searchParams.set('name', name)
    const answer = await fetch(url, { headers: { Authorization: `Bearer ${token}` } })
    if (answer.status === 401) throw new Error('the probe has another PROBE_TOKEN')
    // Our own Worker's answer.
    return (await answer.json()) as ProbeAnswer
  },
})

const line = (name: string, list: readonly number[]): string =>
  `${name}: p50 ${quantile(list, 0.5)} ms, p99 ${quantile(list, 0.99)} ms`
console.log(`locations: ${report.colos.join(', ')}; failed calls: ${report.failed}`)
console.log(line('write', report.writeMs))
console.log(line('list', report.listMs))
for (const [delayMs, part] of report.complete)
  console.log(
    `${delayMs} ms after a write was sent: ${Math.round(100 * part)} % are in a first list`,
  )
console.log(
  `a list read before shows a new record after 10 s: ${report.isListFresh ? 'yes' : 'no'}`,
)
console.log(`of five writes to one key at once ${report.refused} were refused`)
console.log(toAdvice(report))
