// One large file by our client and by stock Uppy over the same line, in one run.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle, MIB } from '../../test/browser/client/stage.ts'
import type { UppyState } from './uppy-page.ts'
import { createStand, LARGE_MIB, seconds, type Sent, type Stand, toPrefix } from './stand.ts'

/** Uppy has five times our time, and at least this: it may hang for good. */
const CAP_FLOOR_MS = Number(process.env['BENCH_UPPY_SECONDS'] ?? 120) * 1000
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 1)

type ByUppy = Omit<Sent, 'bytes'> & UppyState

let stand: Stand
beforeAll(async () => {
  stand = await createStand()
  stand.stage.app.addPage('uppy', await bundle(join(import.meta.dirname, 'uppy-page.ts')))
})
afterAll(() => stand.end())

/** Its retry button is pressed for it whenever it gives up, until the time is over. */
async function sendByUppy(sub: string, path: string, capMs: number): Promise<ByUppy> {
  const { stage } = stand
  const context = await stage.openContext()
  const page = await context.newPage()
  await page.goto(`${stage.app.origin}/uppy`)
  await page.locator('input').setInputFiles(path)
  const given = { gateway: stage.facts.url, token: await stage.tokenOf(sub), capMs }
  const from = performance.now()
  const isDone = await page.evaluate((how) => window.uppy.send(how), given)
  const ms = performance.now() - from
  const state = await page.evaluate(() => window.uppy.state())
  await context.close()
  await stage.s3.clear(toPrefix(sub))
  return { isDone, ms, ...state }
}

/** Both over the same line, in turn; the round whose ratio is the median. */
async function compare(name: string, mib: number, settings: object) {
  const { stage, sendOurs, toFile } = stand
  const path = toFile(`${name}.bin`, mib)
  const rounds = []
  for (let round = 1; round <= ROUNDS; round += 1) {
    stage.line.reset(settings)
    const ours = await sendOurs(`${name}${round}`, path)
    stage.line.reset(settings)
    const capMs = Math.max(CAP_FLOOR_MS, 5 * ours.ms)
    const uppy = await sendByUppy(`${name}${round}-uppy`, path, capMs)
    process.stdout.write(`${name} ${round}: ${JSON.stringify({ ours, uppy })}\n`)
    rounds.push({ ours, uppy, ratio: uppy.ms / ours.ms })
  }
  const median = rounds.toSorted((a, b) => a.ratio - b.ratio)[(ROUNDS - 1) >> 1]
  if (median === undefined) throw new Error('no round')
  return median
}

/** How Uppy's run ended, its time or speed, and how many times ours that is. */
function toEnd(uppy: ByUppy, mib: number, figure: string, ratio: number): string {
  const { isDone, ms, retries, errors, sentBytes } = uppy
  const told = [
    isDone ? figure : `not done after ${seconds(ms)}`,
    isDone ? `ratio ${ratio.toFixed(1)}` : `${Math.floor((sentBytes / mib / MIB) * 100)} % sent`,
    ...(retries > 0 ? [`its user had to retry ${retries}× (${errors.join('; ')})`] : []),
  ]
  return told.join(', ')
}

const of = (mib: number): string => `${mib} MiB${ROUNDS > 1 ? `, median of ${ROUNDS} rounds` : ''}`

test('20 % of the PUTs fail, beside Uppy', async () => {
  const { ours, uppy, ratio } = await compare('large', LARGE_MIB, { seed: 7, rate: 0.2 })
  expect(ours.isDone).toBe(true)
  stand.note({
    title: '20 % of the PUTs fail, beside Uppy',
    of: of(LARGE_MIB),
    ours: seconds(ours.ms),
    uppy: toEnd(uppy, LARGE_MIB, seconds(uppy.ms), ratio),
  })
})

test('50 ms, 8 MB/s a connection', async () => {
  const mib = LARGE_MIB / 4
  const speed = (ms: number): string => `${((mib * MIB) / ms / 1000).toFixed(1)} MB/s`
  const { ours, uppy, ratio } = await compare('slow', mib, { delayMs: 50, bytesPerSecond: 8e6 })
  expect(ours.isDone).toBe(true)
  stand.note({
    title: '50 ms, 8 MB/s a connection',
    of: of(mib),
    ours: speed(ours.ms),
    uppy: toEnd(uppy, mib, speed(uppy.ms), ratio),
  })
})
