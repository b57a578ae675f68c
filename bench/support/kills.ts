// A transfer that is ended by SIGKILL at three moments and started again: what went over the line twice.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  countSentAgain,
  createChance,
  type Ended,
  runInterrupted,
} from '../../test/support/s3/command.ts'
import { type CountingProxy, startCountingProxy } from '../../test/support/s3/counting-proxy.ts'
import { expectDone, hashFile, openStage, type Stage } from './transfer.ts'

export interface KillOptions {
  readonly folder: string
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly seed: number
}

/** The first bytes of the ranges that the command has noted as stored. */
function readStored(state: string): ReadonlySet<number> {
  if (!existsSync(state)) return new Set()
  const found = readdirSync(state, { recursive: true, withFileTypes: true }).find(
    ({ name, parentPath }) => name.endsWith('.json') && parentPath.endsWith('downloads'),
  )
  if (found === undefined) return new Set()
  const text = readFileSync(join(found.parentPath, found.name), 'utf8')
  const { stored, rangeBytes }: { stored: [number, number][]; rangeBytes: number } =
    JSON.parse(text)
  return new Set(stored.map(([index]) => index * rangeBytes))
}

/** A run that was over before its moment shows nothing. */
function expectKilled(cut: readonly Ended[]): void {
  if (cut.some(({ signal }) => signal !== 'SIGKILL')) throw new Error('a run was not killed')
}

async function upload(stage: Stage, proxy: CountingProxy, options: KillOptions, key: string) {
  const chance = createChance(options.seed)
  const shares = [1, 2, 3].map(() => 0.1 + chance() * 0.2)
  const { last, cut, marks } = await runInterrupted(
    () => stage.start(['upload', options.file, '--to', `media/${key}`, '--quiet']),
    proxy,
    options.size,
    shares,
  )
  expectKilled(cut)
  expectDone(last)
  return `| upload | ${proxy.parts().length} | ${countSentAgain(proxy, marks)} |`
}

async function download(stage: Stage, proxy: CountingProxy, options: KillOptions, key: string) {
  const chance = createChance(options.seed + 1)
  const shares = [1, 2, 3].map(() => 0.1 + chance() * 0.2)
  const starts: { at: number; stored: ReadonlySet<number> }[] = []
  const first = proxy.reads().length
  const { last, cut } = await runInterrupted(
    () => {
      const stored = readStored(stage.env.XDG_STATE_HOME)
      starts.push({ at: proxy.reads().length, stored })
      return stage.start(['download', `media/${key}`, '--to', 'killed', '--quiet'])
    },
    proxy,
    options.size,
    shares,
  )
  expectKilled(cut)
  expectDone(last)
  if (starts.at(-1)?.stored.size === 0) throw new Error('no range was stored before')
  const again = starts.flatMap(({ at, stored }, run) =>
    proxy
      .reads()
      .slice(at, starts[run + 1]?.at)
      .filter(({ range }) => stored.has(Number(/^bytes=(\d+)-/.exec(range)?.[1]))),
  )
  return `| download | ${proxy.reads().length - first} | ${again.length} |`
}

/** Rows of a table: calls for parts or ranges in all, and those for what was stored before their run began. */
export async function runKills(options: KillOptions): Promise<readonly string[]> {
  const proxy = await startCountingProxy()
  const stage = await openStage(options.folder, proxy.origin)
  const { origin } = new URL(stage.s3.endpoint)
  proxy.aim(origin)
  const key = 'users/alice/killed.bin'
  try {
    const rows = [
      await upload(stage, proxy, options, key),
      await download(stage, proxy, options, key),
    ]
    if ((await hashFile(join(options.folder, 'killed/killed.bin'))) !== options.sha256)
      throw new Error('what came back is not what was sent')
    return rows
  } finally {
    await stage.stop()
    proxy.stop()
  }
}
