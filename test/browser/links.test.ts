// The pages of links in a headless Chromium: by keyboard, without script, in both themes, with axe-core's rules of WCAG 2.2 AA.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { launchBrowser } from '../support/browser.ts'
import { call, freshKey, gateway, send, sign } from '../support/s3/client.ts'

const PICTURES = process.env['SCREENSHOTS']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const key = freshKey('alice', 'Grüße & 日本 <b>.txt')
let browser: Browser
let context: BrowserContext
let page: Page
let complaints: string[]

async function make(terms: Record<string, unknown>): Promise<LinkAnswer> {
  const place = 'keys' in terms ? {} : { key }
  const body = { bucket: 'media', expiresIn: 600, ...place, ...terms }
  // The shape is asserted by what the tests read of it.
  return (await (await call('alice', 'POST', '/v1/links', body)).json()) as LinkAnswer
}

beforeAll(async () => {
  browser = await launchBrowser()
  const put = { method: 'PUT', key, size: 5, type: 'text/plain' }
  if (!(await send(await sign('alice', put), 'bytes')).ok) throw new Error('not stored')
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  context = await browser.newContext({ javaScriptEnabled: true, acceptDownloads: true })
  page = await context.newPage()
  complaints = []
  page.on('console', (message) => {
    // A page that says 403 or 410 is reported as a failed load; that is what it is.
    const isStatus = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
})
afterEach(() => context.close())

/** Both themes, two widths: no violation, nothing wider than the window, at most 10 KiB. */
async function inspect(name: string): Promise<void> {
  expect(Buffer.byteLength(await page.content())).toBeLessThan(10 * 1024)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [900, 320]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 700 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      )
      if (PICTURES !== undefined)
        await page.screenshot({ path: join(PICTURES, `link-${name}-${colorScheme}-${width}.png`) })
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

const isEmbedded = gateway.s3.kind === 'embedded'

/** The file that an act on the page brings: saved, or shown where the local R2 ignores what the URL says of that. */
async function bytesAfter(tab: Page, act: () => Promise<void>): Promise<string> {
  const isFile = (answer: { url(): string }) => answer.url().includes('X-Amz-Signature=')
  const arrival = isEmbedded ? tab.waitForResponse(isFile) : tab.waitForEvent('download')
  await act()
  const file = await arrival
  return 'path' in file ? readFileSync(await file.path(), 'utf8') : file.text()
}

test('password: wrong, then right, by keyboard alone', async () => {
  const link = await make({ password: 'open sesame', label: 'Für Zoë' })
  await page.goto(link.url)
  await inspect('password')
  await page.keyboard.press('Tab')
  expect(
    await page.getByLabel('Password').evaluate((field) => field === document.activeElement),
  ).toBe(true)
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('That is not the password.').waitFor()
  await inspect('password-wrong')
  await page.getByLabel('Password').focus()
  await page.keyboard.type('open sesame')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
})

test('one-time: looking costs nothing, the button opens, then it is gone', async () => {
  const link = await make({ maxDownloads: 1 })
  for (let times = 0; times < 3; times += 1) await page.goto(link.url)
  await page.getByText('Grüße & 日本 <b>.txt').waitFor()
  await inspect('once')
  await page.keyboard.press('Tab')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
  const other = await browser.newPage()
  expect((await other.goto(link.url))?.status()).toBe(410)
  await other.close()
})

test('index: names in any script, each a link', async () => {
  const names = [
    'Grüße & 日本 <b>.txt',
    'עברית.pdf',
    'العربية.pdf',
    'e\u0301.txt',
    `${'long '.repeat(30)}.txt`,
  ]
  const link = await make({ keys: names.map((name) => freshKey('alice', name)), label: 'Papers' })
  await page.goto(link.url)
  expect(await page.getByRole('link').allTextContents()).toEqual(
    // R2 keeps names in one form of Unicode.
    isEmbedded ? names.map((name) => name.normalize('NFC')) : names,
  )
  expect(await page.getByRole('link').first().getAttribute('href')).toBe(`${link.url}?file=1`)
  await inspect('index')
})

test('gone and denied', async () => {
  const link = await make({ strict: true })
  await call('alice', 'DELETE', `/v1/links/${link.id}`)
  expect((await page.goto(link.url))?.status()).toBe(410)
  await inspect('gone')
  const early = await make({ notBefore: new Date(Date.now() + 600_000).toISOString() })
  expect((await page.goto(early.url))?.status()).toBe(403)
  await inspect('denied')
})

test('without script all of it works', async () => {
  const bare = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })
  const plain = await bare.newPage()
  await plain.goto((await make({ password: 'open sesame', maxDownloads: 1 })).url)
  await plain.getByLabel('Password').fill('open sesame')
  const open = plain.getByRole('button', { name: 'Open' })
  expect(await bytesAfter(plain, () => open.click())).toBe('bytes')
  await bare.close()
})
