// What the suites of Uppy share: a gateway whose S3 is behind the chaos proxy, a browser, and a page that runs Uppy.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { Mode } from '../../../scripts/docs/uppy-promises.ts'
import { capabilitiesOf } from '../../../src/core/sign/provider.ts'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { startChaosProxy } from '../../support/s3/chaos-proxy.ts'
import { createClient, gateway } from '../../support/s3/client.ts'
import { startGateway } from '../../support/s3/gateway.ts'
import { toContent } from './content.ts'
import type { Setup } from './page.ts'

export const MIB = 2 ** 20
export const isEmbedded = gateway.s3.kind === 'embedded'
export const SEED = Number(process.env['UPPY_SEED'] ?? 20_261_125)
const PROVIDER = isEmbedded ? 'r2' : 'ceph'
const APP = 'http://localhost:4999'

/** What the storage under test can do, from the table that the gateway decides by. */
export const can = capabilitiesOf(PROVIDER, new URL(gateway.s3.endpoint).pathname)

/** Bytes of the parts that a mode sends, of a file below 32 GiB. */
export const partSizeOf = (mode: Mode): number => (mode === 'postern/uppy' ? 8 : 5) * MIB

export interface Stored {
  readonly name: string
  readonly size: number
  readonly seed?: number
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function bundlePage(): Promise<string> {
  const built = await build({
    entryPoints: [join(import.meta.dirname, 'page.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'error',
  })
  return built.outputFiles[0]?.text ?? ''
}

export async function startSuite() {
  const proxy = await startChaosProxy(SEED)
  const { facts, stop } = await startGateway((url, s3) => {
    const path = new URL(s3.endpoint).pathname.replace(/\/$/, '')
    const { region, bucket } = s3
    const place = { region, bucket, addressing: 'path', credentials: 'MEDIA' }
    return {
      ORIGINS: [APP, url],
      BUCKETS: { media: { provider: PROVIDER, ...place, endpoint: proxy.origin + path } },
      GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['upload'], max_bytes: '1GiB' }],
    }
  }, gateway.script)
  proxy.aim(facts.s3.endpoint)
  const client = createClient(facts)
  const s3 = createBucket(facts)
  await s3.allow([APP, facts.url])
  const [script, browser] = await Promise.all([bundlePage(), launchBrowser()])

  /** Exactly these files stand below the user's prefix, whole, and S3 lists no upload but those given. */
  async function expectStored(
    sub: string,
    files: readonly Stored[],
    uploads: readonly string[] = [],
  ): Promise<void> {
    const keys = await s3.keys(`users/${sub}/`)
    const last = (key: string): string => key.split('/').at(-1) ?? ''
    const nameOf = (key: string): string => last(key).replace(/^\w{8}(-\w{4}){3}-\w{12}-/, '')
    expect(keys.map(nameOf).toSorted()).toEqual(files.map(({ name }) => name).toSorted())
    for (const { name, size, seed = 1 } of files) {
      const key = keys.find((candidate) => nameOf(candidate) === name) ?? ''
      const bytes = new Uint8Array(await (await s3.get(key)).arrayBuffer())
      expect([name, digest(bytes)]).toEqual([name, digest(toContent(size, seed))])
    }
    if (can.listParts) expect(await s3.openUploads(`users/${sub}/`)).toEqual(uploads)
  }

  return {
    proxy,
    facts,
    client,
    s3,
    expectStored,
    openTab: (): Promise<Tab> => openTab(browser, script, { url: facts.url, ...client }),
    async stop(): Promise<void> {
      await browser.close()
      proxy.stop()
      await stop()
    },
  }
}

export type Tab = Awaited<ReturnType<typeof openTab>>

interface Origin {
  readonly url: string
  readonly tokenOf: (sub: string) => Promise<string>
}

/** A page of its own, with its own cookies and storage, in which Uppy runs. */
async function openTab(browser: Browser, script: string, { url, tokenOf }: Origin) {
  const context: BrowserContext = await browser.newContext()
  const page: Page = await context.newPage()
  await page.route('**/suite', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script type=module src=suite.js></script>' }),
  )
  await page.route('**/suite.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body: script }),
  )
  return {
    page,
    close: (): Promise<void> => context.close(),
    /** The application's page; Companion's protocol is spoken from the gateway's own origin. */
    async open(mode: Mode, sub: string, more: Partial<Setup> = {}): Promise<void> {
      await page.goto(`${mode === 'companion' ? url : APP}/suite`)
      const token = await tokenOf(sub)
      if (mode === 'companion')
        await page.evaluate(async (bearer) => {
          const headers = { Authorization: `Bearer ${bearer}` }
          await fetch('/v1/session', { method: 'POST', headers })
        }, token)
      const setup: Setup = { mode, gateway: url, token, multipart: true, ...more }
      await page.evaluate((given) => window.drive.start(given), setup)
    },
    add: (name: string, size: number, seed = 1, type = 'application/octet-stream') =>
      page.evaluate(
        ([fileName, fileType, bytes, from]) => window.drive.add(fileName, fileType, bytes, from),
        [name, type, size, seed] as const,
      ),
    upload: () => page.evaluate(() => window.drive.upload()),
    retry: () => page.evaluate(() => window.drive.retry()),
    wait: () => page.evaluate(() => window.drive.wait()),
    messages: () => page.evaluate(() => window.drive.messages()),
  }
}
