// Stock Uppy in a headless Chromium, in each of its modes, over a line with mishaps; the table of docs/uppy.md.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { startChaosProxy } from '../support/s3/chaos-proxy.ts'
import { createClient, gateway } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { toContent } from './uppy/content.ts'
import type { Mode, Outcome, Setup } from './uppy/page.ts'

const MIB = 2 ** 20
/** `npm run test:uppy` sends 100 MiB. */
const LARGE = Number(process.env['UPPY_MIB'] ?? 24) * MIB
const SEED = Number(process.env['UPPY_SEED'] ?? 20_261_125)
const APP = 'http://localhost:4999'
const MODES: readonly Mode[] = ['companion', 'signRequest', 'postern/uppy']
const isEmbedded = gateway.s3.kind === 'embedded'

const proxy = await startChaosProxy(SEED)
const { facts, stop } = await startGateway((url, s3) => {
  const path = new URL(s3.endpoint).pathname.replace(/\/$/, '')
  const { region, bucket } = s3
  const place = { region, bucket, addressing: 'path', credentials: 'MEDIA' }
  return {
    ORIGINS: [APP, url],
    BUCKETS: {
      media: { provider: isEmbedded ? 'r2' : 'ceph', ...place, endpoint: proxy.origin + path },
    },
    GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['upload'], max_bytes: '1GiB' }],
  }
}, gateway.script)
proxy.aim(facts.s3.endpoint)
const { tokenOf } = createClient(facts)
const s3 = createBucket(facts)
let script: string
let browser: Browser
let context: BrowserContext
let page: Page

beforeAll(async () => {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'uppy/page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  script = built.outputFiles[0]?.text ?? ''
  browser = await launchBrowser()
  await s3.allow([APP, facts.url])
}, 120_000)
afterAll(async () => {
  await browser.close()
  proxy.stop()
  await stop()
})

/** A page of the application; Companion's protocol is spoken from the gateway's own origin. */
async function open(mode: Mode, sub: string, more: Partial<Setup> = {}): Promise<void> {
  const origin = mode === 'companion' ? facts.url : APP
  await page.goto(`${origin}/suite`)
  const token = await tokenOf(sub)
  if (mode === 'companion')
    await page.evaluate(async (bearer) => {
      const headers = { Authorization: `Bearer ${bearer}` }
      await fetch('/v1/session', { method: 'POST', headers })
    }, token)
  const setup: Setup = { mode, gateway: facts.url, token, ...more }
  await page.evaluate((given) => window.drive.start(given), setup)
}

beforeEach(async () => {
  proxy.reset()
  context = await browser.newContext()
  page = await context.newPage()
  await page.route('**/suite', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script type=module src=suite.js></script>' }),
  )
  await page.route('**/suite.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  )
})
afterEach(() => context.close())

const add = (name: string, type: string, size: number, seed = 1): Promise<void> =>
  page.evaluate(
    ([fileName, fileType, bytes, from]) => window.drive.add(fileName, fileType, bytes, from),
    [name, type, size, seed] as const,
  )
const upload = (): Promise<void> => page.evaluate(() => window.drive.upload())
const retry = (): Promise<void> => page.evaluate(() => window.drive.retry())
const wait = (): Promise<Outcome> => page.evaluate(() => window.drive.wait())
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Exactly these files stand below the user's prefix, whole, and S3 lists no upload. */
async function expectStored(
  sub: string,
  files: readonly { name: string; size: number; seed?: number }[],
): Promise<void> {
  const keys = await s3.keys(`users/${sub}/`)
  const last = (key: string): string => key.split('/').at(-1) ?? ''
  expect(
    keys.map((key) => last(key).replace(/^[\w]{8}(-\w{4}){3}-\w{12}-/, '')).toSorted(),
  ).toEqual(files.map(({ name }) => name).toSorted())
  for (const { name, size, seed = 1 } of files) {
    const key = keys.find((candidate) => candidate.endsWith(name)) ?? ''
    const bytes = new Uint8Array(await (await s3.get(key)).arrayBuffer())
    expect([name, digest(bytes)]).toEqual([name, digest(toContent(size, seed))])
  }
  if (!isEmbedded) expect(await s3.openUploads(`users/${sub}/`)).toEqual([])
}

const table: string[] = []
afterAll(() => {
  const rows = table.map(
    (row) => `| ${gateway.s3.kind === 'embedded' ? 'local R2' : 'Ceph'} | ${row} |`,
  )
  process.stdout.write(`${rows.join('\n')}\n`)
})

describe.each(MODES)('%s', (mode) => {
  const sub = (name: string): string => `${mode.replace('/', '-')}-${name}`
  /** Bytes of the parts that this mode sends. */
  const partSize = mode === 'postern/uppy' ? 8 * MIB : 5 * MIB
  const size = 2 * partSize + 1000
  const hasSingle = mode === 'postern/uppy' || !isEmbedded
  const note = (what: string, how: string): number => table.push(`${mode} | ${what} | ${how}`)

  test('one request: a small file and an empty one', async () => {
    await open(mode, sub('single'), { multipart: false })
    await add('small.txt', 'text/plain', 1000)
    await add('empty.txt', 'text/plain', 0)
    await upload()
    const outcome = await wait()
    note('single, 0 bytes', hasSingle ? 'yes' : '501')
    if (hasSingle) {
      expect(outcome.failed).toEqual([])
      await expectStored(sub('single'), [
        { name: 'small.txt', size: 1000 },
        { name: 'empty.txt', size: 0 },
      ])
      return
    }
    expect(outcome.failed).toHaveLength(2)
    await expectStored(sub('single'), [])
  })

  test(
    `${LARGE / MIB} MiB over a bad line, names with odd characters`,
    { timeout: 300_000 },
    async () => {
      const names = ["Grüße & <Küsse> '+(1)!*~ 100%.bin", '日本語 🎬 %2e%2e.bin']
      await open(mode, sub('large'), { multipart: true })
      await add(names[0] ?? '', 'application/octet-stream', LARGE, 7)
      await add(names[1] ?? '', 'application/octet-stream', 6 * MIB, 8)
      proxy.disturb(0.15)
      await upload()
      let outcome = await wait()
      for (let again = 0; again < 20 && outcome.failed.length > 0; again += 1) {
        await retry()
        outcome = await wait()
      }
      expect(outcome.failed).toEqual([])
      await expectStored(sub('large'), [
        { name: names[0] ?? '', size: LARGE, seed: 7 },
        { name: names[1] ?? '', size: 6 * MIB, seed: 8 },
      ])
      note(`${LARGE / MIB} MiB with mishaps`, `yes (${proxy.mishaps()} mishaps)`)
    },
  )

  test('pause and resume: nothing that is stored is sent again', async () => {
    await open(mode, sub('pause'), { multipart: true })
    await add('film', 'video/mp4', size)
    const arrived = proxy.hold(2)
    await upload()
    await arrived
    await page.evaluate(() => window.drive.pause())
    await page.evaluate(() => window.drive.resume())
    expect((await wait()).failed).toEqual([])
    expect(proxy.stored()).toEqual([1, 2, 3])
    await expectStored(sub('pause'), [{ name: 'film', size }])
    note('pause, resume', 'yes')
  })

  test('cancel leaves nothing', async () => {
    await open(mode, sub('cancel'), { multipart: true })
    await add('film', 'video/mp4', size)
    const arrived = proxy.hold(2)
    await upload()
    await arrived
    const aborted = page.waitForResponse((answer) => answer.request().method() === 'DELETE')
    await page.evaluate(() => window.drive.cancel())
    expect((await aborted).ok()).toBe(true)
    await expectStored(sub('cancel'), [])
    note('cancel', 'yes')
  })

  test('retry after a failure goes on where it was', async () => {
    await open(mode, sub('retry'), { multipart: true })
    await add('film', 'video/mp4', size)
    proxy.refuse(2)
    await upload()
    expect((await wait()).failed).toHaveLength(1)
    await retry()
    expect((await wait()).failed).toEqual([])
    // A storage that cannot list what it has gets it once more.
    expect(proxy.stored()).toEqual(isEmbedded ? [1, 1, 2, 3] : [1, 2, 3])
    await expectStored(sub('retry'), [{ name: 'film', size }])
    note('retry after failure', isEmbedded ? 'yes, from the start' : 'yes')
  })

  test('reload and go on: nothing that is stored is sent again', async () => {
    await open(mode, sub('reload'), { multipart: true, retriever: true })
    await add('film', 'video/mp4', size)
    const arrived = proxy.hold(3)
    await upload()
    await arrived
    await page.waitForFunction(() => window.drive.isKept())
    await open(mode, sub('reload'), { multipart: true, retriever: true })
    await page.evaluate(() => window.drive.recover())
    expect((await wait()).failed).toEqual([])
    expect(proxy.stored()).toEqual(isEmbedded ? [1, 2, 1, 2, 3] : [1, 2, 3])
    await expectStored(sub('reload'), [{ name: 'film', size }])
    note('reload, go on', isEmbedded ? 'yes, from the start' : 'yes')
  })

  describe('lost answers of control calls', () => {
    const base = mode === 'companion' ? '/s3/multipart' : '/v1/uppy/uploads'
    const rest = '[^/?]+'
    const CALLS: readonly (readonly [string, string, RegExp])[] = [
      ...(mode === 'companion' ? [] : [['sign', 'POST', /\/v1\/uppy\/sign$/] as const]),
      ['create', 'POST', new RegExp(`${base}(\\?.*)?$`)],
      [
        'parts',
        mode === 'companion' ? 'GET' : 'POST',
        mode === 'companion'
          ? /\/s3\/multipart\/[^/]+\/\d+\?/
          : mode === 'signRequest'
            ? /\/v1\/uppy\/sign$/
            : /\/v1\/uploads\/[^/]+\/parts$/,
      ],
      [
        'complete',
        'POST',
        new RegExp(mode === 'companion' ? `${base}/${rest}/complete` : `${base}/${rest}$`),
      ],
    ]

    test.each(CALLS)('%s', async (name, method, pattern) => {
      const user = sub(`lost-${name}`)
      // Of calls that share a path the later one is meant.
      let skipped = mode === 'signRequest' && name === 'parts' ? 1 : 0
      let lost = 0
      const lose = async (route: Route): Promise<void> => {
        const isMeant = route.request().method() === method && lost === 0
        if (!isMeant || skipped > 0) {
          if (isMeant) skipped -= 1
          return route.continue()
        }
        lost += 1
        // Done, and nobody hears of it.
        await route.fetch()
        return route.abort('connectionreset')
      }
      await page.route(pattern, lose)
      await open(mode, user, { multipart: true })
      await add('film', 'video/mp4', partSize + 1)
      await upload()
      let outcome = await wait()
      if (outcome.failed.length > 0) {
        await retry()
        outcome = await wait()
      }
      expect([outcome.failed, outcome.done.length, lost]).toEqual([[], 1, 1])
      // What a lost answer of Companion's create has opened is cleared by housekeeping.
      const keys = await s3.keys(`users/${user}/`)
      expect(keys).toHaveLength(1)
      const bytes = new Uint8Array(await (await s3.get(keys[0] ?? '')).arrayBuffer())
      expect(digest(bytes)).toBe(digest(toContent(partSize + 1, 1)))
      // The parts that are there are not sent again, not even after completion.
      expect(proxy.stored()).toEqual([1, 2])
    })

    test('abort', async () => {
      const user = sub('lost-abort')
      await page.route(new RegExp(`${base}/${rest}`), async (route) => {
        if (route.request().method() !== 'DELETE') return route.continue()
        await route.fetch()
        return route.abort('connectionreset')
      })
      await open(mode, user, { multipart: true })
      await add('film', 'video/mp4', partSize + 1)
      const arrived = proxy.hold(2)
      await upload()
      await arrived
      const failed = page.waitForEvent('requestfailed', (one) => one.method() === 'DELETE')
      await page.evaluate(() => window.drive.cancel())
      await failed
      await expectStored(user, [])
      expect(proxy.stored()).toEqual([1])
      note('lost answers', 'one object')
    })
  })
})

test('postern/uppy says in words what the gateway refuses', async () => {
  await open('postern/uppy', 'words')
  await page.evaluate(() => window.drive.add('huge.bin', 'not a type', 5, 1))
  await upload()
  await wait()
  const messages = await page.evaluate(() => window.drive.messages())
  expect(messages).toEqual([expect.stringMatching(/^(The request is malformed|S3 returned 400)/)])
})
