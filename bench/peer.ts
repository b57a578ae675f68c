// `npm run bench:peer`: eight calls in one minute to our limits and to the published KV store for Hono, both in workerd.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { get, redirect, toVariables } from './support/gateway.ts'
import { bundle, COMPATIBILITY_DATE } from './support/workerd.ts'

const CALLS = 8
const ALLOW = 5
const PEER = ['@hono-rate-limiter/cloudflare@0.2.2', 'hono-rate-limiter@0.5.4']

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'postern-peer-'))

/** The peer's README: its KV store behind its middleware. Its peer dependencies do not fit ours, so it lives apart. */
async function bundlePeer(): Promise<string> {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps']
  execFileSync('npm', ['install', ...flags, ...PEER], { cwd: folder, stdio: 'pipe' })
  const entry = join(folder, 'entry.js')
  writeFileSync(
    entry,
    `import { Hono } from 'hono'
import { rateLimiter } from 'hono-rate-limiter'
import { WorkersKVStore } from '@hono-rate-limiter/cloudflare'
const app = new Hono()
app.use((c, next) => rateLimiter({
  windowMs: 60_000, limit: ${ALLOW}, keyGenerator: () => 'alice',
  store: new WorkersKVStore({ namespace: c.env.POSTERN_KV }),
})(c, next))
app.get('*', (c) => c.text('ok'))
export default app`,
  )
  const outfile = join(folder, 'peer.js')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'error',
  })
  return outfile
}

/** Statuses of eight calls in a row, from a window's first seconds on. */
async function statusesOf(script: string, bindings: object, request: string): Promise<number[]> {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      scriptPath: script,
      modulesRoot: dirname(script),
      compatibilityDate: COMPATIBILITY_DATE,
      kvNamespaces: ['POSTERN_KV'],
      durableObjects: script.endsWith('peer.js')
        ? {}
        : { COUNTERS: { className: 'Counters', useSQLite: true } },
      bindings: { ...bindings },
    }),
  )
  const url = await miniflare.ready
  const [path = '/', authorization] = [request.split(' ')[1], /Authorization: (.+)\r/.exec(request)]
  const headers = { ...(authorization?.[1] !== undefined && { Authorization: authorization[1] }) }
  const statuses: number[] = []
  for (let i = 0; i < CALLS; i += 1)
    statuses.push((await fetch(new URL(path, url), { headers, redirect: 'manual' })).status)
  await miniflare.dispose()
  return statuses
}

const limit = { name: 'five', per: 'sub', allow: ALLOW, every: '1m' }
const gateway = await bundle('src/index.ts', join(folder, 'gateway.js'))
const ours = (more: object) =>
  statusesOf(gateway, { ...toVariables(10), LIMITS: [{ ...limit, ...more }] }, redirect)

// All within one window, or the sixth call might rightly be the first of the next.
const leftMs = 60_000 - (Date.now() % 60_000)
if (leftMs < 20_000) await new Promise((resolve) => setTimeout(resolve, leftMs))
const rows = [
  ['Postern, KV', await ours({ approximate: true })],
  ['Postern, Durable Object', await ours({ store: 'durable-object' })],
  [PEER.join(', '), await statusesOf(await bundlePeer(), {}, get('/'))],
] as const
console.log(`${CALLS} calls, ${ALLOW} allowed in 60 s:`)
for (const [name, statuses] of rows) console.log(`${name}: ${statuses.join(' ')}`)
