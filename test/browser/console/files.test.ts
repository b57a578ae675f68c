// Files in the console: browsing what is granted, sorting, pages, downloads, deleting, and names in any script.
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Browser, Download, Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { call, gateway } from '../../support/s3/client.ts'
import { type Console, inspect, leave, names, openConsole, signIn, store } from './page.ts'

const s3 = createBucket(gateway)
const isEmbedded = gateway.s3.kind === 'embedded'
let browser: Browser
let it: Console
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  it = await openConsole(browser, 'grace')
  page = it.page
})
afterEach(({ task }) => leave(it, task))

test('an empty place says what can be done, and only granted things are offered', async () => {
  await signIn(it)
  await page.getByText('Nothing here yet').waitFor()
  await inspect(it, 'empty')
  const places = page.getByRole('navigation', { name: 'Places and links' })
  expect(await places.getByRole('link').allTextContents()).toEqual([
    `users/${it.sub}media`,
    'sharedmedia',
    'stagedwhole bucket',
    'tinymedia',
    'My links',
    'Documentation',
  ])
  await places.getByRole('link', { name: /^tiny/ }).click()
  await page.getByText('You may send files here, but not see what is here.').waitFor()
  expect(await page.getByText('More', { exact: true }).count()).toBe(0)
  await inspect(it, 'drop-box')
})

test('folders are opened by their names, and the path leads back', async () => {
  await store(it.sub, 'album/2026/one.txt')
  await store(it.sub, 'readme.txt')
  await signIn(it)
  await page.getByRole('link', { name: 'album' }).click()
  await page.getByRole('heading', { level: 1, name: 'album' }).waitFor()
  // A screen reader begins at the new heading.
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
  await page.getByRole('link', { name: '2026' }).click()
  await page.getByText('one.txt').waitFor()
  await inspect(it, 'folder')
  await page.reload()
  await page.getByText('one.txt').waitFor()
  const way = page.getByRole('navigation', { name: 'Path' })
  expect(await way.getByRole('link').allTextContents()).toEqual([`users/${it.sub}`, 'album'])
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'album' }).waitFor()
  await way.getByRole('link').click()
  await page.getByText('readme.txt').waitFor()
  expect(await names(page)).toEqual(['album', 'readme.txt'])
})

test('names of any script, length and form are shown as they are, and sorted by what is asked', async () => {
  const given = [
    'Grüße & <b>fett<b>.txt',
    'עברית ומספר 12.pdf',
    'العربية.pdf',
    '日本語の長い名前.png',
    `${'a name that is very long '.repeat(7)}.txt`,
    'file 10.txt',
    'file 2.txt',
  ]
  for (const [at, name] of given.entries()) await store(it.sub, name, 'x'.repeat(at + 1))
  await signIn(it)
  await page.getByText('file 10.txt').first().waitFor()
  expect((await names(page)).toSorted()).toEqual(given.toSorted())
  const order = async (): Promise<string[]> =>
    (await names(page)).filter((name) => name.startsWith('file'))
  expect(await order()).toEqual(['file 2.txt', 'file 10.txt'])
  await page.getByRole('button', { name: 'Size' }).click()
  expect(await names(page)).toEqual(given.toReversed())
  const size = page.getByRole('columnheader', { name: 'Size' })
  expect(await size.getAttribute('aria-sort')).toBe('descending')
  await page.getByRole('button', { name: 'Size' }).click()
  expect(await names(page)).toEqual(given)
  await inspect(it, 'names')
})

test('more than a page is loaded on demand', async () => {
  const parts = Array.from({ length: 205 }, (_, at) => `many/${String(at).padStart(3, '0')}.txt`)
  for (let at = 0; at < parts.length; at += 20)
    await Promise.all(parts.slice(at, at + 20).map((path) => store(it.sub, path)))
  await signIn(it)
  await page.getByRole('link', { name: 'many' }).click()
  await page.getByText('200 shown and sorted; there are more.').waitFor()
  await page.getByRole('button', { name: 'Load more' }).click()
  await page.getByText('204.txt').waitFor()
  expect(await names(page)).toHaveLength(205)
  expect(await page.getByRole('button', { name: 'Load more' }).count()).toBe(0)
})

test('a download brings the bytes, and leaves the page where it is', async () => {
  await store(it.sub, 'report.txt', 'the report')
  await signIn(it)
  const press = () => page.getByRole('button', { name: 'Download report.txt' }).click()
  // The local R2 ignores that the URL asks for an attachment: the tab shows it.
  if (isEmbedded) {
    const [tab] = await Promise.all([it.context.waitForEvent('page'), press()])
    await tab.getByText('the report').waitFor()
  } else {
    // The tab that it opens in is gone as soon as it is a download.
    const arrival = new Promise<Download>((resolve) => {
      page.on('download', resolve)
      it.context.on('page', (tab) => tab.on('download', resolve))
    })
    await press()
    const file = await arrival
    expect(file.suggestedFilename()).toBe('report.txt')
    expect(readFileSync(await file.path(), 'utf8')).toBe('the report')
  }
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`users/${it.sub}`)
})

test('deleting asks first; Escape keeps, the button deletes; the focus goes on', async () => {
  const key = await store(it.sub, 'draft.txt')
  await store(it.sub, 'keep.txt')
  await signIn(it)
  const button = page.getByRole('button', { name: 'Delete draft.txt' })
  await button.click()
  await page.getByRole('dialog', { name: 'Delete draft.txt?' }).waitFor()
  await inspect(it, 'delete')
  await page.keyboard.press('Escape')
  expect(await s3.keys(key)).toEqual([key])
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true)
  await button.click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await s3.keys(key)).toEqual([])
  expect(await names(page)).toEqual(['keep.txt'])
  expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
})

test('several are ticked and deleted at once', async () => {
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await store(it.sub, name)
  await signIn(it)
  await page.getByLabel('Select a.txt').check()
  await page.getByLabel('Select c.txt').check()
  const selected = page.getByRole('group', { name: 'Selected files' })
  await selected.getByText('2 selected').waitFor()
  await inspect(it, 'selected')
  await selected.getByRole('button', { name: 'Delete' }).click()
  await page
    .getByRole('dialog', { name: 'Delete 2 files?' })
    .getByRole('button', { name: 'Delete' })
    .click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(await names(page)).toEqual(['b.txt'])
  expect(await selected.isVisible()).toBe(false)
})

test('what fails is said in words, and tried again', async () => {
  await store(it.sub, 'there.txt')
  await signIn(it)
  await page.getByText('there.txt').waitFor()
  await page.route('**/v1/objects?*', (route) => route.abort())
  await page.getByRole('button', { name: 'Reload the list' }).click()
  await page.getByText('The gateway is out of reach.').first().waitFor()
  await inspect(it, 'no-connection')
  await page.unroute('**/v1/objects?*')
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('The gateway is out of reach.').waitFor({ state: 'detached' })
  // What somebody else has deleted meanwhile.
  await call(it.sub, 'DELETE', `/v1/objects/media/users/${it.sub}/there.txt`)
  expect(await names(page)).toEqual(['there.txt'])
})
