// The console by keyboard alone: signing in, uploading, sharing, and where the focus is all the while.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { gateway, tokenOf } from '../../support/s3/client.ts'
import { openConsole } from './page.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
  await createBucket(gateway).allow([gateway.url])
}, 60_000)
afterAll(() => browser.close())

/** The name by which a screen reader knows what has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement
    const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null
    return element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? ''
  })

/** Presses Tab until the focus is there; that it is seen is checked at every stop. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab')
    const isSeen = await page.evaluate(() => {
      const element = document.activeElement
      // A choice is drawn by the text beside its radio button.
      const drawn = element?.matches('.choice input') ? element.nextElementSibling : element
      return drawn !== null && getComputedStyle(drawn).outlineStyle !== 'none'
    })
    const at = await focused(page)
    const isOnPage = await page.evaluate(() => document.activeElement !== document.body)
    // The browser's own end of the page is a stop as well.
    expect(isSeen || !isOnPage).toBe(true)
    if (at === name) return
  }
  throw new Error(`no way to ${name} by Tab`)
}

test('sign in, upload and share', async () => {
  const { page, context, complaints, sub } = await openConsole(browser, 'alan')
  await page.getByLabel('Session token').waitFor()
  await page.keyboard.insertText(await tokenOf(sub))
  await page.keyboard.press('Enter')
  await page.getByText('Nothing here yet').waitFor()

  await tabTo(page, 'Skip to the files')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Upload')
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  const file = { name: 'keys.txt', mimeType: 'text/plain', buffer: Buffer.from('typed') }
  await (await chooser).setFiles(file)
  await page.getByText('Stored and verified').waitFor()
  expect(await focused(page)).toBe('Upload')

  await tabTo(page, 'Share keys.txt')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Share keys.txt' }).waitFor()
  await page.waitForFunction(() => document.activeElement?.matches('dialog input'))
  expect(await focused(page)).toBe('7 days')
  await page.keyboard.press('ArrowLeft')
  expect(await focused(page)).toBe('1 day')
  await tabTo(page, 'Strong, made for you')
  await page.keyboard.press('ArrowLeft')
  expect(await focused(page)).toBe('None')
  await tabTo(page, 'Label')
  await page.keyboard.type('By hand')
  await tabTo(page, 'Make the link')
  await page.keyboard.press('Enter')
  const url = await page.getByLabel('Link', { exact: true }).inputValue()
  // The dialog has new content, and the focus is in it.
  expect(await focused(page)).toBe('Link')
  await tabTo(page, 'Copy link')
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(url)
  expect(await page.getByRole('dialog').getByRole('status').textContent()).toBe('Link copied')
  await page.keyboard.press('Escape')
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(await focused(page)).toBe('Share keys.txt')
  expect(await (await fetch(url)).text()).toBe('typed')
  expect(complaints).toEqual([])
  await context.close()
})

test('menus close by Escape, and give the focus back', async () => {
  const { page, context, sub } = await openConsole(browser, 'alan')
  await page.getByLabel('Session token').fill(await tokenOf(sub))
  await page.keyboard.press('Enter')
  await page.getByText('Nothing here yet').waitFor()
  await tabTo(page, 'More')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Upload with curl')
  await page.keyboard.press('Escape')
  expect(await focused(page)).toBe('More')
  expect(await page.getByRole('button', { name: 'Upload with curl' }).isVisible()).toBe(false)
  await page.setViewportSize({ width: 320, height: 640 })
  await tabTo(page, 'Places and links')
  await page.keyboard.press('Enter')
  await tabTo(page, 'My links')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'My links' }).waitFor()
  await context.close()
})
