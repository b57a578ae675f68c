// Workers for benches in workerd with miniflare's own KV and Durable Object services behind their bindings. Requests come by
// a socket of the Worker itself: no development proxy in between, and its log goes nowhere.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { convertV4MiniflareOptions, type Json, Miniflare } from 'miniflare'
import { makeFolder } from './folder.ts'
import { COMPATIBILITY_DATE, readCpuNs } from './workerd.ts'

const workerd = createRequire(import.meta.url).resolve('workerd/bin/workerd')

export interface Runtime {
  readonly port: number
  readonly pid: number
  readonly cpuNs: () => number
  readonly stop: () => Promise<void>
}

interface Options {
  /** Of the gateway: its KV namespace and Durable Objects. */
  readonly hasStores?: boolean
  /** Where KV and objects are kept; a folder of its own unless told. */
  readonly folder?: string
}

const STORES = {
  kvNamespaces: ['POSTERN_KV'],
  durableObjects: {
    COUNTERS: { className: 'Counters', useSQLite: true },
    LINKS: { className: 'Links', useSQLite: true },
    WEBHOOKS: { className: 'Webhooks', useSQLite: true },
  },
}

/**
 * A workerd whose id is known and whose log costs nobody else anything: miniflare would read every line of it in the process
 * of the load generator.
 */
function makeCommand(folder: string): { command: string; readPid: () => number } {
  const [command, pidFile] = [join(folder, 'workerd.sh'), join(folder, 'pid')]
  writeFileSync(command, `#!/bin/sh\necho $$ > '${pidFile}'\nexec '${workerd}' "$@" > /dev/null\n`)
  chmodSync(command, 0o755)
  return { command, readPid: () => Number(readFileSync(pidFile, 'utf8')) }
}

/** Those that run: none shall outlive the bench when it ends by an error. */
const running = new Set<number>()
process.once('exit', () => {
  for (const pid of running) process.kill(pid, 'SIGKILL')
})

/** Ends it with miniflare. */
async function stop(miniflare: Miniflare, pid: number): Promise<void> {
  running.delete(pid)
  await miniflare.dispose()
}

/** Starts miniflare with a command of ours in place of its workerd. */
async function startWith(
  command: string,
  options: Parameters<typeof convertV4MiniflareOptions>[0],
): Promise<Miniflare> {
  process.env['MINIFLARE_WORKERD_PATH'] = command
  try {
    const miniflare = new Miniflare(convertV4MiniflareOptions(options))
    await miniflare.ready
    return miniflare
  } finally {
    delete process.env['MINIFLARE_WORKERD_PATH']
  }
}

const toJson = (variables: object): Record<string, Json> =>
  JSON.parse(JSON.stringify(variables)) as Record<string, Json>

export async function run(
  script: string,
  variables: { readonly [name: string]: unknown },
  { hasStores = false, folder }: Options = {},
): Promise<Runtime> {
  const { command, readPid } = makeCommand(makeFolder())
  const miniflare = await startWith(command, {
    host: '127.0.0.1',
    port: 0,
    cf: false,
    modules: true,
    scriptPath: script,
    modulesRoot: dirname(script),
    compatibilityDate: COMPATIBILITY_DATE,
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    bindings: toJson(variables),
    ...(hasStores && STORES),
    ...(folder !== undefined && { resourcePersistencePath: folder }),
  })
  const pid = readPid()
  running.add(pid)
  return {
    port: Number((await miniflare.unsafeGetDirectURL()).port),
    pid,
    cpuNs: () => readCpuNs(pid),
    stop: () => stop(miniflare, pid),
  }
}

export interface Store {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly stop: () => Promise<void>
}

/** The S3 of miniflare's R2 in a process of its own, so that its work counts to nobody. */
export async function runS3(bucket: string): Promise<Store> {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secretsecretsecret' }
  const { command, readPid } = makeCommand(makeFolder())
  const miniflare = await startWith(command, {
    host: '127.0.0.1',
    port: 0,
    cf: false,
    modules: true,
    script: 'export default { fetch: () => new Response() }',
    compatibilityDate: COMPATIBILITY_DATE,
    r2Buckets: { LOCAL: { id: bucket, s3Credentials: keys } },
  })
  const pid = readPid()
  running.add(pid)
  const { origin } = await miniflare.ready
  return {
    endpoint: `${origin}/cdn-cgi/local/r2/s3`,
    ...keys,
    stop: () => stop(miniflare, pid),
  }
}
