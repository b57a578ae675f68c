// What stock Uppy does not survive, as docs/uppy.md says it, and what `postern/uppy` makes of it.
import type { Route } from 'playwright-core'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Mode, MODES } from '../../scripts/docs/uppy-promises.ts'
import { createDeck, MISHAPS, type Mishap, toFullDecks } from '../support/s3/chaos-deck.ts'
import { can, MIB, partSizeOf, SEED, startSuite, type Tab } from './uppy/suite.ts'

const { proxy, s3, expectStored, openTab, stop } = await startSuite()
afterAll(stop)

let tab: Tab
beforeEach(async () => {
  proxy.reset()
  tab = await openTab()
})
afterEach(() => tab.close())

const film = { name: 'film', size: 9 * MIB }
const sub = (mode: Mode, name: string): string => `${mode.replace('/', '-')}-limit-${name}`

async function begin(mode: Mode, name: string, autoRetry = false): Promise<void> {
  await tab.open(mode, sub(mode, name), { autoRetry })
  await tab.add(film.name, film.size)
  await tab.upload()
}

describe.each(MODES)('%s', (mode) => {
  test('gives up when the storage cannot be reached, four tries and one second', async () => {
    proxy.fail(Infinity)
    await begin(mode, 'outage')
    expect((await tab.wait()).failed).toHaveLength(1)
    // Chromium itself sends again what met a dead connection.
    expect(proxy.mishaps().length).toBeGreaterThanOrEqual(4)
    expect(proxy.mishaps().length).toBeLessThanOrEqual(8)
    proxy.fail(0)
    await tab.retry()
    expect((await tab.wait()).failed).toEqual([])
    await expectStored(sub(mode, 'outage'), [film])
  })

  test('one 503 of the gateway, when a part is to be signed', async () => {
    let refused = 0
    const paths = /\/v1\/uppy\/sign$|\/v1\/uploads\/[^/]+\/parts$|\/s3\/multipart\/[^/]+\/\d+\?/
    await tab.page.route(paths, async (route: Route) => {
      if (refused > 0 || route.request().method() === 'OPTIONS') return route.continue()
      refused += 1
      return route.fulfill({ status: 503, headers: { 'Access-Control-Allow-Origin': '*' } })
    })
    await begin(mode, 'busy')
    const { failed } = await tab.wait()
    expect([refused, failed.length]).toEqual([1, mode === 'postern/uppy' ? 0 : 1])
    if (failed.length > 0) await tab.retry()
    expect((await tab.wait()).failed).toEqual([])
    await expectStored(sub(mode, 'busy'), [film])
  })
})

describe('postern/uppy', () => {
  const mode = 'postern/uppy'
  // Uppy and `autoRetry` wait for seconds of the real clock, and a loaded machine for longer.
  const patience = { timeout: 600_000 }
  const isDone = () =>
    tab.page.waitForFunction(() => window.drive.isDone(), undefined, { timeout: 0 })

  test('goes on over a line to the gateway as bad as that to the storage', patience, async () => {
    const deal = createDeck(SEED)
    const met: Mishap[] = []
    let passed = 0
    await tab.page.route(/\/v1\/(uppy|uploads)\//, async (route: Route) => {
      if (route.request().method() === 'OPTIONS') return route.continue()
      const mishap = deal()
      if (mishap === null) passed += 1
      else met.push(mishap)
      if (mishap === null) return route.continue()
      if (mishap === 'answer lost' || mishap === 'late 500') await route.fetch()
      if (mishap !== '503') return route.abort('connectionreset')
      return route.fulfill({ status: 503, headers: { 'Access-Control-Allow-Origin': '*' } })
    })
    await tab.open(mode, sub(mode, 'gateway'), { autoRetry: true })
    const files = ['a', 'b', 'c'].map((name) => ({ name, size: partSizeOf(mode) + 1 }))
    for (const { name, size } of files) await tab.add(name, size)
    await tab.upload()
    await isDone()
    const counts = MISHAPS.map((kind) => met.filter((one) => one === kind).length)
    process.stdout.write(`to the gateway, ${passed} calls: ${counts.join()} (${MISHAPS.join()})\n`)
    expect(toFullDecks(passed)).toBeGreaterThanOrEqual(3)
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(toFullDecks(passed))
    // A file that could not be begun is begun anew; what a lost answer had opened is housekeeping's.
    const user = sub(mode, 'gateway')
    const orphans = can.listParts ? await s3.openUploads(`users/${user}/`) : []
    expect(orphans.length).toBeLessThanOrEqual(met.filter((one) => one !== '503').length)
    await expectStored(user, files, orphans)
  })

  test(
    'autoRetry: the network is gone in the middle of a part, and comes back',
    patience,
    async () => {
      // As a browser tells its page; the proxy is the network.
      const tell = (isOnline: boolean) =>
        tab.page.evaluate((value) => {
          Object.defineProperty(navigator, 'onLine', { value, configurable: true })
          dispatchEvent(new Event(value ? 'online' : 'offline'))
        }, isOnline)
      await tab.open(mode, sub(mode, 'offline'), { autoRetry: true })
      await tab.add(film.name, film.size)
      const arrived = proxy.hold(2)
      await tab.upload()
      await arrived
      await tell(false)
      proxy.fail(Infinity)
      proxy.cut()
      expect((await tab.wait()).failed).toHaveLength(1)
      const before = proxy.mishaps().length
      // Once more without a network nothing is sent: Uppy waits for the browser's word.
      await tab.page.waitForFunction(() => window.drive.retries() > 0, undefined, { timeout: 0 })
      expect(proxy.mishaps()).toHaveLength(before)
      proxy.fail(0)
      await tell(true)
      await isDone()
      expect(proxy.stored()).toEqual(can.listParts ? [1, 2] : [1, 1, 2])
      await expectStored(sub(mode, 'offline'), [film])
    },
  )

  test('autoRetry: an outage, then a URL that is too old', patience, async () => {
    proxy.fail(9)
    proxy.refuse(2)
    await begin(mode, 'auto', true)
    await isDone()
    expect(proxy.mishaps()).toHaveLength(9)
    expect(proxy.stored()).toEqual(can.listParts ? [1, 2] : [1, 1, 2])
    await expectStored(sub(mode, 'auto'), [film])
  })

  test.each([
    ['a type that is none', 'not a type', 5, /^The request is malformed/],
    ['a size over the grant', 'video/mp4', 1025 * MIB, /bytes/],
  ])('autoRetry leaves alone what is refused, in words: %s', async (name, type, size, words) => {
    let calls = 0
    tab.page.on('request', (one) => {
      if (one.method() === 'POST' && one.url().endsWith('/v1/uppy/sign')) calls += 1
    })
    await tab.open(mode, sub(mode, 'words'), { autoRetry: true })
    await tab.page.evaluate(
      ([given, kind, bytes]) => window.drive.adopt(given, bytes, undefined, kind),
      [name, type, size] as const,
    )
    await tab.upload()
    expect((await tab.wait()).failed).toHaveLength(1)
    expect(await tab.messages()).toEqual([expect.stringMatching(words)])
    expect(calls).toBe(1)
    await expectStored(sub(mode, 'words'), [])
  })
})
