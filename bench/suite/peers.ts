// The peers that are measured beside Postern, each in its own runtime: installed as bench/peers pins them, and started.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Runtime, run } from '../support/runtime.ts'
import { bundle, readCpuNs } from '../support/workerd.ts'

const home = join(import.meta.dirname, '../peers')

/** Once for each lockfile. */
export function installPeers(): void {
  const [lock, installed] = ['package-lock.json', 'node_modules/.package-lock.json'].map((name) =>
    join(home, name),
  )
  const timeOf = (file = ''): number => (existsSync(file) ? statSync(file).mtimeMs : 0)
  if (timeOf(installed) > timeOf(lock)) return
  console.log('npm ci in bench/peers')
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', ['ci', ...flags], { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The version that is installed, of a package of ours or of the peers. */
export function versionOf(name: string, folder = home): string {
  const file = join(folder, 'node_modules', name, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

/** Companion is a Node server: it says its port when it listens. */
async function runCompanion(): Promise<Runtime> {
  const child: ChildProcess = spawn(process.execPath, [join(home, 'companion.js')], {
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { pid = 0, stdout } = child
  if (stdout === null) throw new Error('Companion has no output')
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error('Companion ended')))
    createInterface(stdout).on('line', (line) => {
      if (/^\d+$/.test(line)) resolve(Number(line))
    })
  })
  const ended = once(child, 'exit')
  process.once('exit', () => child.kill('SIGKILL'))
  return {
    port,
    pid,
    cpuNs: () => readCpuNs(pid),
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

export async function runPeers(
  folder: string,
  variables: { readonly [name: string]: unknown },
): Promise<{ companion: Runtime; sdk: Runtime; better: Runtime }> {
  return {
    companion: await runCompanion(),
    sdk: await run(await bundle('bench/peers/sdk.ts', join(folder, 'sdk.js')), variables),
    better: await run(
      await bundle('bench/peers/better-upload.js', join(folder, 'better.js')),
      variables,
    ),
  }
}
