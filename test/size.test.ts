// The size of the Worker as it is deployed, printed and bounded (docs/decisions/0006).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { buildWorker } from './support/s3/gateway.ts'

const MAX_GZIP_BYTES = 78 * 1024

test('the deployed bundle is at most 78 KiB gzip', { timeout: 60_000 }, () => {
  const bytes = gzipSync(readFileSync(buildWorker())).length
  process.stdout.write(`bundle: ${(bytes / 1024).toFixed(1)} KiB gzip\n`)
  expect(bytes).toBeLessThanOrEqual(MAX_GZIP_BYTES)
})

test('postern/uppy is at most 1.5 KiB gzip', () => {
  const bytes = gzipSync(readFileSync(join(import.meta.dirname, '../dist/package/uppy.js'))).length
  process.stdout.write(`postern/uppy: ${bytes} bytes gzip\n`)
  expect(bytes).toBeLessThanOrEqual(1536)
})

test.each([
  ['client', 10 * 1024],
  ['hash-worker', 2304],
])('postern/client: %s.js is small', (name, most) => {
  const file = join(import.meta.dirname, `../dist/package/${name}.js`)
  const bytes = gzipSync(readFileSync(file)).length
  process.stdout.write(`${name}.js: ${bytes} bytes gzip\n`)
  expect(bytes).toBeLessThanOrEqual(most)
})
