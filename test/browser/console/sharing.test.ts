// Sharing in the console: a link is made, opened, listed, changed and revoked; a line for curl is run.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import jsQR from 'jsqr'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { gateway } from '../../support/s3/client.ts'
import { type Console, inspect, leave, openConsole, signIn, store } from './page.ts'

const s3 = createBucket(gateway)
let browser: Browser
let it: Console
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  it = await openConsole(browser, 'barbara')
  page = it.page
})
afterEach(({ task }) => leave(it, task))

const dialog = () => page.getByRole('dialog')

async function begin(...files: readonly string[]): Promise<void> {
  for (const name of files) await store(it.sub, name, `this is ${name}`)
  await signIn(it)
}
async function openShare(name: string): Promise<void> {
  await page.getByRole('button', { name: `Share ${name}`, exact: true }).click()
  await dialog()
    .getByRole('heading', { name: `Share ${name}` })
    .waitFor()
}
async function make(): Promise<string> {
  await dialog().getByRole('button', { name: 'Make the link' }).click()
  return dialog().getByLabel('Link', { exact: true }).inputValue()
}
/** What the link gives to a program. */
const open = (url: string, password?: string): Promise<Response> =>
  fetch(url, { headers: password === undefined ? {} : { 'Postern-Password': password } })

/** What a phone reads from the code on the screen, by another implementation. */
async function scan(): Promise<string | undefined> {
  const png = await dialog().getByRole('img', { name: 'QR code of the link' }).screenshot()
  // Not in the page itself: its policy admits no data: URL.
  const other = await it.context.newPage()
  const { width, height, data } = await other.evaluate(
    async (source) => {
      const image = await createImageBitmap(await (await fetch(source)).blob())
      const canvas = new OffscreenCanvas(image.width, image.height)
      const context = canvas.getContext('2d')
      context?.drawImage(image, 0, 0)
      const pixels = context?.getImageData(0, 0, image.width, image.height).data ?? []
      return { width: image.width, height: image.height, data: [...pixels] }
    },
    `data:image/png;base64,${png.toString('base64')}`,
  )
  await other.close()
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data
}

/** Half past six in the evening in Berlin, as a field takes it, as the gateway does, and as it is said. */
function inTwentyDays(): { local: string; utc: string; spoken: RegExp } {
  const timeZone = 'Europe/Berlin'
  const later = new Date(Date.now() + 20 * 86_400_000)
  const day = later.toLocaleDateString('sv-SE', { timeZone })
  const toHour = (time: Date): string => time.toLocaleTimeString('en-GB', { timeZone }).slice(0, 2)
  const evenings = ['16', '17'].map((hour) => new Date(`${day}T${hour}:30:00Z`))
  const utc = evenings.find((time) => toHour(time) === '18')?.toISOString() ?? ''
  const form = { timeZone, day: 'numeric', month: 'long', year: 'numeric' } as const
  const date = later.toLocaleDateString('en-GB', form)
  const spoken = new RegExp(
    `^Ends \\w+day, ${date} at 18:30 your time \\((CET|CEST|GMT\\+[12])\\)$`,
  )
  return { local: `${day}T18:30`, utc, spoken }
}

async function goToLinks(): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name: 'My links' }).click()
  await page.getByRole('heading', { level: 1, name: 'My links' }).waitFor()
}

test('a link with a strong password, as it is offered: made, copied, shown as a code, opened', async () => {
  await begin('Quarterly report.txt')
  await openShare('Quarterly report.txt')
  // The moment is shown as it is here: the test's browser is in Berlin.
  await dialog()
    .getByText(/^Ends \w+day, \d+ \w+ \d{4} at \d\d:\d\d your time \((CET|CEST|GMT\+[12])\)$/)
    .waitFor()
  await inspect(it, 'share')
  const url = await make()
  const password = await dialog().getByLabel('Password', { exact: true }).inputValue()
  expect(password).toMatch(/^[a-z0-9]{5}(-[a-z0-9]{5}){3}$/)
  await dialog()
    .getByRole('button', { name: 'Copy link and password' })
    .or(dialog().getByRole('button', { name: 'Copy both link and password' }))
    .click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${url}\n${password}`)
  await dialog().getByRole('button', { name: 'QR code' }).click()
  expect(await scan()).toBe(url)
  await inspect(it, 'link-made')
  expect((await open(url)).status).toBe(403)
  expect(await (await open(url, password)).text()).toBe('this is Quarterly report.txt')
})

test('where the system has a share sheet, it is given the link and its label', async () => {
  // Headless Chromium has no such sheet: what would be handed over is kept.
  await page.addInitScript(() => {
    const handed: unknown[] = []
    Object.assign(navigator, {
      share: (data: unknown) => Promise.resolve(handed.push(data)),
      handed,
    })
  })
  await page.reload()
  await begin('plan.txt')
  await openShare('plan.txt')
  await dialog().getByLabel('Label').fill('Für Zoë')
  const url = await make()
  await dialog().getByRole('button', { name: 'Share…' }).click()
  const handed = await page.evaluate(() => (navigator as Navigator & { handed?: unknown }).handed)
  expect(handed).toEqual([{ url, title: 'Für Zoë' }])
})

test('all conditions reach the gateway, and a time of one’s own is local', async () => {
  await begin('plan.txt')
  await openShare('plan.txt')
  await dialog().getByLabel('Other…').check()
  const { local, utc, spoken } = inTwentyDays()
  await dialog().getByLabel('Ends at').fill(local)
  await dialog().getByText(spoken).waitFor()
  await dialog().getByLabel('My own').check()
  await dialog().getByLabel('Password', { exact: true }).fill('correct horse')
  await dialog().getByLabel('Downloads').fill('3')
  await dialog().getByLabel('Label').fill('Für Zoë')
  await dialog().getByText('More conditions').click()
  await dialog().getByLabel('Countries').fill('de, at')
  await dialog().getByText('Germany, Austria').waitFor()
  await dialog().getByLabel('Networks').fill('192.0.2.0/24 2001:db8::/32')
  await dialog().getByLabel('File name').fill('the plan.txt')
  await dialog().getByLabel('Delivery').selectOption('stream')
  await inspect(it, 'share-conditions')
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.url().endsWith('/v1/links') && sent.method() === 'POST'),
    make(),
  ])
  expect(request.postDataJSON()).toEqual({
    bucket: 'media',
    key: `users/${it.sub}/plan.txt`,
    expiresAt: utc,
    password: 'correct horse',
    maxDownloads: 3,
    label: 'Für Zoë',
    countries: ['DE', 'AT'],
    cidrs: ['192.0.2.0/24', '2001:db8::/32'],
    filename: 'the plan.txt',
    delivery: 'stream',
  })
  expect((await request.response())?.status()).toBe(201)
})

test('several files, and a folder', async () => {
  await begin('a.txt', 'b.txt', 'album/1.txt')
  await page.getByLabel('Select a.txt').check()
  await page.getByLabel('Select b.txt').check()
  await page
    .getByRole('group', { name: 'Selected files' })
    .getByRole('button', { name: 'Share' })
    .click()
  await dialog().getByRole('heading', { name: 'Share 2 files' }).waitFor()
  await dialog().getByLabel('None').check()
  const files = (await (await open(await make())).json()) as { files: { name: string }[] }
  expect(files.files.map(({ name }) => name)).toEqual(['a.txt', 'b.txt'])
  await dialog().getByRole('button', { name: 'Done' }).click()
  await openShare('album')
  await dialog().getByLabel('None').check()
  expect(await (await open(`${await make()}/1.txt`)).text()).toBe('this is album/1.txt')
})

test('a request for files: who has the link may send so many of such a kind', async () => {
  await begin()
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('button', { name: 'Request files' }).click()
  await dialog().getByLabel('Files at most').fill('5')
  await dialog().getByLabel('MB each at most').fill('2')
  await dialog().getByLabel('Which').selectOption('Pictures')
  await dialog().getByLabel('None').check()
  await inspect(it, 'request')
  const answer = await open(await make())
  expect(await answer.json()).toMatchObject({
    upload: { maxBytes: 2_000_000, types: ['image/*'], maxFiles: 5 },
    left: 5,
  })
  await dialog().getByRole('button', { name: 'Done' }).click()
  await goToLinks()
  await page.getByText('0 of 5 files received').waitFor()
})

test('what one has shared is listed, changed and revoked', async () => {
  await begin('notes.txt')
  await openShare('notes.txt')
  await dialog().getByLabel('None').check()
  await dialog().getByLabel('Downloads').fill('2')
  const url = await make()
  await dialog().getByRole('button', { name: 'Done' }).click()
  expect((await open(url)).status).toBe(200)
  await goToLinks()
  const row = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: 'notes.txt' }) })
  await row.getByText('1 of 2 opens').waitFor()
  await row.getByText('Active').waitFor()
  await row.getByRole('button', { name: 'Edit' }).click()
  await inspect(it, 'edit')
  await dialog().getByLabel('Downloads').fill('5')
  await dialog().getByLabel('Label').fill('Meeting notes')
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === 'PATCH'),
    dialog().getByRole('button', { name: 'Save' }).click(),
  ])
  expect(request.postDataJSON()).toEqual({ label: 'Meeting notes', maxDownloads: 5 })
  await page.getByRole('heading', { name: 'Meeting notes' }).waitFor()
  await page.getByText('1 of 5 opens').waitFor()
  await inspect(it, 'links')
  await page.getByRole('button', { name: 'Revoke the link to Meeting notes' }).click()
  await dialog().getByRole('button', { name: 'Revoke' }).click()
  await page.getByText('Revoked').waitFor()
  expect((await open(url)).status).toBe(410)
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.getByText('Revoked').waitFor()
  expect(await page.getByRole('button', { name: /^Edit/ }).count()).toBe(0)
})

test('a term is taken away by emptying its field', async () => {
  await begin('notes.txt')
  await openShare('notes.txt')
  await dialog().getByLabel('Downloads').fill('1')
  await dialog().getByLabel('Label').fill('once')
  const url = await make()
  await dialog().getByRole('button', { name: 'Done' }).click()
  await goToLinks()
  await page.getByRole('button', { name: 'Edit the link to once' }).click()
  await dialog().getByLabel('Downloads').fill('')
  await dialog().getByLabel('None', { exact: true }).check()
  await dialog().getByRole('button', { name: 'Save' }).click()
  await page.getByText('opens not counted').waitFor()
  for (let times = 0; times < 2; times += 1)
    expect(await (await open(url)).text()).toBe('this is notes.txt')
})

test('a refusal is said in the dialog, which stays open', async () => {
  await begin('notes.txt')
  await openShare('notes.txt')
  await dialog().getByText('More conditions').click()
  await dialog().getByLabel('Networks').fill('not a network')
  await dialog().getByRole('button', { name: 'Make the link' }).click()
  await dialog().getByText('Correct it and try again.').first().waitFor()
  expect(await dialog().locator('.notice code').textContent()).toMatch(/^[\w-]{16}$/)
  await inspect(it, 'share-refused')
  await dialog().getByLabel('Networks').fill('')
  expect(await make()).toContain('/l/')
})

test('no links, and how they come to be', async () => {
  await begin()
  await goToLinks()
  await page.getByText('No links yet').waitFor()
  await inspect(it, 'no-links')
  expect(await page.getByRole('listitem').filter({ hasText: 'Edit' }).count()).toBe(0)
})

test('a line for curl stores the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-curl-'))
  const name = "it's $HOME & Grüße.txt"
  writeFileSync(join(folder, name), 'sent by curl')
  await begin()
  await page.getByText('More', { exact: true }).click()
  await page.getByRole('button', { name: 'Upload with curl' }).click()
  const chooser = page.waitForEvent('filechooser')
  await dialog().getByRole('button', { name: 'Fill in from a file…' }).click()
  await (await chooser).setFiles(join(folder, name))
  await inspect(it, 'curl')
  await dialog().getByRole('button', { name: 'Make the line' }).click()
  const line = await dialog().getByLabel('Run this where the file is', { exact: true }).inputValue()
  await inspect(it, 'curl-made')
  execFileSync('sh', ['-c', line], { cwd: folder, stdio: 'pipe' })
  expect(await (await s3.get(`users/${it.sub}/${name}`)).text()).toBe('sent by curl')
  rmSync(folder, { recursive: true })
})
