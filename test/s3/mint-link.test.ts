// The scripts of examples/mint-link, run as they stand: what they print opens at the gateway, under the conditions that it holds.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { freshKey, gateway, send, sign, toVerifiedLocation } from '../support/s3/client.ts'

const examples = join(import.meta.dirname, '../../examples/mint-link')
const key = freshKey('alice', 'Grüße & 日本.txt')
const run = promisify(execFile)

beforeAll(async () => {
  const put = { method: 'PUT', key, size: 5, type: 'text/plain' }
  if (!(await send(await sign('alice', put), 'bytes')).ok) throw new Error('not stored')
})

async function mint(command: string, terms: object = {}, more: object = {}): Promise<string> {
  const script = command === 'python3' ? 'mint.py' : 'mint.mjs'
  const args = [join(examples, script), 'media', key, JSON.stringify(terms)]
  const env = {
    ...process.env,
    POSTERN_URL: gateway.url,
    ISSUER: 'https://login.test',
    SESSION_SECRET: gateway.sessionSecret,
    ...more,
  }
  const { stdout } = await run(command === 'node' ? process.execPath : command, args, { env })
  return stdout.trim()
}
const open = (url: string): Promise<Response> => fetch(url, { redirect: 'manual' })
const codeOf = async (answer: Response): Promise<string> =>
  `${answer.status} ${((await answer.json()) as { code: string }).code}`

test.each(['node', 'python3'])('%s', async (command) => {
  const answer = await open(await mint(command))
  expect(answer.status).toBe(302)
  expect(await (await fetch(toVerifiedLocation(answer, 'GET'))).text()).toBe('bytes')
  // This visitor comes from no known country, and with another browser.
  for (const terms of [{ countries: ['DE'] }, { userAgent: 'curl/*' }])
    expect(await codeOf(await open(await mint(command, terms)))).toBe('403 link_denied')
  const once = await mint(command, { maxDownloads: 1, jti: crypto.randomUUID() })
  expect([(await open(once)).status, (await open(once)).status]).toEqual([302, 410])
  expect(await codeOf(await open(await mint(command, { exp: 1_700_000_000 })))).toBe(
    '410 link_gone',
  )
  expect(await codeOf(await open(await mint(command, {}, { SUBJECT: 'bob' })))).toBe(
    '403 forbidden',
  )
  const forged = await mint(command, {}, { SESSION_SECRET: 'x'.repeat(64) })
  expect(await codeOf(await open(forged))).toBe('404 not_found')
  const headers = { Authorization: `Bearer ${(await mint(command)).split('/l/')[1]}` }
  expect((await fetch(`${gateway.url}/v1/session`, { headers })).status).toBe(401)
})
