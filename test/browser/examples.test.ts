// The pages of examples/upload and examples/spa, opened as they stand: a file is chosen, and S3 has it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { createClient, gateway } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'

const root = join(import.meta.dirname, '../..')
const APP = 'http://localhost:4998'
const { facts, stop } = await startGateway(() => ({ ORIGINS: [APP] }), gateway.script)
const s3 = createBucket(facts)
const { tokenOf } = createClient(facts)
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
  await s3.allow([APP])
}, 120_000)
afterAll(async () => {
  await browser.close()
  await stop()
})

/** As the command at the head of uppy.js does; `postern/uppy` is what the package exports. */
async function bundle(name: string): Promise<string> {
  const built = await build({
    entryPoints: [join(root, 'examples/upload', name)],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  return built.outputFiles[0]?.text ?? ''
}

async function open(name: string): Promise<Page> {
  const page = await browser.newPage()
  await page.route(`${APP}/**`, (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: readFileSync(join(root, 'examples/upload', name), 'utf8'),
    }),
  )
  await page.route(`${APP}/uppy.bundle.js`, async (route) =>
    route.fulfill({ contentType: 'text/javascript', body: await bundle('uppy.js') }),
  )
  await page.goto(`${APP}/${name}?gateway=${facts.url}`)
  await page.getByLabel('Token').fill(await tokenOf('alice'))
  return page
}

const choose = (page: Page, name: string, text: string): Promise<void> =>
  page
    .locator('input[type=file]')
    .setInputFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(text) })

test.each([
  ['uppy.html', 9_000_000],
  ['fetch.html', 9_000_000],
])('%s', async (name, size) => {
  const page = await open(name)
  // No two places alike: parts that changed places would be seen.
  const text = Array.from({ length: size / 10 }, (_, at) => String(at).padStart(9) + '\n').join('')
  await choose(page, `${name} file.txt`, text)
  const out = page.locator('output')
  await out.filter({ hasText: 'done: ' }).waitFor()
  const [, key = ''] = /done: ([^,]+)/.exec((await out.textContent()) ?? '') ?? []
  expect(await (await s3.get(key)).text()).toBe(text)
  await page.close()
})

test.runIf(gateway.s3.kind === 'external')('form.html', async () => {
  const page = await open('form.html')
  await page.getByRole('button', { name: 'Get a form' }).click()
  const key = (await page.locator('output').filter({ hasText: 'users/' }).textContent()) ?? ''
  await choose(page, 'form.txt', 'from a form')
  const posted = page.waitForResponse((answer) => answer.request().method() === 'POST')
  await page.getByRole('button', { name: 'Upload' }).click()
  expect((await posted).status()).toBe(204)
  expect(await (await s3.get(key)).text()).toBe('from a form')
  await page.close()
})

test('spa: a page with postern/client as the package has it', async () => {
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.route(`${APP}/**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1)
    const isPackage = ['client.js', 'hash-worker.js'].includes(name)
    const path = join(root, isPackage ? 'dist/package' : 'examples/spa', name)
    const contentType = name.endsWith('.js') ? 'text/javascript' : 'text/html'
    return route.fulfill({ contentType, body: readFileSync(path, 'utf8') })
  })
  await page.goto(`${APP}/index.html?gateway=${facts.url}`)
  await page.getByLabel('Token').fill(await tokenOf('alice'))
  const text = Array.from({ length: 900_000 }, (_, at) => String(at).padStart(9) + '\n').join('')
  await choose(page, 'spa file.txt', text)
  const [, key = ''] =
    /done: ([^,]+)/.exec(
      (await page.locator('li').filter({ hasText: 'done: ' }).textContent()) ?? '',
    ) ?? []
  expect(await (await s3.get(key)).text()).toBe(text)
  expect(complaints).toEqual([])
  await page.close()
})
