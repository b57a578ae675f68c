// `npm run soak`: half an hour of everything at once with faults, against the S3 of the environment or the embedded one.
import { parseArgs } from 'node:util'
import { buildWorker, findS3, makeBucket, startGateway } from '../test/support/s3/gateway.ts'
import { clearBucket } from '../test/support/soak/clear.ts'
import { FLAT } from '../test/support/soak/memory.ts'
import { runSoak, type SoakReport } from '../test/support/soak/run.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '11' },
    rate: { type: 'string', default: '30' },
    endpoint: { type: 'string' },
  },
})
if (values.endpoint !== undefined) process.env['S3_ENDPOINT'] = values.endpoint
const [minutes, seed, rate] = [Number(values.minutes), Number(values.seed), Number(values.rate)]

const listed = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .toSorted()
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

function tell(report: SoakReport): void {
  const { memory } = report
  const kilo = (count: number): string => count.toLocaleString('en')
  console.log(`
${minutes} minutes, seed ${seed}, about ${rate} requests a second
${kilo(report.requests)} requests, ${kilo(report.excused)} of them failed as a fault of that moment made them
answers: ${listed(report.statuses)}
scenarios: ${listed(report.scenarios)}
faults: ${listed(report.counts)}
objects kept to the end and found whole: ${kilo(report.kept)}
secrets in the log: ${report.secretsPrinted}
memory of workerd, MiB, in ${report.series.length} equal pieces of the time: ${report.series.join(' ')}
median of the middle third ${memory.middleMib} MiB, of the last third ${memory.lastMib} MiB: × ${memory.ratio.toFixed(3)}, at most ${FLAT}
wrong answers: ${report.wrongs.length}`)
}

async function run(): Promise<SoakReport> {
  if (process.env['S3_ENDPOINT'] === undefined) {
    // Its embedded storage is what the soak writes to.
    const { facts, stop } = await startGateway()
    try {
      return await runSoak({
        script: facts.script,
        s3: facts.s3,
        seconds: minutes * 60,
        seed,
        rate,
      })
    } finally {
      await stop()
    }
  }
  const s3 = findS3(0)
  await makeBucket(s3)
  try {
    return await runSoak({ script: buildWorker(), s3, seconds: minutes * 60, seed, rate })
  } finally {
    await clearBucket(s3)
  }
}

const report = await run()
tell(report)
const isRight = report.wrongs.length === 0 && report.secretsPrinted === 0
// Less than three minutes are no measure of memory.
const isFlat = minutes < 3 || report.memory.isFlat
process.exit(isRight && isFlat ? 0 : 1)
