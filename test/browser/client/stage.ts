// The stage of the client's suites: a browser, a page of the application, a gateway, and the line between page and S3.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { launchBrowser } from '../../support/browser.ts'
import { createBucket } from '../../support/s3/bucket.ts'
import { createClient } from '../../support/s3/client.ts'
import { startGateway } from '../../support/s3/gateway.ts'
import { startLine } from '../../support/s3/line.ts'
import { toContent } from '../uppy/content.ts'
import { startApplication } from './application.ts'
import type { Outcome } from './page.ts'

export const MIB = 2 ** 20

const dist = join(import.meta.dirname, '../../../dist/package')

/** What ships, its names shortened, in place of its source. */
const asShipped: Plugin = {
  name: 'as-shipped',
  setup({ onResolve }) {
    onResolve({ filter: /src\/client\/client\.ts$/ }, () => ({ path: join(dist, 'client.js') }))
  },
}

/** A script for a browser, of this file. */
export const bundle = async (path: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    format: 'esm',
    write: false,
    plugins: [asShipped],
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Calls of the page to the gateway. */
export interface Call {
  readonly method: string
  readonly path: string
}

export async function createStage(script: string, settings: object = {}) {
  const [line, app] = await Promise.all([startLine(), startApplication()])
  const { facts, stop } = await startGateway((url, s3) => {
    const path = new URL(s3.endpoint).pathname.replace(/\/$/, '')
    const { region, bucket } = s3
    const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
    const place = { provider, region, bucket, addressing: 'path', credentials: 'MEDIA' }
    return {
      ORIGINS: [app.origin, url],
      BUCKETS: { media: { ...place, endpoint: line.origin + path } },
      GRANTS: [
        {
          bucket: 'media',
          prefix: 'users/${sub}/',
          allow: ['read', 'upload', 'delete', 'list', 'share'],
          max_bytes: '20GiB',
        },
      ],
      ...settings,
    }
  }, script)
  line.aim(facts.s3.endpoint)
  const s3 = createBucket(facts)
  const { tokenOf } = createClient(facts)
  const [pageScript, worker] = await Promise.all([
    bundle(join(import.meta.dirname, 'page.ts')),
    bundle(join(dist, 'hash-worker.js')),
  ])
  app.addPage('suite', pageScript)
  app.addScript('hash-worker', worker)
  const browser = await launchBrowser()
  await s3.allow([app.origin, facts.url])

  /** Makes the client of a page that has just been loaded. */
  async function start(page: Page, sub: string, connections = 6): Promise<void> {
    const setup = { gateway: facts.url, token: await tokenOf(sub), connections }
    await page.evaluate((given) => window.client.start(given), setup)
  }

  /** A page of the application with a client; `calls` notes what it asks of the gateway. */
  async function openPage(
    context: BrowserContext,
    sub: string,
    calls: Call[] = [],
    /** Before anything of the page runs. */
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<Page> {
    const opened = await context.newPage()
    await prepare(opened)
    opened.on('request', (request) => {
      const { origin, pathname } = new URL(request.url())
      if (origin === facts.url && !pathname.startsWith('/cdn-cgi'))
        calls.push({ method: request.method(), path: pathname })
    })
    await opened.goto(`${app.origin}/suite`)
    await start(opened, sub)
    return opened
  }

  /** The object is what the page made of size and seed. */
  async function expectStored(key: string, size: number, seed: number): Promise<void> {
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    const bytes = new Uint8Array(await (await s3.get(key)).arrayBuffer())
    expect([key, digest(bytes)]).toEqual([key, digest(toContent(size, seed))])
  }

  return {
    line,
    facts,
    s3,
    tokenOf,
    app,
    openContext: (): Promise<BrowserContext> => browser.newContext(),
    openPage,
    start,
    expectStored,
    isEmbedded: facts.s3.kind === 'embedded',
    async end(): Promise<void> {
      await (browser as Browser).close()
      line.stop()
      app.stop()
      await stop()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof createStage>>

export const wait = (page: Page): Promise<Outcome[]> => page.evaluate(() => window.client.wait())
