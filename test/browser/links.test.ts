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
  const place = 'keys' in terms || 'prefix' in terms ? {} : { key }
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
        await page.screenshot({
          path: join(PICTURES, `link-${name}-${colorScheme}-${width}.png`),
          fullPage: true,
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

const isEmbedded = gateway.s3.kind === 'embedded'

/** The file that an act on the page brings: saved, or shown where the local R2 ignores what the URL says of that. */
async function bytesAfter(tab: Page, act: () => Promise<void>): Promise<string> {
  const isFile = (answer: { url(): string }) => answer.url().includes('X-Amz-Signature=')
  const arrival = isEmbedded ? tab.waitForResponse(isFile) : tab.waitForEvent('download')
  await act()
  const file = await arrival
  return 'path' in file ? readFileSync(await file.path(), 'utf8') : file.text()
}

/** Tab until the focus is where a person would want it; a page whose order does not lead there fails. */
async function tabTo(name: string): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  for (let presses = 0; presses < 10; presses += 1) {
    await page.keyboard.press('Tab')
    const label = await page.evaluate(() => {
      const at = document.activeElement
      return at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent
    })
    if (label !== name) continue
    const outline = await page.evaluate(
      () => getComputedStyle(document.activeElement ?? document.body).outlineWidth,
    )
    expect(outline).toBe('3px')
    return
  }
  throw new Error(`no way to ${name} by Tab`)
}

test('password: wrong, then right, by keyboard alone', async () => {
  const link = await make({ password: 'open sesame', label: 'Für Zoë' })
  await page.goto(link.url)
  await inspect('password')
  await tabTo('Password')
  await page.keyboard.type('wrong')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('That is not the password.').waitFor()
  await inspect('password-wrong')
  await tabTo('Password')
  await page.keyboard.type('open sesame')
  await tabTo('Open')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
})

test('one-time: looking costs nothing, the button opens by keyboard alone, then it is gone', async () => {
  const link = await make({ maxDownloads: 1, label: 'Für Zoë' })
  for (let times = 0; times < 3; times += 1) await page.goto(link.url)
  await page.getByText('Grüße & 日本 <b>.txt').waitFor()
  await inspect('once')
  await tabTo('Download')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
  const other = await browser.newPage()
  expect((await other.goto(link.url))?.status()).toBe(410)
  await other.close()
})

test.each([
  ['rtl', 'تقرير الميزانية السنوية (نهائي) 2026.pdf'],
  ['cjk', '2026年度財務報告書（最終版）・添付資料.pdf'],
  ['long', `${'a'.repeat(180)}.txt`],
])('one-time: a name that is %s stands whole on the page', async (kind, filename) => {
  const link = await make({ maxDownloads: 1, filename, label: filename })
  await page.goto(link.url)
  expect(await page.locator('p.file').textContent()).toBe(filename)
  await inspect(`once-${kind}`)
})

test('index: names in any script, each opened by keyboard alone', async () => {
  const names = [
    'Grüße & 日本 <b>.txt',
    'עברית.pdf',
    'العربية (2).pdf',
    '財務報告書.xlsx',
    'e\u0301.txt',
    `${'long '.repeat(30)}.txt`,
    `${'x'.repeat(150)}.txt`,
  ]
  const keys = [key, ...names.slice(1).map((name) => freshKey('alice', name))]
  const link = await make({ keys, label: 'Papers' })
  await page.goto(link.url)
  const shown = await page.getByRole('link').allTextContents()
  // R2 keeps names in one form of Unicode.
  expect(shown).toEqual(isEmbedded ? names.map((name) => name.normalize('NFC')) : names)
  await inspect('index')
  for (const name of shown) await tabTo(name)
  expect(
    await page
      .getByRole('link')
      .evaluateAll((links) => links.map((one) => Reflect.get(one, 'href'))),
  ).toEqual(names.map((_, at) => `${link.url}?file=${at + 1}`))
  await tabTo(shown[0] ?? '')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
})

test('index of a prefix, behind a password, by keyboard alone', async () => {
  const prefix = key.slice(0, key.lastIndexOf('/') + 1)
  const link = await make({ key: undefined, prefix, password: 'open sesame', maxDownloads: 1 })
  await page.goto(link.url)
  await tabTo('Password')
  await page.keyboard.type('open sesame')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Files' }).waitFor()
  await inspect('index-prefix')
  await tabTo('Grüße & 日本 <b>.txt')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your file is ready' }).waitFor()
  await tabTo('Download')
  expect(await bytesAfter(page, () => page.keyboard.press('Enter'))).toBe('bytes')
})

test('gone, denied, and what has been tried too often', { timeout: 120_000 }, async () => {
  const link = await make({ strict: true })
  await call('alice', 'DELETE', `/v1/links/${link.id}`)
  expect((await page.goto(link.url))?.status()).toBe(410)
  await inspect('gone')
  const early = await make({ notBefore: new Date(Date.now() + 600_000).toISOString() })
  expect((await page.goto(early.url))?.status()).toBe(403)
  await inspect('denied')
  const locked = await make({ password: 'open sesame' })
  const guess = { method: 'POST', headers: { 'Postern-Password': 'wrong' } }
  await Promise.all(Array.from({ length: 10 }, () => fetch(locked.url, guess)))
  await page.goto(locked.url)
  await tabTo('Password')
  await page.keyboard.type('open sesame')
  const answer = page.waitForResponse(locked.url)
  await page.keyboard.press('Enter')
  expect((await answer).status()).toBe(429)
  await page.getByRole('heading', { name: 'Please try again later' }).waitFor()
  await inspect('later')
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
