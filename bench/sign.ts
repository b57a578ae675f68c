// `npm run bench:sign`: what a pre-signed URL costs, by ours and by others, side by side in one bare workerd.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './support/load.ts'
import { bundle, serve } from './support/workerd.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    'no-write': { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)

/** URLs a sample: as many as one batch holds at most, several times over. */
const COUNT = 2000
const CASES = [
  ['floor', 'floor: one SHA-256 and one HMAC of the same bytes, in hex'],
  ['batch', 'Postern, a batch of 1000'],
  ['single', 'Postern, one URL (each in a second of its own)'],
  ['aws4fetch', 'aws4fetch 1.0.20 with its cache, raw'],
  ['minio', 'minio 8.0.7, `presignedGetObject` (node:crypto)'],
  ['presigner', '@aws-sdk/s3-request-presigner 3.1164.0, `S3RequestPresigner` alone'],
  ['sdk', 'the same, `getSignedUrl`, as its documentation has it'],
] as const

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const server = await serve(await bundle('bench/sign/worker.ts', join(folder, 'sign.js')), {}, false)

async function sign(by: string): Promise<{ readonly last: string; readonly costNs: number }> {
  const before = server.cpuNs()
  const answer = await fetch(`http://127.0.0.1:${server.port}/?by=${by}&count=${COUNT}`)
  const last = await answer.text()
  if (!answer.ok) throw new Error(`${by}: ${answer.status} ${last}`)
  return { last, costNs: (server.cpuNs() - before) / COUNT }
}

const samples = CASES.map((): number[] => [])
const urls = new Map<string, string>()
// Two rounds to warm up, not counted.
for (let round = -2; round < rounds; round += 1) {
  for (const [at, [by]] of CASES.entries()) {
    const { last, costNs } = await sign(by)
    urls.set(by, last)
    if (round >= 0) samples[at]?.push(costNs)
  }
}
server.stop()

const signatureOf = (by: string): string => urls.get(by)?.split('X-Amz-Signature=')[1] ?? ''
if (signatureOf('batch') === '' || signatureOf('batch') !== signatureOf('aws4fetch'))
  throw new Error('ours and aws4fetch sign different bytes')

const costs = new Map(CASES.map(([by], at) => [by, samples[at] ?? []]))
/** How often one goes into the other: the median over the rounds, in which they ran one after the other. */
function ratioOf(one: (typeof CASES)[number][0], other: (typeof CASES)[number][0]): string {
  const others = costs.get(other) ?? []
  return median((costs.get(one) ?? []).map((cost, round) => cost / (others[round] ?? 1))).toFixed(2)
}
const rows = CASES.map(([by, name]) => {
  const spread = (costs.get(by) ?? []).map((ns) => ns / 1000)
  const [low, high] = [Math.min(...spread), Math.max(...spread)]
  return `| ${name} | ${median(spread).toFixed(1)} | ${low.toFixed(1)} … ${high.toFixed(1)} | ${ratioOf(by, 'aws4fetch')} | ${ratioOf(by, 'sdk')} |`
})
const table = [
  '| signer | CPU µs a URL | lowest … highest round | aws4fetch = 1 | AWS SDK = 1 |',
  '|---|---|---|---|---|',
  ...rows,
  '',
  `Postern's batch against the floor: ${ratioOf('batch', 'floor')}. The AWS SDK against Postern: ${ratioOf('sdk', 'single')} (one URL), ${ratioOf('sdk', 'batch')} (a batch). Medians of ${rounds} rounds of ${COUNT} URLs, interleaved; CPU time of workerd's threads; ${process.platform} ${process.arch}, ${availableParallelism()} CPUs.`,
].join('\n')
console.log(table)

if (!values['no-write']) {
  const file = join(import.meta.dirname, '../docs/performance.md')
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(
    /<!-- sign -->[^]*<!-- \/sign -->/,
  )
  writeFileSync(file, `${before}<!-- sign -->\n${table}\n<!-- /sign -->${after}`)
}
