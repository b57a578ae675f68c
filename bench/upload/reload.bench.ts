// Pages that are reloaded or killed at moments by chance: whether the file arrives, and what is sent again.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MIB, wait } from '../../test/browser/client/stage.ts'
import { toChance } from '../../test/support/s3/line.ts'
import { createStand, SEEDS, type Stand, toPrefix } from './stand.ts'

const RELOAD_MIB = 64

let stand: Stand
beforeAll(async () => {
  stand = await createStand()
})
afterAll(() => stand.end())

/** Its process dies, as the memory of a small machine runs out; nothing of the page runs any more. */
async function kill(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash')
  const client = await page.context().newCDPSession(page)
  void client.send('Page.crash').catch(() => {})
  await crashed
  await page.close()
}

test('reloads and killed tabs', async () => {
  const { stage, openChosen, send, toFile } = stand
  const path = toFile('reload.bin', RELOAD_MIB)
  let [again, ends, before, twice] = [0, 0, 0, 0]
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    // Slow enough that the moment is not over before the page is.
    stage.line.reset({ bytesPerSecond: 4e6 })
    const sub = `reload${seed}`
    let page = await openChosen(sub, path)
    const context = page.context()
    const some = stage.line.passed(RELOAD_MIB * MIB * 0.95 * toChance(seed, 'when'))
    await send(page, sub)
    await some
    if (seed % 2 === 0) {
      await page.reload()
      await stage.start(page, sub)
      await page.locator('input').setInputFiles(path)
    } else {
      await kill(page)
      page = await openChosen(sub, path, [], context)
    }
    const stored = new Set(stage.line.stored().map(({ part }) => part))
    before += stored.size
    await send(page, sub)
    const [outcome] = await wait(page)
    ends += outcome?.state === 'done' ? 1 : 0
    const parts = stage.line.stored().map(({ part }) => part)
    // Of what was on the way then, S3 may store what the page sends meanwhile.
    again += parts.slice(stored.size).filter((part) => stored.has(part)).length
    twice += parts.length - new Set(parts).size
    await context.close()
    await stage.s3.clear(toPrefix(sub))
  }
  stand.note({
    title: 'reloads and killed tabs',
    of: `${RELOAD_MIB} MiB, ${SEEDS} times by chance`,
    ours: `${ends} done; ${again} of ${before} stored parts sent again (${twice - again} that were on the way arrived twice)`,
  })
  expect([ends, again]).toEqual([SEEDS, 0])
})
