// The `postern` command as a process of its own, as users start it, so that it can be killed.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { CountingProxy } from './counting-proxy.ts'

const main = join(import.meta.dirname, '../../../src/cli/main.ts')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly ended: Promise<Ended>
  kill(signal: NodeJS.Signals): void
}

export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
  file = main,
): Started {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  })
  child.stdin.end()
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  return {
    ended: new Promise((resolve) =>
      child.on('close', (code, signal) => resolve({ code, signal, out, err })),
    ),
    kill: (signal) => void child.kill(signal),
  }
}

/** mulberry32: the moments of a run can be had again by its seed. */
export function createChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Starts it, ends it by the signal once `share` of so many bytes has passed, and so on; then lets it end. The marks
 * are how many part calls the proxy had seen when each run began.
 */
export async function runInterrupted(
  start: () => Started,
  proxy: CountingProxy,
  totalBytes: number,
  shares: readonly number[],
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<{ last: Ended; cut: readonly Ended[]; marks: readonly number[] }> {
  const marks: number[] = []
  const cut: Ended[] = []
  for (const share of shares) {
    marks.push(proxy.parts().length)
    const started = start()
    proxy.after(share * totalBytes, () => started.kill(signal))
    cut.push(await started.ended)
    proxy.forget()
  }
  marks.push(proxy.parts().length)
  return { last: await start().ended, cut, marks }
}

/** Parts that S3 had said to hold before a run began, and that this run sent all the same. */
export function countSentAgain(proxy: CountingProxy, marks: readonly number[]): number {
  const calls = proxy.parts()
  return marks.reduce((sum, mark, at) => {
    const held = new Set(
      calls.slice(0, mark).flatMap((call) => (call.isStored ? [call.partNumber] : [])),
    )
    const own = calls.slice(mark, marks[at + 1])
    return sum + own.filter(({ partNumber }) => held.has(partNumber)).length
  }, 0)
}
