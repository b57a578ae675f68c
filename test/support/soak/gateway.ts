// A gateway of the soak: the built Worker in workerd with stores on disk; it is killed and started again, and its KV can fail.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { findFreePort, toWorker } from '../s3/gateway.ts'

/** What becomes of calls to KV: all fail, writes alone fail, or they take longer than somebody waits. */
export type KvMode = 'fine' | 'fails' | 'is full' | 'is slow' | 'is silent'

/** Where the entry below is told of the mode; no route of the gateway. */
const MODE_PATH = '/soak-kv/'

/** The built Worker as it is, behind a KV binding that does as it is told. */
const ENTRY = `
import worker, { Counters, Links, Webhooks } from './index.js'
export { Counters, Links, Webhooks }
const WAITS = { 'is slow': 1500, 'is silent': 5000 }
let mode = 'fine'
const known = new WeakMap()
const spoil = (kv) => new Proxy(kv, {
  get(target, name) {
    const method = Reflect.get(target, name)
    if (typeof method !== 'function') return method
    return async (...given) => {
      if (mode === 'fails' || (mode === 'is full' && name === 'put')) throw new Error('KV: ' + mode)
      if (WAITS[mode] !== undefined) await scheduler.wait(WAITS[mode])
      return Reflect.apply(method, target, given)
    }
  },
})
function envOf(env) {
  if (!known.has(env)) known.set(env, { ...env, POSTERN_KV: spoil(env.POSTERN_KV) })
  return known.get(env)
}
export default {
  fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith('${MODE_PATH}')) return worker.fetch(request, envOf(env), context)
    mode = decodeURIComponent(pathname.slice('${MODE_PATH}'.length))
    return new Response(mode)
  },
}
`

/** Processes of workerd that this one has started. */
function listWorkerds(): number[] {
  if (!existsSync('/proc')) return []
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const [, command = '', parent = ''] =
        /^\d+ \((.*)\) \S (\d+) /.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? []
      return command === 'workerd' && Number(parent) === process.pid ? [Number(name)] : []
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
}

/**
 * Each collection of garbage is a whole one: otherwise V8 leaves it for gigabytes, and that of Miniflare's own Workers,
 * which stand before and behind the gateway, most of all. What is left is what somebody holds.
 */
const V8_FLAGS = '--gc-global --max-semi-space-size=1'

export interface SoakGateway {
  readonly url: string
  /** Kibibytes of memory that its workerd holds; null where the system does not say. */
  readonly rssKib: () => number | null
  readonly setKv: (mode: KvMode) => Promise<void>
  /** Writes a record past the faults, as the command does. */
  readonly putKv: (name: string, text: string) => Promise<void>
  /** Kills it where it stands, and starts it again with the stores that it leaves. */
  readonly restart: () => Promise<void>
  readonly stop: () => Promise<void>
}

export async function startSoakGateway(
  script: string,
  settings: (url: string) => object,
  print: (line: string) => void,
): Promise<SoakGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-soak-'))
  const modules = [
    { type: 'ESModule' as const, path: join(folder, 'soak.js'), contents: ENTRY },
    { type: 'ESModule' as const, path: join(folder, 'index.js'), contents: readFileSync(script) },
  ]
  const port = await findFreePort()
  const url = `http://localhost:${port}`
  process.env['MINIFLARE_WORKERD_V8_FLAGS'] = V8_FLAGS
  let pid: number | undefined
  async function start(): Promise<Miniflare> {
    const before = new Set(listWorkerds())
    const { scriptPath: _, ...worker } = toWorker(script, port, settings(url), print)
    const started = new Miniflare(
      convertV4MiniflareOptions({
        ...worker,
        modules,
        modulesRoot: folder,
        resourcePersistencePath: join(folder, 'stores'),
      }),
    )
    await started.ready
    pid = listWorkerds().find((found) => !before.has(found))
    return started
  }
  let running = await start()
  return {
    url,
    rssKib() {
      const file = `/proc/${pid}/status`
      if (pid === undefined || !existsSync(file)) return null
      const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(file, 'utf8'))?.[1]
      return found === undefined ? null : Number(found)
    },
    async setKv(mode) {
      const answer = await fetch(`${url}${MODE_PATH}${encodeURIComponent(mode)}`)
      if ((await answer.text()) !== mode) throw new Error(`KV was not set: ${answer.status}`)
    },
    async putKv(name, text) {
      await (await running.getKVNamespace('POSTERN_KV')).put(name, text)
    },
    async restart() {
      await running.dispose()
      running = await start()
    },
    async stop() {
      await running.dispose()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
