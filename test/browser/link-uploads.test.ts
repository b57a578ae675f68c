// The page of a link that asks for files, in a headless Chromium: chosen, sent, refused and said so, in both themes and by keyboard.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Browser, BrowserContext, Page, Response } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { gateway } from '../support/s3/client.ts'
import { createRequests, TERMS } from '../support/s3/requests.ts'

const PICTURES = process.env['SCREENSHOTS']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const { make, read, call } = createRequests(gateway)
const bucket = createBucket(gateway)
const folder = mkdtempSync(join(tmpdir(), 'postern-asked-'))
let browser: Browser
let context: BrowserContext
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchBrowser()
  await bucket.allow([gateway.url])
}, 60_000)
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await browser.close()
})
beforeEach(async () => {
  context = await browser.newContext()
  page = await context.newPage()
  complaints = []
  page.on('console', (message) => {
    const isStatus = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
})
afterEach(() => context.close())

/** Both themes, two widths: no violation, nothing wider than the window. */
async function inspect(name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [900, 320]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 700 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      )
      if (PICTURES !== undefined)
        await page.screenshot({
          path: join(PICTURES, `upload-${name}-${colorScheme}-${width}.png`),
        })
    }
    await page.evaluate(axe)
    const found = await page.evaluate(async () => {
      const runner = (
        window as unknown as {
          axe: { run(options: object): Promise<{ violations: { id: string }[] }> }
        }
      ).axe
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
      return (await runner.run({ runOnly: tags })).violations.map(({ id }) => id)
    })
    expect(found).toEqual([])
  }
  expect(complaints).toEqual([])
}

const fileOf = (name: string, bytes: Buffer, mimeType = 'text/plain') => ({
  name,
  mimeType,
  buffer: bytes,
})
const status = (text: string) => page.getByRole('status').filter({ hasText: text }).waitFor()

test(
  'files are chosen and sent, in parts too; S3 has their bytes',
  { timeout: 120_000 },
  async () => {
    const link = await make({ label: 'Für Zoë <b>' })
    await page.goto(link.url)
    await page.getByText('Up to 3 files can be sent, each of at most 20.9 MB').waitFor()
    await inspect('empty')
    const big = Buffer.alloc(9_000_000, 'postern ')
    await page
      .getByLabel('Files')
      .setInputFiles([
        fileOf('Grüße & 日本 <b>.txt', Buffer.from('small')),
        fileOf('big.png', big, 'image/png'),
      ])
    await page.getByRole('button', { name: 'Send' }).click()
    await status('2 files have arrived.')
    await inspect('sent')
    const keys = await bucket.keys(link.prefix ?? '')
    const bodies = await Promise.all(
      keys.map(async (key) => Buffer.from(await (await bucket.get(key)).arrayBuffer())),
    )
    expect(bodies.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([5, 9_000_000])
    expect(bodies.find(({ length }) => length > 5)?.equals(big)).toBe(true)
    expect(keys.map((key) => key.split('/').at(-1)).toSorted()).toEqual([
      'Grüße & 日本 <b>.txt',
      'big.png',
    ])
    expect((await read(link.id)).uploaded).toBe(2)
    await page.reload()
    await page.getByText('One file can be sent').waitFor()
  },
)

const PARTS = /[?&]partNumber=/
/** A file of two parts on the disk, where a page that is loaded again finds the same. */
function toFilm(): { path: string; bytes: Buffer } {
  const path = join(folder, 'film.png')
  const bytes = Buffer.alloc(9_000_000, 'a film of some length ')
  writeFileSync(path, bytes)
  return { path, bytes }
}
async function sendFilm(path: string): Promise<void> {
  await page.getByLabel('Files').setInputFiles(path)
  await page.getByRole('button', { name: 'Send' }).click()
}
async function expectFilm(prefix: string, bytes: Buffer, said = '1 file has'): Promise<void> {
  await status(`${said} arrived.`)
  const [key = '', ...others] = await bucket.keys(prefix)
  expect(others).toEqual([])
  expect(Buffer.from(await (await bucket.get(key)).arrayBuffer()).equals(bytes)).toBe(true)
}

/** Until the browser keeps that one part is stored. */
async function untilNoted(): Promise<void> {
  const count = () =>
    page.evaluate(async () => {
      const wait = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve) => {
          request.onsuccess = () => resolve(request.result)
        })
      const base = await wait(indexedDB.open('postern'))
      const [record] = await wait(base.transaction('uploads').objectStore('uploads').getAll())
      base.close()
      return (record as { etags: Map<number, string> } | undefined)?.etags.size
    })
  await expect.poll(count, { timeout: 60_000 }).toBe(1)
}

test('a bad line costs nobody a click: parts that fail again and again are sent again', async () => {
  const link = await make()
  await page.goto(link.url)
  let failures = 0
  await page.route(PARTS, (route) => {
    if (route.request().method() !== 'PUT' || (failures += 1) > 8) return route.continue()
    return failures % 2 ? route.abort('connectionreset') : route.fulfill({ status: 503 })
  })
  const { path, bytes } = toFilm()
  await sendFilm(path)
  await expectFilm(link.prefix ?? '', bytes)
  expect(failures).toBeGreaterThan(8)
})

test('after a reload it is said what was under way; chosen again, it goes on where it was', async () => {
  // Its place is taken by what is under way: nothing else can be sent.
  const link = await make({ upload: { ...TERMS, maxFiles: 1 } })
  await page.goto(link.url)
  page.on('dialog', (dialog) => void dialog.accept())
  // The second part is on its way for as long as this page lives.
  await page.route(/[?&]partNumber=2&/, () => {})
  const isFirst = (answer: Response): boolean => answer.request().method() === 'PUT' && answer.ok()
  const first = page.waitForResponse(isFirst)
  const { path, bytes } = toFilm()
  await sendFilm(path)
  await first
  await untilNoted()
  await page.reload()
  await page.unroute(/[?&]partNumber=2&/)
  const sent: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.push(/partNumber=(\d+)/.exec(request.url())?.[1] ?? '')
  })
  await page.getByText('film.png has not arrived yet. Choose it again').waitFor()
  await inspect('unfinished')
  await sendFilm(path)
  await expectFilm(link.prefix ?? '', bytes)
  expect(sent).toEqual(['2'])
})

test('files of any name, sent one after the other however they are chosen', async () => {
  const link = await make({ upload: { ...TERMS, maxFiles: 4 } })
  await page.goto(link.url)
  // Each call to the gateway takes a while.
  await page.route(/\/l\/.*\/uploads/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 200))
    await route.continue()
  })
  for (const name of ['長'.repeat(150), '100% \\ a:b?', '%2e%2e', 'a b.txt']) {
    await page.getByLabel('Files').setInputFiles([fileOf(name, Buffer.from(name))])
    await page.getByRole('button', { name: 'Send' }).click()
  }
  await status('4 files have arrived.')
  const bodies = (await bucket.keys(link.prefix ?? '')).map(async (key) =>
    (await bucket.get(key)).text(),
  )
  expect((await Promise.all(bodies)).toSorted()).toEqual(
    ['長'.repeat(150), '100% \\ a:b?', '%2e%2e', 'a b.txt'].toSorted(),
  )
})

test('cancelled, its place is free before it can be tried again', async () => {
  const link = await make({ upload: { ...TERMS, maxFiles: 1 } })
  await page.goto(link.url)
  await page.route(PARTS, () => {})
  await page.route(/\/l\/.*\/uploads\//, async (route) => {
    if (route.request().method() === 'DELETE')
      await new Promise((resolve) => setTimeout(resolve, 500))
    await route.continue()
  })
  const { path, bytes } = toFilm()
  const first = page.waitForRequest((request) => request.method() === 'PUT')
  await sendFilm(path)
  await first
  await page.getByRole('button', { name: 'Cancel: film.png' }).click()
  await page.unroute(PARTS)
  await page.getByRole('button', { name: 'Try again: film.png' }).click()
  await expectFilm(link.prefix ?? '', bytes, 'film.png: It has')
  expect((await read(link.id)).uploaded).toBe(1)
})

test('by keyboard alone, with a password; what is refused says what to do, and can be tried again', async () => {
  const link = await make({ password: 'open sesame', upload: { ...TERMS, maxBytes: 10 } })
  await page.goto(link.url)
  await page.keyboard.press('Tab')
  await page.keyboard.type('open sesame')
  await page.keyboard.press('Enter')
  // The form is there when its script is, and only then has it a focus.
  await page.getByLabel('Files').waitFor()
  await page
    .getByLabel('Files')
    .setInputFiles([fileOf('large.txt', Buffer.from('more than ten bytes'))])
  await page.getByLabel('Files').focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('larger than the link takes', { exact: false }).first().waitFor()
  await inspect('refused')
  await page
    .getByLabel('Files')
    .setInputFiles([fileOf('a.pdf', Buffer.from('x'), 'application/pdf')])
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('listitem').filter({ hasText: 'does not take this kind' }).waitFor()
  await page.getByLabel('Files').setInputFiles([fileOf('b.txt', Buffer.from('fits'))])
  await call('alice', 'PATCH', `/v1/links/${link.id}`, { frozen: true })
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByRole('listitem').filter({ hasText: 'does not open here and now' }).waitFor()
  await call('alice', 'PATCH', `/v1/links/${link.id}`, { frozen: false })
  await page.getByRole('button', { name: 'Try again: b.txt' }).focus()
  await page.keyboard.press('Enter')
  await status('It has arrived.')
  expect(await bucket.keys(link.prefix ?? '')).toHaveLength(1)
})

test('without script it says so; spent and revoked it is gone', async () => {
  const link = await make({ upload: { ...TERMS, maxFiles: 1 } })
  const bare = await browser.newContext({ javaScriptEnabled: false })
  const plain = await bare.newPage()
  await plain.goto(link.url)
  await plain.getByText('Sending needs JavaScript').waitFor()
  expect(await plain.getByRole('button').count()).toBe(0)
  await bare.close()
  await call('alice', 'DELETE', `/v1/links/${link.id}`)
  expect((await page.goto(link.url))?.status()).toBe(410)
})
