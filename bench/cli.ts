// `npm run bench:cli`: `postern upload` and `download` beside `aws s3 cp` on one S3, interleaved, medians; and both killed three times.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runKills } from './support/kills.ts'
import { median } from './support/load.ts'
import {
  expectDone,
  hashFile,
  makeFile,
  openStage,
  type Stage,
  timeMs,
} from './support/transfer.ts'

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '5' },
    kills: { type: 'boolean', default: true },
    seed: { type: 'string', default: '20261128' },
    write: { type: 'boolean', default: true },
  },
  allowNegative: true,
})
const mib = Number(values.mib)
const rounds = Number(values.rounds)
const size = mib * 2 ** 20

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const file = join(folder, 'sent.bin')
const sha256 = makeFile(file, size)

function findAws(): string | null {
  try {
    return execFileSync('aws', ['--version'], { encoding: 'utf8' }).split(' ')[0] ?? null
  } catch {
    return null
  }
}

async function check(path: string): Promise<void> {
  if ((await hashFile(path)) !== sha256) throw new Error('what came is not what was sent')
  rmSync(path)
}

/** Each removes what it has stored: the store may be small. */
function toCases({ start, aws, clear, s3 }: Stage) {
  const at = `s3://${s3.bucket}/users/alice/kept.bin`
  const came = join(folder, 'came.bin')
  return {
    async uploadOurs(): Promise<number> {
      const args = ['upload', file, '--to', 'media/users/alice/sent.bin', '--quiet']
      const ms = await timeMs(async () => expectDone(await start(args).ended))
      await clear()
      return ms
    },
    async uploadAws(): Promise<number> {
      const ms = await timeMs(() => aws([file, `s3://${s3.bucket}/users/alice/sent.bin`]))
      await clear()
      return ms
    },
    /** As our own upload stores it. */
    async keep(): Promise<void> {
      const args = ['upload', file, '--to', 'media/users/alice/kept.bin', '--quiet']
      expectDone(await start(args).ended)
    },
    async downloadOurs(): Promise<number> {
      const args = ['download', 'media/users/alice/kept.bin', '--to', 'ours', '--quiet']
      const ms = await timeMs(async () => expectDone(await start(args).ended))
      await check(join(folder, 'ours/kept.bin'))
      return ms
    },
    async downloadAws(): Promise<number> {
      const ms = await timeMs(() => aws([at, came]))
      await check(came)
      return ms
    },
  }
}

/** One round to warm up, not counted; who begins alternates. Without rounds only the kills are run, and nothing is written. */
async function compare(ours: () => Promise<number>, theirs: (() => Promise<number>) | null) {
  const samples = { ours: [] as number[], theirs: [] as number[] }
  for (let round = -1; round < rounds; round += 1) {
    const order = [
      async () => samples.ours.push(await ours()),
      async () => theirs !== null && samples.theirs.push(await theirs()),
    ]
    for (const run of round % 2 === 0 ? order : order.toReversed()) await run()
    if (round < 0) samples.ours.length = samples.theirs.length = 0
  }
  return samples
}

function toRow(name: string, { ours, theirs }: { ours: number[]; theirs: number[] }): string {
  const rate = (ms: number): string => (mib / (ms / 1000)).toFixed(0)
  if (theirs.length === 0) return `| ${name} | ${rate(median(ours))} | not there | |`
  const ratios = ours.map((ms, at) => (theirs[at] ?? 0) / ms)
  const spread = `${Math.min(...ratios).toFixed(2)} … ${Math.max(...ratios).toFixed(2)}`
  const ratio = (median(theirs) / median(ours)).toFixed(2)
  return `| ${name} | ${rate(median(ours))} | ${rate(median(theirs))} | ${ratio} (${spread}) |`
}

const aws = findAws()
if (aws === null) console.error('aws is not there: ours is measured alone')
const rows: string[] = []
const stage = await openStage(folder)
const store = stage.s3.kind === 'embedded' ? "wrangler's local R2" : 'the S3 of S3_ENDPOINT (Ceph)'
try {
  if (rounds > 0) await measureAll()
} finally {
  await stage.stop()
}

async function measureAll(): Promise<void> {
  const cases = toCases(stage)
  const up = await compare(cases.uploadOurs, aws === null ? null : cases.uploadAws)
  rows.push(toRow('upload', up))
  await cases.keep()
  const down = await compare(cases.downloadOurs, aws === null ? null : cases.downloadAws)
  rows.push(toRow('download', down))
}

const killed = values.kills
  ? await runKills({ folder, file, size, sha256, seed: Number(values.seed) })
  : []
rmSync(folder, { recursive: true })

const compared = [
  `| ${mib} MiB | postern, MiB/s | aws s3 cp, MiB/s | ratio of medians (lowest … highest round) |`,
  '|---|---|---|---|',
  ...rows,
  '',
  `Whole runs of the commands as a user starts them, each with its defaults; ours verifies every part and the whole, and hashes what it fetched. ${rounds} rounds, interleaved, ${new Date().toISOString().slice(0, 10)}, against ${store} on the same machine, ${aws ?? 'no aws-cli'}, Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} CPUs.`,
]
const interrupted = [
  `| ${mib} MiB, SIGKILL at three moments (seed ${values.seed}) | calls for parts or ranges | of them for what was stored |`,
  '|---|---|---|',
  ...killed,
]
const table = [
  ...(rounds > 0 ? compared : []),
  ...(rounds > 0 && values.kills ? [''] : []),
  ...(values.kills ? interrupted : []),
].join('\n')
console.log(table)

if (values.write && rounds > 0) {
  const page = join(import.meta.dirname, '../docs/performance.md')
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(
    /<!-- bench:cli -->[^]*<!-- \/bench:cli -->/,
  )
  writeFileSync(page, `${before}<!-- bench:cli -->\n${table}\n<!-- /bench:cli -->${after}`)
}
