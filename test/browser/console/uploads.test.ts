// Uploads in the console: chosen, dropped and pasted; paused, cancelled, tried again, and gone on with after a reload.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { gateway } from '../../support/s3/client.ts'
import {
  type Console,
  inspect,
  leave,
  names,
  openConsole,
  signIn,
  store,
  uploadOf,
} from './page.ts'

const s3 = createBucket(gateway)
const isEmbedded = gateway.s3.kind === 'embedded'
const MIB = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'postern-console-'))
let browser: Browser
let it: Console
let page: Page
let devtools: CDPSession
beforeAll(async () => {
  browser = await launchBrowser()
  await s3.allow([gateway.url])
  mkdirSync(join(folder, 'album/2026'), { recursive: true })
  writeFileSync(join(folder, 'album/cover.txt'), 'the cover')
  writeFileSync(join(folder, 'album/2026/one.txt'), 'number one')
  writeFileSync(join(folder, 'single.txt'), 'a single file')
}, 60_000)
afterAll(async () => {
  await browser.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  it = await openConsole(browser, 'edsger')
  page = it.page
  devtools = await it.context.newCDPSession(page)
  await devtools.send('Network.enable')
  await signIn(it)
  await page.getByText('Nothing here yet').waitFor()
})
afterEach(({ task }) => leave(it, task))

/** Random bytes, so that swapped parts would be seen. */
function toBytes(size: number): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at < size; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65_536)))
  return bytes
}

const read = async (path: string): Promise<Buffer> =>
  Buffer.from(await (await s3.get(`users/${it.sub}/${path}`)).arrayBuffer())

async function choose(name: string, buffer: Buffer, mimeType = 'application/octet-stream') {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await (await chooser).setFiles({ name, mimeType, buffer })
}

/** Bytes a second that leave the browser; -1 for as many as can. */
const throttle = (uploadThroughput: number) =>
  devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput,
  })

const progressOf = (name: string) => page.getByRole('progressbar', { name: `Progress of ${name}` })
const isUnderWay = (name: string) =>
  progressOf(name).evaluate(
    (bar) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (bar instanceof HTMLProgressElement && bar.value > 0.05) resolve()
          else requestAnimationFrame(look)
        }
        look()
      }),
  )

test('chosen files are stored as they are, and stand in the list at once', async () => {
  const bytes = toBytes(20 * MIB + 1)
  await choose('large.bin', bytes)
  await uploadOf(page, 'large.bin').getByText('Stored and verified').waitFor()
  expect((await read('large.bin')).equals(bytes)).toBe(true)
  await choose('empty.txt', Buffer.alloc(0), 'text/plain')
  await uploadOf(page, 'empty.txt').getByText('Stored and verified').waitFor()
  expect(await names(page)).toEqual(['empty.txt', 'large.bin'])
  expect(await page.getByRole('status').textContent()).toContain('2 stored')
  await inspect(it, 'stored')
})

test('folders and files that are dropped keep their paths', async () => {
  const files = [join(folder, 'album'), join(folder, 'single.txt')]
  const data = { items: [], files, dragOperationsMask: 1 }
  const point = { x: 600, y: 500, data }
  await devtools.send('Input.dispatchDragEvent', { type: 'dragEnter', ...point })
  await devtools.send('Input.dispatchDragEvent', { type: 'dragOver', ...point })
  await page.getByText('Drop to upload here').waitFor()
  await inspect(it, 'drop')
  await devtools.send('Input.dispatchDragEvent', { type: 'drop', ...point })
  await page.getByText('3 stored', { exact: true }).waitFor()
  expect(await names(page)).toEqual(['album', 'single.txt'])
  expect((await read('album/cover.txt')).toString()).toBe('the cover')
  expect((await read('album/2026/one.txt')).toString()).toBe('number one')
  expect((await read('single.txt')).toString()).toBe('a single file')
  expect(await page.getByText('Drop to upload here').isVisible()).toBe(false)
})

test('a folder that is chosen keeps its paths', async () => {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload folder' }).click()
  await (await chooser).setFiles(join(folder, 'album'))
  await page.getByText('2 stored', { exact: true }).waitFor()
  expect((await read('album/2026/one.txt')).toString()).toBe('number one')
})

test('a pasted picture gets a name of its own', async () => {
  await page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['pixels'], 'image.png', { type: 'image/png' }))
    dispatchEvent(new ClipboardEvent('paste', { clipboardData }))
  })
  await uploadOf(page, 'Pasted').getByText('Stored and verified').waitFor()
  const [name = ''] = await names(page)
  expect(name).toMatch(/^Pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png$/)
  expect((await read(name)).toString()).toBe('pixels')
})

test('paused it rests, and goes on to the same bytes', async () => {
  const bytes = toBytes(24 * MIB)
  await throttle(4 * MIB)
  await choose('film.bin', bytes)
  await isUnderWay('film.bin')
  await inspect(it, 'sending')
  await page.getByRole('button', { name: 'Pause film.bin' }).click()
  await uploadOf(page, 'film.bin').getByText('Paused').waitFor()
  await inspect(it, 'paused')
  expect(await read('film.bin').then((stored) => stored.equals(bytes))).toBe(false)
  await throttle(-1)
  await page.getByRole('button', { name: 'Go on with film.bin' }).click()
  await uploadOf(page, 'film.bin').getByText('Stored and verified').waitFor()
  expect((await read('film.bin')).equals(bytes)).toBe(true)
})

test('cancelled nothing is left; tried again it is stored', async () => {
  const bytes = toBytes(24 * MIB)
  await throttle(4 * MIB)
  await choose('film.bin', bytes)
  await isUnderWay('film.bin')
  const told = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
  await page.getByRole('button', { name: 'Cancel film.bin' }).click()
  await uploadOf(page, 'film.bin').getByText('Cancelled').waitFor()
  expect((await told).status()).toBe(204)
  expect(await s3.keys(`users/${it.sub}/`)).toEqual([])
  if (!isEmbedded) expect(await s3.openUploads(`users/${it.sub}/`)).toEqual([])
  await throttle(-1)
  await page.getByRole('button', { name: 'Try film.bin again' }).click()
  await uploadOf(page, 'film.bin').getByText('Stored and verified').waitFor()
  expect((await read('film.bin')).equals(bytes)).toBe(true)
})

test('a name that exists is refused in words; both are kept when that is asked', async () => {
  await store(it.sub, 'report.txt', 'the first')
  await choose('report.txt', Buffer.from('the second'), 'text/plain')
  const row = uploadOf(page, 'report.txt')
  await row.getByText('A file of this name is here already.').waitFor()
  await inspect(it, 'exists')
  await row.getByRole('button', { name: /^Keep both/ }).click()
  await uploadOf(page, 'report (2).txt').getByText('Stored and verified').waitFor()
  expect((await read('report.txt')).toString()).toBe('the first')
  expect((await read('report (2).txt')).toString()).toBe('the second')
})

test('what the grant refuses is refused before a byte is sent', async () => {
  await page.getByRole('link', { name: /^tiny/ }).click()
  await page.getByRole('heading', { level: 1, name: 'tiny' }).waitFor()
  await choose('large.bin', Buffer.alloc(101))
  const row = uploadOf(page, 'large.bin')
  await row.getByText('Send a smaller file').waitFor()
  expect(await row.getAttribute('data-state')).toBe('failed')
})

/** Chooses a file of three parts on the disk, where the page can find it again. */
async function chooseFilm(): Promise<Buffer> {
  const bytes = toBytes(24 * MIB)
  writeFileSync(join(folder, 'film.bin'), bytes)
  page.on('dialog', (dialog) => void dialog.accept())
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  await (await chooser).setFiles(join(folder, 'film.bin'))
  return bytes
}

/** After a reload: chooses it again and waits until it is stored. */
async function chooseAgain(picture?: string): Promise<void> {
  const left = page.getByRole('region', { name: 'Unfinished uploads' })
  await left.getByText('film.bin').waitFor()
  if (picture) await inspect(it, picture)
  const again = page.waitForEvent('filechooser')
  await left.getByRole('button', { name: 'Choose it to go on' }).click()
  await (await again).setFiles(join(folder, 'film.bin'))
  await uploadOf(page, 'film.bin').getByText('Stored and verified').waitFor()
  await left.waitFor({ state: 'hidden' })
}

test('after a reload an upload is offered, and goes on when its file is chosen', async () => {
  // Two parts are on their way for as long as this page lives.
  const others = /[?&]partNumber=[23]&/
  await page.route(others, () => {})
  const first = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok())
  const bytes = await chooseFilm()
  await first
  await page.reload()
  await page.unroute(others)
  await chooseAgain('unfinished')
  expect((await read('film.bin')).equals(bytes)).toBe(true)
})

test('completed, with an answer that the page never heard, it is done after a reload', async () => {
  const completed = new Promise<number | undefined>((resolve) => {
    devtools.on('Fetch.requestPaused', (paused) => resolve(paused.responseStatusCode))
  })
  await devtools.send('Fetch.enable', {
    patterns: [{ urlPattern: '*/complete', requestStage: 'Response' }],
  })
  const bytes = await chooseFilm()
  expect(await completed).toBe(200)
  await page.reload()
  await devtools.send('Fetch.disable')
  await chooseAgain()
  expect((await read('film.bin')).equals(bytes)).toBe(true)
})

test('many files have one total, and fifty lines at most', async () => {
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Upload', exact: true }).click()
  const files = Array.from({ length: 120 }, (_, at) => ({
    name: `${at}.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from(`file ${at}`),
  }))
  await (await chooser).setFiles(files)
  await page.getByText('120 stored', { exact: true }).waitFor()
  expect(await page.locator('.upload').count()).toBe(50)
  await page.getByText('and 70 more').waitFor()
  expect((await read('77.txt')).toString()).toBe('file 77')
  await page.getByRole('button', { name: 'Clear' }).click()
  await page.getByRole('heading', { name: 'Uploads' }).waitFor({ state: 'hidden' })
  expect(await names(page)).toHaveLength(120)
})
