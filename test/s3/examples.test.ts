// The scripts of examples/upload, run as they stand: curl, and Python with its standard library.
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createBucket } from '../support/s3/bucket.ts'
import { freshKey, gateway, tokenOf } from '../support/s3/client.ts'

const examples = join(import.meta.dirname, '../../examples/upload')
const folder = mkdtempSync(join(tmpdir(), 'postern-examples-'))
const run = promisify(execFile)

test.each([
  ['bash', 'upload.sh', 1000],
  ['python3', 'upload.py', 1000],
  ['python3', 'upload.py', 9 * 2 ** 20],
] as const)('%s %s, %i bytes', async (command, script, size) => {
  const file = join(folder, `${size}.txt`)
  // No two places alike: parts that changed places would be seen.
  const content = Array.from({ length: size / 8 }, (_, at) => String(at).padStart(8)).join('')
  writeFileSync(file, content)
  const key = freshKey('alice', 'from a script.txt')
  const env = { ...process.env, POSTERN_URL: gateway.url, POSTERN_TOKEN: await tokenOf('alice') }
  const { stdout } = await run(command, [join(examples, script), file, key], { env })
  expect(JSON.parse(stdout)).toMatchObject({ key, size })
  expect(await (await createBucket(gateway).get(key)).text()).toBe(content)
})
