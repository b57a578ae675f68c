// `postern/client` in a headless Chromium: whole files over a line that fails in every way.
import type { BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { gateway } from '../support/s3/client.ts'
import { type Call, createStage, MIB, type Stage, wait } from './client/stage.ts'

let stage: Stage
let context: BrowserContext

beforeAll(async () => {
  stage = await createStage(gateway.script)
}, 120_000)
afterAll(() => stage.end())
beforeEach(async () => {
  stage.line.reset()
  context = await stage.openContext()
})
afterEach(() => context.close())

test('a small, an empty and a large file arrive whole, with few calls', async () => {
  const calls: Call[] = []
  const page = await stage.openPage(context, 'plain', calls)
  await page.evaluate(() => {
    const { client } = window
    const options = { bucket: 'media', prefix: 'users/plain/' }
    client.add('small.txt', 1000, 1, options)
    client.add('empty.txt', 0, 1, options)
    client.add("Grüße '+(1)!*~ 100%.bin", 20 * 2 ** 20 + 1, 2, options)
  })
  const outcomes = await wait(page)
  expect(outcomes).toEqual([
    { key: 'users/plain/small.txt', state: 'done', size: 1000 },
    { key: 'users/plain/empty.txt', state: 'done', size: 0 },
    { key: "users/plain/Grüße '+(1)!*~ 100%.bin", state: 'done', size: 20 * MIB + 1 },
  ])
  await stage.expectStored('users/plain/small.txt', 1000, 1)
  await stage.expectStored("users/plain/Grüße '+(1)!*~ 100%.bin", 20 * MIB + 1, 2)
  const posts = calls.filter(({ method }) => method !== 'OPTIONS')
  expect(
    posts.map(({ method, path }) => `${method} ${path.replace(/[\w-]{60,}/, '{id}')}`),
  ).toEqual([
    'GET /v1/session',
    'POST /v1/uploads',
    'POST /v1/uploads',
    'POST /v1/uploads/{id}/complete',
    'POST /v1/uploads/complete',
  ])
})
