// Stock Uppy in a headless Chromium, in each of its modes, over a bad line: what docs/uppy.md promises of this storage.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import {
  type Mode,
  MODES,
  type Promises,
  ROWS,
  toPromises,
} from '../../scripts/docs/uppy-promises.ts'
import type { Seen, SeenMode } from '../../scripts/docs/uppy.ts'
import { MISHAPS, toFullDecks } from '../support/s3/chaos-deck.ts'
import { can, isEmbedded, MIB, partSizeOf, SEED, startSuite, type Tab } from './uppy/suite.ts'

/** `npm run test:uppy` sends 100 MiB, and writes down what it saw. */
const LARGE = Number(process.env['UPPY_MIB'] ?? 24) * MIB
const { proxy, client, expectStored, openTab, stop } = await startSuite()
afterAll(stop)

let tab: Tab
beforeEach(async () => {
  proxy.reset()
  tab = await openTab()
})
afterEach(() => tab.close())

/** What happened, for docs/uppy.md. */
const seen: Seen = {}
const seenOf = (mode: Mode): SeenMode => (seen[mode] ??= { rows: {}, seconds: 0, mishaps: {} })
afterAll(() => {
  const file = process.env['UPPY_RECORD']
  const isWhole = MODES.every((mode) =>
    Object.keys(ROWS).every((row) => Object.hasOwn(seenOf(mode).rows, row)),
  )
  if (file === undefined || !isWhole) return
  const before: object = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const store = isEmbedded ? 'embedded' : 'ceph'
  const all = { ...before, [store]: { mib: LARGE / MIB, seed: SEED, modes: seen } }
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`)
})

describe.each(MODES)('%s', (mode) => {
  const promised = toPromises(mode, can)
  const sub = (name: string): string => `${mode.replace('/', '-')}-${name}`
  const partSize = partSizeOf(mode)
  const film = { name: 'film', size: 2 * partSize + 1000 }

  /** What happened is what is promised. */
  function expectPromised(row: keyof Promises, happened: string): void {
    expect([row, happened]).toEqual([row, promised[row]])
    seenOf(mode).rows[row] = happened
  }

  test.each([
    ['single', 1000],
    ['empty', 0],
  ] as const)('%s: %i bytes in one request', async (row, size) => {
    const ways: string[] = []
    tab.page.on('response', (answer) => {
      const method = answer.request().method()
      if (answer.url().startsWith(proxy.origin) && method !== 'OPTIONS')
        ways.push(method === 'POST' ? 'form' : method)
      else if (!answer.ok()) ways.push(String(answer.status()))
    })
    await tab.open(mode, sub(row), { multipart: false })
    await tab.add('small.txt', size, 1, 'text/plain')
    await tab.upload()
    const { failed } = await tab.wait()
    expectPromised(row, ways.join())
    const isPossible = promised[row] !== '501'
    expect(failed).toHaveLength(isPossible ? 0 : 1)
    await expectStored(sub(row), isPossible ? [{ name: 'small.txt', size }] : [])
  })

  test(
    `${LARGE / MIB} MiB over a bad line, names with odd characters`,
    { timeout: 600_000 },
    async () => {
      const large = { name: "Grüße & <Küsse> '+(1)!*~ 100%.bin", size: LARGE, seed: 7 }
      const small = { name: '日本語 🎬 %2e%2e ?#;=,$.bin', size: 6 * MIB, seed: 8 }
      const files = [large, small]
      await tab.open(mode, sub('large'))
      for (const { name, size, seed } of files) await tab.add(name, size, seed)
      proxy.disturb()
      const start = performance.now()
      await tab.upload()
      let outcome = await tab.wait()
      for (let again = 0; again < 40 && outcome.failed.length > 0; again += 1) {
        await tab.retry()
        outcome = await tab.wait()
      }
      const seconds = Math.round((performance.now() - start) / 1000)
      expect([outcome.failed, outcome.done.length]).toEqual([[], 2])
      await expectStored(sub('large'), files)
      expectPromised('parts', 'yes')
      expectPromised('names', 'yes')

      const parts = files.reduce((count, { size }) => count + Math.ceil(size / partSize), 0)
      const counted = MISHAPS.map((kind) => proxy.mishaps().filter((one) => one === kind).length)
      const mishaps = Object.fromEntries(MISHAPS.map((kind, at) => [kind, counted[at] ?? 0]))
      process.stdout.write(`${mode}, ${parts} parts: ${JSON.stringify(mishaps)}\n`)
      // Without them nothing would have been shown: each kind, in each deck that so many parts use up.
      expect(toFullDecks(parts)).toBeGreaterThan(0)
      for (const count of counted) expect(count).toBeGreaterThanOrEqual(toFullDecks(parts))
      Object.assign(seenOf(mode), { seconds, mishaps })
    },
  )

  test('pause and resume', async () => {
    await tab.open(mode, sub('pause'))
    await tab.add(film.name, film.size)
    // A part that hangs: nothing else ends it.
    const arrived = proxy.hold(2)
    await tab.upload()
    await arrived
    await tab.page.evaluate(() => window.drive.pause())
    await tab.page.evaluate(() => window.drive.resume())
    expect((await tab.wait()).failed).toEqual([])
    await expectStored(sub('pause'), [film])
    expectPromised('pause', toAgain(proxy.stored(), 'sends nothing again'))
  })

  test('cancel', async () => {
    await tab.open(mode, sub('cancel'))
    await tab.add(film.name, film.size)
    const arrived = proxy.hold(2)
    await tab.upload()
    await arrived
    const aborted = tab.page.waitForResponse((answer) => answer.request().method() === 'DELETE')
    await tab.page.evaluate(() => window.drive.cancel())
    expect((await aborted).ok()).toBe(true)
    expect(proxy.stored()).toEqual([1])
    await expectStored(sub('cancel'), [])
    expectPromised('cancel', 'leaves nothing')
  })

  test('retry after a failure', async () => {
    await tab.open(mode, sub('retry'))
    await tab.add(film.name, film.size)
    proxy.refuse(2)
    await tab.upload()
    expect((await tab.wait()).failed).toHaveLength(1)
    await tab.retry()
    expect((await tab.wait()).failed).toEqual([])
    await expectStored(sub('retry'), [film])
    expectPromised('retry', toAgain(proxy.stored(), 'goes on'))
  })

  test('reload and go on, with the golden retriever', async () => {
    await tab.open(mode, sub('reload'), { retriever: true })
    await tab.add(film.name, film.size)
    const arrived = proxy.hold(3)
    await tab.upload()
    await arrived
    await tab.page.waitForFunction(() => window.drive.isKept())
    await tab.open(mode, sub('reload'), { retriever: true })
    await tab.page.evaluate(() => window.drive.recover())
    expect((await tab.wait()).failed).toEqual([])
    await expectStored(sub('reload'), [film])
    expectPromised('reload', toAgain(proxy.stored(), 'goes on'))
  })

  test('more than a thousand stored parts are found', { timeout: 120_000 }, async () => {
    // An upload whose tiny parts were sent before; it is never completed.
    const count = can.listParts ? 1005 : 3
    const upload = await sendTinyParts(sub('many'), count)
    onTestFinished(() =>
      client.call(sub('many'), 'DELETE', `/s3/multipart/${upload.uploadId}`).then(() => {}),
    )
    await tab.open(mode, sub('many'))
    await tab.page.evaluate(([given, size]) => window.drive.adopt('many', size, given), [
      upload,
      (count + 2) * partSize,
    ] as const)
    const next = tab.page.waitForRequest(
      (sent) => sent.method() === 'PUT' && sent.url().startsWith(proxy.origin),
    )
    await tab.upload()
    const number = Number(new URL((await next).url()).searchParams.get('partNumber'))
    expect([1, count + 1]).toContain(number)
    expectPromised('thousands', number === count + 1 ? 'yes' : 'no')
  })
})

/** Whether parts came once each, or those before the failure twice. */
function toAgain(numbers: readonly number[], once: string): string {
  const text = numbers.join()
  if (text === '1,2,3') return once
  return ['1,1,2,3', '1,2,1,2,3'].includes(text) ? 'starts again' : text
}

async function sendTinyParts(sub: string, count: number) {
  const body = { filename: 'many', type: 'application/octet-stream', metadata: {} }
  const opened = await client.call(sub, 'POST', '/s3/multipart', body)
  // Its shape is checked by the walk over the document.
  const upload = (await opened.json()) as { key: string; uploadId: string }
  for (let from = 1; from <= count; from += 100) {
    const numbers = Array.from({ length: Math.min(100, count - from + 1) }, (_, at) => from + at)
    const path = `/s3/multipart/${upload.uploadId}/batch?partNumbers=${numbers.join()}`
    const signed = await client.call(sub, 'GET', path)
    const { presignedUrls } = (await signed.json()) as { presignedUrls: Record<string, string> }
    const sent = await Promise.all(
      Object.values(presignedUrls).map((url) => fetch(url, { method: 'PUT', body: 'tiny' })),
    )
    expect(sent.filter(({ ok }) => !ok)).toEqual([])
  }
  return upload
}
