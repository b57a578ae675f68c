// How large the Worker is, and what it takes to start it: by wrangler's own check, and as CPU from the start of workerd to the first answer.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { toVariables } from '../support/gateway.ts'
import { median } from '../support/load.ts'
import { serve } from '../support/workerd.ts'

const root = join(import.meta.dirname, '../..')

export const toGzipKiB = (script: string): number => gzipSync(readFileSync(script)).length / 1024

/** Milliseconds in which the Worker's modules run at its start, of a profile by `wrangler check startup`. */
async function checkStartup(folder: string): Promise<number> {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  const outfile = join(folder, 'startup.cpuprofile')
  const call = [wrangler, 'check', 'startup', '--args=--minify', '--outfile', outfile]
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' }
  const { stdout } = await promisify(execFile)(process.execPath, call, { cwd: root, env })
  const active = /Active: ([\d.]+) ms/.exec(stdout)?.[1]
  if (active === undefined) throw new Error(`wrangler check startup said: ${stdout}`)
  return Number(active)
}

/** CPU of workerd from its start to its first answer, in milliseconds. */
async function startOnce(script: string, isGateway: boolean): Promise<number> {
  const server = await serve(script, isGateway ? toVariables(10) : {}, isGateway)
  const ms = server.cpuNs() / 1e6
  server.stop()
  return ms
}

export interface Startup {
  /** Of each check. */
  readonly checked: readonly number[]
  readonly checkedMs: number
  /** What the gateway takes more than a bare Hono. */
  readonly overHelloMs: number
  readonly helloMs: number
}

export async function measureStartup(
  { script, helloScript, folder }: { script: string; helloScript: string; folder: string },
  checks: number,
): Promise<Startup> {
  const checked: number[] = []
  for (let at = 0; at < checks; at += 1) checked.push(await checkStartup(folder))
  const [gateway, hello]: [number[], number[]] = [[], []]
  for (let at = 0; at < checks; at += 1) {
    gateway.push(await startOnce(script, true))
    hello.push(await startOnce(helloScript, false))
  }
  const helloMs = median(hello)
  return { checked, checkedMs: median(checked), overHelloMs: median(gateway) - helloMs, helloMs }
}
