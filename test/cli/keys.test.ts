// `postern keys new`: secrets that the gateway accepts, on standard output alone.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { expect, test } from 'vitest'
import { parseIdentityKey } from '../../src/core/identity/key.ts'
import { parsePosternKey } from '../../src/core/seal.ts'
import { parseWebhookSecret } from '../../src/core/webhook/message.ts'

const main = join(import.meta.dirname, '../../src/cli/main.ts')

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'keys', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

test('a signing key: one line, accepted, named by its thumbprint, another one each time', async () => {
  const { status, stdout, stderr } = run('new')
  expect([status, stdout.trim().split('\n').length]).toEqual([0, 1])
  const key = await parseIdentityKey(stdout.trim())
  const jwk = JSON.parse(stdout)
  expect(key?.kid).toBe(await calculateJwkThumbprint(jwk))
  expect(key?.publicJwk).not.toHaveProperty('d')
  expect(stderr).not.toContain(jwk.d)
  expect(run('new').stdout).not.toBe(stdout)
})

test('all of them as one document, such as `wrangler secret bulk` takes', () => {
  const { status, stdout, stderr } = run('new', '--postern-key', '--webhook-secret', '--json')
  expect([status, stderr]).toEqual([0, ''])
  const secrets: Record<string, string> = JSON.parse(stdout)
  expect(Object.keys(secrets)).toEqual(['POSTERN_KEY', 'WEBHOOK_SECRET'])
  expect(parsePosternKey(secrets['POSTERN_KEY'] ?? '')?.length).toBe(32)
  expect(parseWebhookSecret(secrets['WEBHOOK_SECRET'] ?? '')?.length).toBe(32)
})

test.each([[[]], [['old']], [['new', 'more']], [['new', '--nonsense']]])(
  'bad usage: %j',
  (args) => {
    const { status, stdout } = run(...args)
    expect([status, stdout]).toEqual([2, ''])
  },
)
