// What uploads cost beyond their bytes: calls of the gateway, memory of the page.
import type { CDPSession } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Call, MIB, wait } from '../../test/browser/client/stage.ts'
import { gateway } from '../../test/support/s3/client.ts'
import { createStand, LARGE_MIB, type Stand, toPrefix } from './stand.ts'

const SPARSE_GIB = Number(process.env['BENCH_SPARSE_GIB'] ?? 10)
const FILES = Number(process.env['BENCH_FILES'] ?? 2000)

let stand: Stand
beforeAll(async () => {
  stand = await createStand()
})
afterAll(() => stand.end())

/** Without what a browser asks by itself before it asks. */
const toAsked = (calls: readonly Call[]): number =>
  calls.filter(({ method }) => method !== 'OPTIONS').length

test('calls of the gateway', async () => {
  stand.stage.line.reset()
  const calls: Call[] = []
  const { isDone } = await stand.sendOurs('calls', stand.toFile('calls.bin', LARGE_MIB), calls)
  const asked = toAsked(calls)
  stand.note({
    title: 'calls of the gateway',
    of: `${LARGE_MIB} MiB`,
    ours: `${asked}, the first of them for the session`,
  })
  expect(isDone).toBe(true)
  expect(asked).toBeLessThanOrEqual(Math.ceil((5 * LARGE_MIB) / 1024))
})

test('many small files', async () => {
  const { stage } = stand
  stage.line.reset()
  const calls: Call[] = []
  const context = await stage.openContext()
  const page = await stage.openPage(context, 'many', calls)
  await page.evaluate(
    ([count, prefix]) => {
      for (let at = 0; at < count; at += 1)
        window.client.add(`${at}.txt`, 100 + at, at, { bucket: 'media', prefix })
    },
    [FILES, toPrefix('many')] as const,
  )
  const outcomes = await wait(page)
  const done = outcomes.filter(({ state }) => state === 'done').length
  const asked = toAsked(calls)
  await context.close()
  await stage.s3.clear(toPrefix('many'))
  stand.note({
    title: 'many small files',
    of: `${FILES} files of 100 to ${99 + FILES} bytes`,
    ours: `${done} done with ${asked} calls of the gateway`,
  })
  expect(done).toBe(FILES)
  expect(asked).toBeLessThanOrEqual(FILES / 40)
})

/** Bytes that scripts hold: objects, what belongs to them in the browser, and array buffers. */
async function toHeap(client: CDPSession): Promise<number> {
  await client.send('HeapProfiler.collectGarbage')
  const usage = await client.send('Runtime.getHeapUsage')
  return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize
}

// On disk: ten GiB are more than a test's Ceph keeps in memory.
test.skipIf(gateway.s3.kind === 'external')('heap of a large file', async () => {
  const { stage, openChosen, send, toFile } = stand
  stage.line.reset()
  const size = SPARSE_GIB * 1024 * MIB
  const page = await openChosen('sparse', toFile('sparse.bin', SPARSE_GIB * 1024, true))
  const client = await page.context().newCDPSession(page)
  const before = await toHeap(client)
  let most = before
  for (let share = 1; share <= 20; share += 1) {
    const passed = stage.line.passed((share / 20.1) * size)
    if (share === 1) await send(page, 'sparse')
    await passed
    most = Math.max(most, await toHeap(client))
  }
  const [outcome] = await wait(page)
  most = Math.max(most, await toHeap(client))
  await page.context().close()
  await stage.s3.clear(toPrefix('sparse'))
  stand.note({
    title: 'heap of a large file',
    of: `${SPARSE_GIB} GiB, sparse`,
    ours: `grows by at most ${((most - before) / MIB).toFixed(1)} MiB`,
  })
  expect(outcome).toMatchObject({ state: 'done', size })
  expect(most - before).toBeLessThanOrEqual(20 * MIB)
})
