// What the measurements share: files on disk, a page that sends one, and what it cost.
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { type Call, createStage, MIB, wait } from '../../test/browser/client/stage.ts'
import { gateway } from '../../test/support/s3/client.ts'
import { type Row, writeRow } from './rows.ts'

/** Less of each for a busy machine; what was run stands in the table. */
export const SEEDS = Number(process.env['BENCH_SEEDS'] ?? 20)
export const SIZE_MIB = Number(process.env['BENCH_MIB'] ?? 256)
export const LARGE_MIB = Number(process.env['BENCH_LARGE_MIB'] ?? 1024)

export interface Sent {
  readonly isDone: boolean
  readonly ms: number
  /** Body bytes of PUTs that the browser gave to its sockets. */
  readonly bytes: number
}

/** Before the page's own script: what each PUT has sent when it ends, however it ends. */
const COUNT = `
  window.putBytes = 0
  const { send } = XMLHttpRequest.prototype
  XMLHttpRequest.prototype.send = function (body) {
    let sent = 0
    this.upload.addEventListener('progress', ({ loaded }) => {
      window.putBytes += Math.max(0, loaded - sent)
      sent = Math.max(sent, loaded)
    })
    send.call(this, body)
  }`

export async function createStand() {
  const stage = await createStage(gateway.script)
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'))

  function toFile(name: string, mib: number, isSparse = false): string {
    const path = join(folder, name)
    const file = openSync(path, 'w')
    const block = randomFillSync(Buffer.alloc(MIB))
    if (isSparse) ftruncateSync(file, mib * MIB)
    else for (let at = 0; at < mib; at += 1) writeFileSync(file, block)
    closeSync(file)
    return path
  }

  /** A page that has chosen the file. */
  async function openChosen(
    sub: string,
    path: string,
    calls: Call[] = [],
    given?: BrowserContext,
  ): Promise<Page> {
    const context = given ?? (await stage.openContext())
    const page = await stage.openPage(context, sub, calls, (fresh) => fresh.addInitScript(COUNT))
    await page.locator('input').setInputFiles(path)
    return page
  }

  const send = (page: Page, sub: string): Promise<void> =>
    page.evaluate((prefix) => window.client.addChosen({ bucket: 'media', prefix }), toPrefix(sub))

  /** One file by our client; what it stored is gone again afterwards. */
  async function sendOurs(sub: string, path: string, calls: Call[] = []): Promise<Sent> {
    const page = await openChosen(sub, path, calls)
    const from = performance.now()
    await send(page, sub)
    const [outcome] = await wait(page)
    const ms = performance.now() - from
    const bytes = await page.evaluate(() => window.putBytes)
    await page.context().close()
    await stage.s3.clear(toPrefix(sub))
    const isDone = outcome?.state === 'done' && outcome.size === statSync(path).size
    if (!isDone) process.stdout.write(`${sub}: ${JSON.stringify(outcome)}\n`)
    return { isDone, ms, bytes }
  }

  return {
    stage,
    toFile,
    openChosen,
    send,
    sendOurs,
    note: (row: Row): void => writeRow(row, stage.isEmbedded ? "wrangler's local R2" : 'Ceph'),
    async end(): Promise<void> {
      rmSync(folder, { recursive: true })
      await stage.end()
    },
  }
}

export type Stand = Awaited<ReturnType<typeof createStand>>

export const toPrefix = (sub: string): string => `users/${sub}/`
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

declare global {
  interface Window {
    putBytes: number
  }
}
