// `postern/client` with URLs that live two seconds, and a page whose clock is an hour off.
import type { BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { gateway } from '../support/s3/client.ts'
import { createStage, MIB, type Stage, wait } from './client/stage.ts'

let stage: Stage
let context: BrowserContext

beforeAll(async () => {
  const grant = { bucket: 'media', prefix: 'users/${sub}/', allow: ['upload'], max_expires: '2s' }
  stage = await createStage(gateway.script, { GRANTS: [grant] })
}, 120_000)
afterAll(() => stage.end())
beforeEach(async () => {
  stage.line.reset()
  context = await stage.openContext()
})
afterEach(() => context.close())

test.each([-1, 1])(
  '%i hour off: it arrives, and nobody sees an error',
  { timeout: 120_000 },
  async (hours) => {
    const page = await stage.openPage(context, 'skew', [], (fresh) =>
      fresh.addInitScript(
        `{ const now = Date.now; Date.now = () => now() + ${hours * 3_600_000} }`,
      ),
    )
    await stage.start(page, 'skew', 1)
    // One after the other over a line that is slower than the URLs are long-lived.
    stage.line.set({ bytesPerSecond: 8 * MIB })
    const name = `film${hours}`
    await page.evaluate(
      ([fileName, size]) =>
        window.client.add(fileName, size, 9, { bucket: 'media', prefix: 'users/skew/' }),
      [name, 32 * MIB] as const,
    )
    expect(await wait(page)).toMatchObject([{ state: 'done', size: 32 * MIB }])
    await stage.expectStored(`users/skew/${name}`, 32 * MIB, 9)
    expect(stage.line.stored().map(({ part }) => part)).toEqual([1, 2, 3, 4])
    const states = await page.evaluate(() => window.client.progress().map(({ state }) => state))
    expect(new Set(states)).toEqual(new Set(['sending', 'verifying', 'done']))
  },
)
