// `npm run ban` prints the record that the gateway looks for, and never the address.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createSealingKey,
  deriveHashKey,
  parsePosternKey,
  toKeyedHash,
} from '../../../src/core/seal.ts'

const POSTERN_KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'
const root = join(import.meta.dirname, '../../..')

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, 'scripts/ban.ts'), ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, POSTERN_KEY },
  })
}

test('by address, IPv6 by its /64, and by subject', async () => {
  const bytes = parsePosternKey(POSTERN_KEY)
  if (bytes === null) throw new Error('a good key')
  const key = await deriveHashKey(await createSealingKey(bytes), 'limit')
  const output = run('--ip', '2001:db8::7', '--for', '2h')
  expect(output).toContain(`rlban1/${await toKeyedHash(key, 'ban:ip\n2001:db8:0:0::/64')} 1`)
  expect(output).toContain('--ttl 7200')
  expect(output).not.toContain('2001')
  const subject = JSON.stringify(['https://login.example.com', 'alice'])
  expect(run('--sub', 'alice', '--issuer', 'https://login.example.com')).toContain(
    await toKeyedHash(key, `ban:sub\n${subject}`),
  )
}, 30_000)

test.each([[[]], [['--ip', 'x']], [['--sub', 'a']], [['--ip', '192.0.2.1', '--for', '1s']]])(
  'bad usage %j',
  (args) => {
    expect(() => run(...args)).toThrow('Command failed')
  },
  30_000,
)
