// The size of the Worker as it is deployed, printed and bounded (docs/decisions/0006).
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { INTERNAL } from '../scripts/package/browser.ts'
import { buildWorker } from './support/s3/gateway.ts'

const MAX_GZIP_BYTES = 79.25 * 1024

test('the deployed bundle is at most 79.25 KiB gzip', { timeout: 60_000 }, () => {
  const bytes = gzipSync(readFileSync(buildWorker())).length
  process.stdout.write(`bundle: ${(bytes / 1024).toFixed(1)} KiB gzip\n`)
  expect(bytes).toBeLessThanOrEqual(MAX_GZIP_BYTES)
})

test('postern/uppy is at most 1.5 KiB gzip', () => {
  const bytes = gzipSync(readFileSync(join(import.meta.dirname, '../dist/package/uppy.js'))).length
  process.stdout.write(`postern/uppy: ${bytes} bytes gzip\n`)
  expect(bytes).toBeLessThanOrEqual(1536)
})

const built = join(import.meta.dirname, '../dist/package')

test.each([
  // All of it, in one file; the aim is 6 KiB: docs/decisions/0008-client-size.md.
  ['client', 7.5 * 1024],
  // Apart, in a worker.
  ['hash-worker', 2112],
])('postern/client: %s.js is small', (name, most) => {
  const bytes = gzipSync(readFileSync(join(built, `${name}.js`))).length
  process.stdout.write(`${name}.js: ${bytes} bytes gzip\n`)
  expect(bytes).toBeLessThanOrEqual(most)
})

test('names that postern/client shortens are known to nobody else', () => {
  const modules = join(import.meta.dirname, '../node_modules/@typescript')
  const libraries = readdirSync(modules).map((name) => join(modules, name, 'lib'))
  const contract = join(built, 'types/contract')
  const files = [...libraries, contract].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^(?:lib\.(?:dom|es).*|[^.]+)\.d\.ts$/.test(name))
      .map((name) => join(folder, name)),
  )
  const own = ['client', 'error', 'files', 'postern', 'types']
  for (const name of own) files.push(join(built, `types/client/${name}.d.ts`))
  const known = new Set(
    files.flatMap((file) => {
      const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      return text.match(/[\w$]+/g) ?? []
    }),
  )
  expect(known.has('addEventListener')).toBe(true)
  expect(known.has('retryAfterMs')).toBe(true)
  expect(known.has('resumableUntil')).toBe(true)
  expect(INTERNAL.filter((name) => known.has(name))).toEqual([])
  const text = readFileSync(join(built, 'client.js'), 'utf8')
  expect(INTERNAL.filter((name) => new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
})

/** Scripts of the console by what they are for: its start, with the client, and what it loads when that is wanted. */
function toConsoleSizes(): { start: number; later: number } {
  const folder = join(import.meta.dirname, '../dist/assets')
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  const sizeOf = (name: string): number => gzipSync(read(name)).length
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, name) => total + sizeOf(name), 0)
  const all = readdirSync(folder).filter((name) => /^console.*\.js$/.test(name))
  const start = new Set(['console.js'])
  // A set gives what is added while it is walked: imports of imports as well, but not `import()`.
  for (const name of start)
    for (const [, found = ''] of read(name).matchAll(/from"\.\/(console-[\w-]+\.js)"/g))
      start.add(found)
  return { start: sum(start), later: sum(all.filter((name) => !start.has(name))) }
}

test('the console is at most 20 KiB gzip at its start, and 10 more when all of it is used', () => {
  const { start, later } = toConsoleSizes()
  process.stdout.write(`console: ${start} bytes gzip at its start, ${later} later\n`)
  expect(start).toBeLessThanOrEqual(20 * 1024)
  expect(later).toBeLessThanOrEqual(10 * 1024)
  expect(later).toBeGreaterThan(1024)
})

test('the page of a link that asks for files is at most 9.75 KiB gzip', () => {
  const path = join(import.meta.dirname, '../dist/assets/link-upload.js')
  const bytes = gzipSync(readFileSync(path)).length
  process.stdout.write(`link-upload.js: ${bytes} bytes gzip\n`)
  expect(bytes).toBeLessThanOrEqual(9.75 * 1024)
})
