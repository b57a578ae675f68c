// `postern doctor --fix` and a page: an upload that the bucket's rules kept out gets through afterwards, and no other way.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { createProject } from '../support/project.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { createClient, gateway } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'

const APP = 'http://localhost:4996'
const PAGE = readFileSync(join(import.meta.dirname, '../../examples/upload/fetch.html'), 'utf8')
const isCeph = gateway.s3.kind === 'external'
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
}, 120_000)
afterAll(() => browser.close())

/** A process of its own: the command is no part of what is checked against a page's types. */
function runDoctor(cwd: string, ...args: readonly string[]) {
  const main = join(import.meta.dirname, '../../src/cli/main.ts')
  const { status: code, stdout: out } = spawnSync(process.execPath, [main, 'doctor', ...args], {
    cwd,
    encoding: 'utf8',
  })
  return { code, out }
}

async function upload(url: string, token: string, name: string): Promise<Page> {
  const page = await browser.newPage()
  await page.route(`${APP}/**`, (route) => route.fulfill({ contentType: 'text/html', body: PAGE }))
  await page.goto(`${APP}/fetch.html?gateway=${url}`)
  await page.getByLabel('Token').fill(token)
  const buffer = Buffer.from('mended')
  await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer })
  return page
}

test.runIf(isCeph)('fails before, passes after', async () => {
  // A bucket of its own, which no other suite sets rules on.
  const { facts, stop } = await startGateway(() => ({ ORIGINS: [APP] }), gateway.script)
  try {
    const { tokenOf } = createClient(facts)
    const token = await tokenOf('alice')
    const before = await upload(facts.url, token, 'before.txt')
    const refused = await before.waitForEvent('requestfailed')
    expect([refused.method(), new URL(refused.url()).origin]).toEqual(['PUT', facts.s3.endpoint])
    await before.close()

    const { cwd } = createProject(facts.s3, { origins: [APP] })
    const found = runDoctor(cwd, '--read-only')
    expect([found.code, found.out]).toEqual([1, expect.stringContaining(`CORS ${APP}`)])
    const mended = runDoctor(cwd, '--fix', '--yes')
    expect([mended.code, mended.out]).toEqual([
      0,
      expect.stringContaining('faults: 0, warnings: 0'),
    ])

    const after = await upload(facts.url, token, 'after.txt')
    const out = after.locator('output')
    await out.filter({ hasText: 'done: ' }).waitFor()
    const [, key = ''] = /done: ([^,]+)/.exec((await out.textContent()) ?? '') ?? []
    expect(await (await createBucket(facts).get(key)).text()).toBe('mended')
    await after.close()
  } finally {
    await stop()
  }
})
