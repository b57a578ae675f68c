// What docs/client.md says of speed and thrift, measured: our client beside stock Uppy over the same bad lines, in one run.
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomFillSync } from 'node:crypto'
import { setTimeout as wakeAfter } from 'node:timers/promises'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStage, type Call, MIB, type Stage, wait } from '../../test/browser/client/stage.ts'
import { toChance } from '../../test/support/s3/line.ts'
import { gateway } from '../../test/support/s3/client.ts'

/** Less of each for a busy machine; what was run stands in the table. */
const SEEDS = Number(process.env['BENCH_SEEDS'] ?? 20)
const SIZE_MIB = Number(process.env['BENCH_MIB'] ?? 256)
const LARGE_MIB = Number(process.env['BENCH_LARGE_MIB'] ?? 1024)
const SPARSE_GIB = Number(process.env['BENCH_SPARSE_GIB'] ?? 10)
const UPPY_MS = Number(process.env['BENCH_UPPY_MINUTES'] ?? 15) * 60_000
const FILES = Number(process.env['BENCH_FILES'] ?? 2000)

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))
const rows: string[] = []
const note = (what: string, ours: string, uppy = ''): void => {
  rows.push(`| ${what} | ${ours} | ${uppy} |`)
  process.stdout.write(`${rows.at(-1)}\n`)
}
let stage: Stage
let uppyScript: string

function toFile(name: string, bytes: number, isSparse = false): string {
  const path = join(folder, name)
  const file = openSync(path, 'w')
  const block = randomFillSync(Buffer.alloc(MIB))
  if (isSparse) ftruncateSync(file, bytes)
  else for (let at = 0; at < bytes; at += MIB) writeFileSync(file, block)
  closeSync(file)
  return path
}

beforeAll(async () => {
  stage = await createStage(gateway.script)
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'uppy-page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
  })
  uppyScript = outputFiles[0]?.text ?? ''
})
afterAll(async () => {
  await stage.end()
  const page = join(import.meta.dirname, '../../docs/client.md')
  const store = stage.isEmbedded ? "wrangler's local R2" : 'Ceph 16'
  const table = [
    `Measured on ${new Date().toISOString().slice(0, 10)} with Chromium, the gateway and ${store} on one machine of two CPUs, by \`npm run bench:upload\`.`,
    '',
    '| | postern/client | Uppy 6.3.1 |',
    '|---|---|---|',
    ...rows,
  ].join('\n')
  const text = readFileSync(page, 'utf8')
  const marks = /(<!-- bench:upload -->\n)[\s\S]*?(\n<!-- \/bench:upload -->)/
  writeFileSync(
    page,
    text.replace(marks, (_, start, end) => `${start}\n${table}\n${end}`),
  )
})

async function openChosen(sub: string, path: string, calls: Call[] = []): Promise<Page> {
  const context = await stage.openContext()
  const page = await stage.openPage(context, sub, calls)
  await page.locator('input').setInputFiles(path)
  return page
}

const send = (page: Page, sub: string): Promise<void> =>
  page.evaluate((prefix) => window.client.addChosen({ bucket: 'media', prefix }), `users/${sub}/`)

async function sendOurs(
  sub: string,
  path: string,
  calls: Call[] = [],
): Promise<{ ms: number; isDone: boolean }> {
  const page = await openChosen(sub, path, calls)
  const from = performance.now()
  await send(page, sub)
  const [outcome] = await wait(page)
  const ms = performance.now() - from
  await page.context().close()
  return { ms, isDone: outcome?.state === 'done' }
}

async function sendByUppy(sub: string, path: string): Promise<{ ms: number; isDone: boolean }> {
  const context = await stage.openContext()
  const page = await context.newPage()
  await page.route('**/suite.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: uppyScript }),
  )
  await page.goto('http://localhost:4998/suite')
  await page.locator('input').setInputFiles(path)
  const given = { url: stage.facts.url, token: await stage.tokenOf(sub) }
  const from = performance.now()
  // It may hang for good: it is watched no longer than this.
  const timer = new AbortController()
  const isDone = await Promise.race([
    page.evaluate(({ url, token }) => window.uppy.send(url, token, 20), given).catch(() => false),
    wakeAfter(UPPY_MS, false, { signal: timer.signal }).catch(() => false),
  ])
  timer.abort()
  const ms = performance.now() - from
  await context.close()
  return { ms, isDone }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

test.each([
  [0.2, SEEDS],
  [0.5, Math.ceil(SEEDS / 2)],
])('a share of %f of the PUTs fail', async (rate, seeds) => {
  const path = toFile('some.bin', SIZE_MIB * MIB)
  const factors: number[] = []
  for (let seed = 1; seed <= seeds; seed += 1) {
    stage.line.reset({ seed, rate })
    const { isDone } = await sendOurs(`rate${rate}-${seed}`, path)
    if (isDone) factors.push(stage.line.bytes() / (SIZE_MIB * MIB))
  }
  const most = Math.max(...factors).toFixed(3)
  note(
    `${SIZE_MIB} MiB, ${rate * 100} % of the PUTs fail, ${seeds} seeds`,
    `${factors.length} of ${seeds} done; at most ${most} times the bytes`,
  )
  expect(factors).toHaveLength(seeds)
})

test('a large file, a fifth of the PUTs fail', async () => {
  const path = toFile('large.bin', LARGE_MIB * MIB)
  stage.line.reset({ seed: 7, rate: 0.2 })
  const ours = await sendOurs('large', path)
  stage.line.reset({ seed: 7, rate: 0.2 })
  const uppy = await sendByUppy('large-uppy', path)
  const told = uppy.isDone
    ? seconds(uppy.ms)
    : `not done after ${seconds(uppy.ms)} and up to 20 retries`
  note(`${LARGE_MIB} MiB, 20 % of the PUTs fail`, seconds(ours.ms), told)
  expect(ours.isDone).toBe(true)
})

test('50 ms of delay, 8 MB/s for each connection', async () => {
  const path = toFile('slow.bin', 128 * MIB)
  const line = { delayMs: 50, bytesPerSecond: 8e6 }
  stage.line.reset(line)
  const ours = await sendOurs('slow', path)
  stage.line.reset(line)
  const uppy = await sendByUppy('slow-uppy', path)
  const speed = (ms: number): string => `${((128 * MIB) / ms / 1000).toFixed(1)} MB/s`
  note('128 MiB, 50 ms delay, 8 MB/s a connection', speed(ours.ms), speed(uppy.ms))
  expect(ours.isDone).toBe(true)
})

test('calls to the gateway', async () => {
  stage.line.reset()
  const calls: Call[] = []
  await sendOurs('calls', toFile('calls.bin', LARGE_MIB * MIB), calls)
  const asked = calls.filter(({ method }) => method !== 'OPTIONS').length
  note(`calls of the gateway for ${LARGE_MIB} MiB`, String(asked))
  expect(asked).toBeLessThanOrEqual(Math.ceil((5 * LARGE_MIB) / 1024))
})

test('many small files', async () => {
  stage.line.reset()
  const calls: Call[] = []
  const page = await stage.openPage(await stage.openContext(), 'many', calls)
  await page.evaluate((count) => {
    for (let at = 0; at < count; at += 1)
      window.client.add(`${at}.txt`, 100 + at, at, { bucket: 'media', prefix: 'users/many/' })
  }, FILES)
  const outcomes = await wait(page)
  const done = outcomes.filter(({ state }) => state === 'done').length
  const asked = calls.filter(({ method }) => method !== 'OPTIONS').length
  note(`${FILES} small files`, `${done} done with ${asked} calls of the gateway`)
  expect(done).toBe(FILES)
})

test('the heap of a page that sends a sparse file', async () => {
  stage.line.reset({ isSink: true })
  const page = await openChosen('sparse', toFile('sparse.bin', SPARSE_GIB * 1024 * MIB, true))
  const client = await page.context().newCDPSession(page)
  const heap = async (): Promise<number> => {
    await client.send('HeapProfiler.collectGarbage')
    return (await client.send('Runtime.getHeapUsage')).usedSize
  }
  const before = await heap()
  let most = before
  for (let share = 1; share <= 8; share += 1) {
    const passed = stage.line.passed((share / 8.1) * SPARSE_GIB * 1024 * MIB)
    if (share === 1) await send(page, 'sparse')
    await passed
    most = Math.max(most, await heap())
  }
  note(
    `a sparse file of ${SPARSE_GIB} GiB`,
    `heap growth ${((most - before) / MIB).toFixed(1)} MiB`,
  )
  expect(most - before).toBeLessThanOrEqual(20 * MIB)
  await page.context().close()
})

test('reloads at moments by chance', async () => {
  const path = toFile('reload.bin', 64 * MIB)
  let [again, ends] = [0, 0]
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    stage.line.reset()
    const sub = `reload${seed}`
    const page = await openChosen(sub, path)
    const some = stage.line.passed(64 * MIB * 0.9 * toChance(seed, 'when'))
    await send(page, sub)
    await some
    await page.reload()
    await stage.start(page, sub)
    await page.locator('input').setInputFiles(path)
    await send(page, sub)
    ends += (await wait(page))[0]?.state === 'done' ? 1 : 0
    const parts = stage.line.stored().map(({ part }) => part)
    again += parts.length - new Set(parts).size
    await page.context().close()
  }
  note(
    `64 MiB, a reload by chance, ${SEEDS} times`,
    `${ends} done, ${again} stored parts sent again`,
  )
  expect(ends).toBe(SEEDS)
})
