// The page at `/` in a headless Chromium: sign in, drop a file, get it back; and what it says when it may not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { gateway, tokenOf } from '../support/s3/client.ts'

const PICTURES = process.env['SCREENSHOTS']
let browser: Browser
let page: Page
let complaints: string[]

beforeAll(async () => {
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser.close())

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 1100, height: 800 } })
  complaints = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  await page.goto(gateway.url)
})
afterEach(() => page.close())

async function signIn(sub = 'alice'): Promise<void> {
  await page.getByLabel('Session token').fill(await tokenOf(sub))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Drop files here').waitFor()
}

async function picture(name: string): Promise<void> {
  if (PICTURES === undefined) return
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const width of [1100, 360]) {
      await page.setViewportSize({ width, height: 800 })
      await page.screenshot({
        path: join(PICTURES, `${name}-${colorScheme}-${width}.png`),
        fullPage: !name.startsWith('docs'),
      })
    }
  }
}

/** Drops files as a user does: a DataTransfer on the drop zone. */
async function drop(name: string, type: string, text: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, fileType, content]) => {
      const data = new DataTransfer()
      data.items.add(new File([content ?? ''], fileName ?? '', { type: fileType ?? '' }))
      return data
    },
    [name, type, text],
  )
  for (const event of ['dragenter', 'dragover', 'drop'])
    await page.dispatchEvent('#drop', event, { dataTransfer: transfer })
}

/** What the link of the first upload gives. */
async function follow(): Promise<Response> {
  const link = page.getByRole('link', { name: /^Download / })
  await link.waitFor()
  return fetch((await link.getAttribute('href')) ?? '')
}

describe('console', () => {
  test('a dropped file is stored, verified and comes back', async () => {
    await picture('signed-out')
    await signIn()
    expect(await page.getByLabel('Where to').locator('option').allTextContents()).toEqual([
      'media / users/alice/',
      'media / shared/',
      'staged / ',
      'media / tiny/',
    ])
    await picture('ready')
    const name = `${crypto.randomUUID()} Grüße (1).txt`
    await drop(name, 'text/plain', 'dropped bytes')
    const answer = await follow()
    expect(await answer.text()).toBe('dropped bytes')
    expect(answer.headers.get('Content-Type')).toContain('text/plain')
    await picture('done')
    expect(complaints).toEqual([])
  })

  test('a chosen file of several parts comes back whole', async () => {
    await signIn()
    const bytes = Buffer.alloc(20 * 2 ** 20, 'part of it ')
    const name = `${crypto.randomUUID()}.bin`
    const file = { name, mimeType: 'application/octet-stream', buffer: bytes }
    await page.locator('#files').setInputFiles(file)
    expect(Buffer.from(await (await follow()).arrayBuffer()).equals(bytes)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('a name that exists is refused in words, and nothing is replaced', async () => {
    await signIn()
    const name = `${crypto.randomUUID()}.txt`
    await drop(name, 'text/plain', 'first')
    expect(await (await follow()).text()).toBe('first')
    await drop(name, 'text/plain', 'second')
    await page.getByText('An object of this key exists.').first().waitFor()
    await picture('refused')
    expect(await (await follow()).text()).toBe('first')
  })

  test('a token that is not valid is refused in words, and kept nowhere', async () => {
    await page.getByLabel('Session token').fill(`${await tokenOf('alice')}x`)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The session token is not valid.').waitFor()
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0)
    await picture('wrong-token')
  })

  test('a session survives a reload, and ends with signing out', async () => {
    await signIn()
    await page.reload()
    await page.getByText('Drop files here').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('Session token').waitFor()
    await page.reload()
    expect(await page.getByLabel('Session token').isVisible()).toBe(true)
  })
})

test.each(['/docs/api', '/docs/errors'])('%s is a page without complaints', async (path) => {
  await page.goto(gateway.url + path)
  expect(await page.locator('h2').count()).toBeGreaterThan(10)
  await picture(path.slice(1).replace('/', '-'))
  expect(complaints).toEqual([])
})

test('the served document is the built one', async () => {
  const answer = await fetch(`${gateway.url}/openapi.json`)
  const built = readFileSync(join(import.meta.dirname, '../../dist/assets/openapi.json'), 'utf8')
  expect(await answer.text()).toBe(built)
  expect(answer.headers.get('Content-Type')).toContain('application/json')
  expect((await fetch(`${gateway.url}/nothing`)).status).toBe(404)
})
