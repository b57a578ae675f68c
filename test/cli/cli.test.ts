// `postern token`, `token check` and `revoke`: what they say of tokens, its exit codes, and that no secret is in its output.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { mintHmac } from '../support/mint.ts'
import { runCli } from '../support/cli.ts'
import { expectUntainted } from '../support/taint.ts'

const root = join(import.meta.dirname, '../..')
const SECRET = 'session secret of 32 bytes or so'
const SECRETS = {
  SESSION_SECRET: SECRET,
  POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  MEDIA_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  MEDIA_SECRET_ACCESS_KEY: 'secretsecretsecret',
}
const config = join(root, 'wrangler.toml')

async function run(
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = SECRETS,
) {
  const { code, out, err } = await runCli(args, { input, cwd: root, env })
  expectUntainted(out + err, [SECRET, SECRETS.POSTERN_KEY, SECRETS.MEDIA_SECRET_ACCESS_KEY])
  return { code, out: out + err }
}

const now = Math.floor(Date.now() / 1000)
const mint = (claims: object, header: object = { alg: 'HS256' }): Promise<string> =>
  mintHmac(
    {
      header,
      claims: {
        iss: 'https://login.example.com',
        aud: 'https://files.example.com',
        sub: 'alice',
        exp: now + 600,
        ...claims,
      },
    },
    new TextEncoder().encode(SECRET),
  )

describe('token check', () => {
  test('says who a good token is, and what it may do', async () => {
    const { code, out } = await run(['token', 'check', await mint({}), '--config', config])
    expect([code, out]).toEqual([0, expect.stringContaining('valid: alice of https://login.')])
    expect(out).toContain('media users/alice/ read upload delete list')
  })
  test('reads it from standard input, and answers in JSON', async () => {
    const args = ['token', 'check', '-', '--json', '--config', config]
    const { code, out } = await run(args, `${await mint({})}\n`)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true, subject: 'alice' })
  })
  test.each([
    [{ exp: now - 60 }, 'expired'],
    [{ aud: 'https://other.example' }, 'audience'],
    [{ iss: 'https://other.example' }, 'unknown issuer'],
    [{ nbf: now + 600 }, 'not yet valid'],
    [{ sub: 7 }, 'claim sub missing or of the wrong type'],
    [{ postern: 7 }, 'claim postern missing or of the wrong type'],
  ])('%j: %s', async (claims, reason) => {
    const args = ['token', 'check', await mint(claims), '--json', '--config', config]
    const { code, out } = await run(args)
    expect([code, JSON.parse(out)]).toEqual([1, { ok: false, reason }])
  })
  test('a configuration with faults is named, not guessed', async () => {
    const env = { ...SECRETS, POSTERN_KEY: '' }
    const { code, out } = await run(['token', 'check', 'x', '--config', config], '', env)
    expect([code, out]).toEqual([1, 'postern token check: POSTERN_KEY: secret is not set\n'])
  })
})

describe('bad usage is exit code 2', () => {
  const missing = join(mkdtempSync(join(tmpdir(), 'postern-cli-')), 'none.toml')
  test.each([
    [[]],
    [['nothing']],
    [['token']],
    [['token', 'x', '--sub', 'alice']],
    [['token', '--sub', 'alice', '--claim', 'role']],
    [['token', '--sub', 'alice', '--expires-in', '0']],
    [['token', '--nonsense']],
    [['token', 'check']],
    [['token', 'check', 'a', 'b']],
    [['token', 'check', 'a', '--config', missing]],
    [['revoke']],
    [['revoke', '--sub', 'alice', '--jti', 'x']],
    [['revoke', '--sub', 'alice', '--ttl', '59', '--config', config]],
    [['revoke', '--sub', 'alice', '--issuer', 'https://other.example', '--config', config]],
  ])('%j', async (args) => {
    const { code, out } = await run(args)
    expect([code, out]).toEqual([
      2,
      expect.stringMatching(/^postern.*: .+ \(see postern.* --help\)\n$/),
    ])
  })
})

test(
  'a revocation that cannot be written says so, and claims nothing',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-cli-'))
    const file = join(folder, 'wrangler.toml')
    writeFileSync(file, 'name = "x"\n')
    // Without an account nothing can be written at Cloudflare.
    const args = ['revoke', '--sub', 'alice', '--issuer', 'https://login.test', '--config', file]
    vi.stubEnv('CLOUDFLARE_API_TOKEN', '')
    vi.stubEnv('WRANGLER_SEND_METRICS', 'false')
    const { code, out } = await run(args)
    expect([code, out]).toEqual([1, expect.stringContaining('the record was not written')])
  },
)
