// Bare workerd for benches: the built Workers on free ports of 127.0.0.1, no development proxy in between.
import { type ChildProcess, spawn } from 'node:child_process'
import { builtinModules, createRequire } from 'node:module'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '../..')
const binary = createRequire(import.meta.url).resolve('workerd/bin/workerd')

export const COMPATIBILITY_DATE =
  /compatibility_date = "(.+)"/.exec(readFileSync(join(root, 'wrangler.toml'), 'utf8'))?.[1] ?? ''

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Lets packages written for Node import or require its modules, which workerd has since 2026-08-04 without a flag. */
const nodeModules: Plugin = {
  name: 'node-modules',
  setup({ onLoad, onResolve }) {
    const filter = new RegExp(`^(?:${builtinModules.join('|')})$`)
    onResolve({ filter }, ({ path }) => ({ path, namespace: 'node-modules' }))
    onLoad({ filter: /./, namespace: 'node-modules' }, ({ path }) => ({
      contents: `export * from 'node:${path}'; export { default } from 'node:${path}'`,
    }))
  },
}

/** Bundles a Worker as it is deployed: one minified module. */
export async function bundle(entry: string, outfile: string, minify = true): Promise<string> {
  await build({
    entryPoints: [join(root, entry)],
    outfile,
    bundle: true,
    minify,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers', 'node:*'],
    plugins: [nodeModules],
    logLevel: 'error',
  })
  return outfile
}

export interface Server {
  readonly port: number
  readonly stop: () => void
  readonly pid: number
  /** CPU time that it has used so far, in nanoseconds; the wall clock where the system does not say. */
  readonly cpuNs: () => number
  /** Where the inspector listens. */
  readonly inspectorPort: number
}

/** A KV namespace in memory, and a stand-in for assets: what workerd wants behind the bindings. */
const STORE = `
const entries = new Map()
export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    if (request.method === 'PUT') { entries.set(pathname, await request.text()); return new Response() }
    const prefix = '/' + (searchParams.get('prefix') ?? '')
    if (pathname === '/') return Response.json({ keys: [...entries.keys()].filter((name) => name.startsWith(prefix)).map((name) => ({ name: name.slice(1) })), list_complete: true })
    const value = entries.get(pathname)
    return value === undefined ? new Response(null, { status: 404 }) : new Response(value)
  },
}`

/** Sums the threads' own clocks, which Linux keeps in nanoseconds; their time waiting for a core is not in it. */
export function readCpuNs(pid: number): number {
  const folder = `/proc/${pid}/task`
  if (!existsSync(folder)) return performance.now() * 1e6
  return readdirSync(folder).reduce((sum, thread) => {
    const [used = '0'] = readFileSync(join(folder, thread, 'schedstat'), 'utf8').split(' ')
    return sum + Number(used)
  }, 0)
}

/** Serves one module with these variables; the bindings are those of wrangler.toml. */
export async function serve(
  script: string,
  variables: { readonly [name: string]: unknown },
  isGateway = true,
): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
  const [port, inspectorPort] = [await findFreePort(), await findFreePort()]
  const bindings = Object.entries(variables).map(([name, value]) =>
    typeof value === 'string'
      ? `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`
      : `(name = ${JSON.stringify(name)}, json = ${JSON.stringify(JSON.stringify(value))})`,
  )
  writeFileSync(join(folder, 'store.js'), STORE)
  writeFileSync(join(folder, 'main.js'), readFileSync(script))
  if (isGateway) {
    bindings.push(
      '(name = "POSTERN_KV", kvNamespace = "store")',
      '(name = "ASSETS", service = "store")',
      '(name = "COUNTERS", durableObjectNamespace = "Counters")',
    )
  }
  const objects = isGateway
    ? 'durableObjectNamespaces = [(className = "Counters", uniqueKey = "counters", enableSql = true)], durableObjectStorage = (inMemory = void),'
    : ''
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .mainWorker), (name = "store", worker = .storeWorker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const mainWorker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [(name = "main.js", esModule = embed "main.js")],
  ${objects}
  bindings = [${bindings.join(',\n')}]
);
const storeWorker :Workerd.Worker = (
  compatibilityDate = "${COMPATIBILITY_DATE}",
  modules = [(name = "store.js", esModule = embed "store.js")]
);
`,
  )
  const child: ChildProcess = spawn(
    binary,
    ['serve', `--inspector-addr=127.0.0.1:${inspectorPort}`, join(folder, 'config.capnp')],
    {
      // The log line of each request is part of the work; where it goes is not.
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const stop = (): void => void child.kill('SIGKILL')
  process.once('exit', stop)
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null)
    if (answer !== null) break
    if (child.exitCode !== null) throw new Error(`workerd ended: ${basename(script)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    port,
    stop,
    pid: child.pid ?? 0,
    inspectorPort,
    cpuNs: () => readCpuNs(child.pid ?? 0),
  }
}
