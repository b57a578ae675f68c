// The console in a headless Chromium, as a user has it: signs in, finds rows, and looks at each state in both themes and two widths.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type RunnerTestCase } from 'vitest'
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { findViolations } from '../../support/axe.ts'
import { gateway, send, sign, tokenOf } from '../../support/s3/client.ts'

/** Where pictures go, if they are wanted. */
const PICTURES = process.env['SCREENSHOTS']

export interface Console {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of scripts and of the content security policy. */
  readonly complaints: readonly string[]
  /** Each caller has files of his own, so that tests do not meet. */
  readonly sub: string
}

/** With the given name, which is that of the test's file, they name a caller. */
const FAMILY =
  'adeyemi brand costa dubois eriksen fischer garcia haddad ito jensen kowalski lindqvist mbeki novak'.split(
    ' ',
  )
let callers = 0

export async function openConsole(
  browser: Browser,
  given: string,
  url = gateway.url,
): Promise<Console> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal is reported as a failed load; that is what it is.
    const isStatus = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isStatus) complaints.push(message.text())
  })
  await page.goto(url)
  callers += 1
  return { context, page, complaints, sub: `${given}.${FAMILY[callers % FAMILY.length]}` }
}

/** Ends it; of a test that failed, what the page said in the end. */
export async function leave(
  { context, page, complaints }: Console,
  { result }: RunnerTestCase,
): Promise<void> {
  if (result?.state === 'fail') {
    const said = await page.locator('body').innerText()
    process.stderr.write([said, ...complaints, ''].join('\n'))
  }
  await context.close()
}

export async function signIn({ page, sub }: Console, token?: string): Promise<void> {
  await page.getByLabel('Session token').fill(token ?? (await tokenOf(sub)))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Places and links' }).waitFor()
}

/** A file that lies in the caller's place before the console is asked. */
export async function store(sub: string, path: string, text = 'bytes'): Promise<string> {
  const key = `users/${sub}/${path}`
  const size = Buffer.byteLength(text)
  const put = await sign(sub, { method: 'PUT', key, size, type: 'text/plain' })
  if (!(await send(put, text)).ok) throw new Error(`${key} not stored`)
  return key
}

export const names = (page: Page): Promise<string[]> =>
  page.locator('table.files tbody .name').allTextContents()

/** The line of an upload. */
export const uploadOf = (page: Page, name: string): Locator =>
  page.locator('.upload').filter({ hasText: name })

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 })
  await session.detach()
  writeFileSync(join(PICTURES, `${name}.webp`), Buffer.from(data, 'base64'))
}

/**
 * {light, dark} × {1280, 320}, and in forced colours at 1280 × 1024 zoomed to 400 %: no violation, nothing wider than the window,
 * targets of 24 px, no complaint.
 */
export async function inspect({ page, complaints }: Console, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [320, 1280]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: width === 320 ? 640 : 800 })
      await expectNoFault(page, width)
      // Of four views two show all that is different.
      if ((colorScheme === 'light') === (width === 1280))
        await takePicture(page, `${name}-${colorScheme}-${width}`)
    }
  }
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 320, height: 256 })
  // The colours are the user's, and axe takes those of the style sheet for some of them.
  await expectNoFault(page, 320, ['color-contrast'])
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none', reducedMotion: 'reduce' })
  await page.setViewportSize({ width: 1280, height: 800 })
  expect(complaints).toEqual([])
}

async function expectNoFault(page: Page, width: number, without: string[] = []): Promise<void> {
  const widest = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(widest).toBeLessThanOrEqual(width)
  expect(await findSmallTargets(page)).toEqual([])
  expect(await findViolations(page, without)).toEqual([])
}

/** WCAG 2.2 success criterion 2.5.8, without its exceptions but for what stands within a sentence. */
function findSmallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll('button, a, input, select, summary, textarea')]
    return all
      .filter((element) => element.checkVisibility() && !element.matches('.skip'))
      .filter((element) => {
        // What is pressed for a tick or a choice is its label or its cell as well.
        const area = element.closest('label, .pick') ?? element
        const { width, height } = area.getBoundingClientRect()
        return width < 24 || height < 24
      })
      .map((element) => element.outerHTML)
  })
}
