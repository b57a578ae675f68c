// The documentation in a headless Chromium, as the gateway serves it: headers, no complaint, axe-core in both themes, narrow windows, keyboard.
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { gateway } from '../support/s3/client.ts'

const PICTURES = process.env['SCREENSHOTS']
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const folder = join(import.meta.dirname, '../../dist/assets/docs')
const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.html'))
  .map((name) => `/docs/${name.replace(/\.html$/, '').replace(/^index$/, '')}`)
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchBrowser()
  page = await browser.newPage()
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${gateway.url}/`)) complaints.push(request.url())
  })
}, 60_000)
afterAll(() => browser.close())

async function findViolations(): Promise<string[]> {
  return page.evaluate(async () => {
    const runner = (
      window as unknown as {
        axe: {
          run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
        }
      }
    ).axe
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await runner.run({ runOnly: tags })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)
  })
}

test.each(paths)('%s', async (path) => {
  complaints = []
  const answer = await page.goto(gateway.url + path)
  expect(answer?.status()).toBe(200)
  await page.evaluate(axe)
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1440]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      )
      if (PICTURES !== undefined) {
        const name = `docs-${path.slice('/docs/'.length).replaceAll('/', '-')}-${colorScheme}-${width}.png`
        await page.screenshot({ path: join(PICTURES, name) })
      }
    }
    expect(await findViolations()).toEqual([])
  }
  expect(complaints).toEqual([])
})

describe('the way around', () => {
  test('without a trailing slash it leads to the first page', async () => {
    const answer = await fetch(`${gateway.url}/docs`, { redirect: 'manual' })
    expect([301, 307, 308]).toContain(answer.status)
    expect(answer.headers.get('Location')).toBe('/docs/')
    expect((await fetch(`${gateway.url}/docs/nothing`)).status).toBe(404)
  })

  test('headers', async () => {
    const answer = await fetch(`${gateway.url}/docs/concepts`)
    expect(answer.headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(answer.headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(answer.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  })

  test('by keyboard, and without a script', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.setViewportSize({ width: 320, height: 700 })
    await plain.goto(`${gateway.url}/docs/`)
    await plain.keyboard.press('Tab')
    await plain.keyboard.press('Enter')
    expect(plain.url()).toBe(`${gateway.url}/docs/#content`)
    await plain.getByRole('banner').getByText('All pages').click()
    await plain.getByRole('navigation', { name: 'Documentation' }).getByText('Errors').click()
    await plain.waitForURL('**/docs/errors')
    await context.close()
  })

  test('in a wide window the tree is open', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.goto(`${gateway.url}/docs/uploads`)
    const tree = page.getByRole('navigation', { name: 'Documentation' })
    expect(await tree.getByText('Configuration', { exact: true }).isVisible()).toBe(true)
    expect(await tree.locator('[aria-current=page]').textContent()).toBe('Uploads')
  })
})
