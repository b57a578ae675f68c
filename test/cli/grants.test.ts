// `postern grants explain`: the gateway's own decision for a subject with claims, and what each grant says.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'

const cwd = mkdtempSync(join(tmpdir(), 'postern-grants-'))
writeFileSync(
  join(cwd, 'wrangler.toml'),
  `name = "x"
[vars]
PUBLIC_URL = "https://files.example.com"
[[vars.ISSUERS]]
issuer = "https://login.example.com"
audience = "https://files.example.com"
algorithms = ["HS256"]
secret = "SESSION_SECRET"
[vars.BUCKETS.media]
provider = "aws"
bucket = "acme-media"
region = "eu-west-1"
credentials = "MEDIA"
[[vars.GRANTS]]
bucket = "media"
prefix = "users/\${sub}/"
allow = ["read", "list", "delete"]
[[vars.GRANTS]]
bucket = "media"
prefix = "teams/\${team}/"
allow = ["read", "upload", "share"]
when = { level = [3, 4] }
max_bytes = "1GB"
types = ["video/*"]
`,
)
const env = {
  SESSION_SECRET: 'session secret of 32 bytes or so',
  POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  MEDIA_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  MEDIA_SECRET_ACCESS_KEY: 'secretsecretsecret',
}
const run = (...args: readonly string[]) =>
  runCli(['grants', 'explain', '--config', 'wrangler.toml', '--sub', 'alice', ...args], {
    cwd,
    env,
  })

const TEAM = [
  '--claim',
  'team=red',
  '--claim',
  'level:=3',
  '--action',
  'upload',
  '--type',
  'video/mp4',
]

test.each<readonly [string, readonly string[], string]>([
  ['own key', ['media/users/alice/a.txt'], 'GRANTS[0]'],
  ['own prefix', ['--action', 'list', 'media/users/alice/'], 'GRANTS[0]'],
  ['by claims', [...TEAM, '--size', '500MB', 'media/teams/red/a.mp4'], 'GRANTS[1]'],
  [
    'a prefix to share',
    ['--claim', 'team=red', '--claim', 'level:=4', '--action', 'share', 'media/teams/red/'],
    'GRANTS[1]',
  ],
])('allowed: %s', async (_, args, grant) => {
  const { code, out } = await run(...args, '--json')
  expect([code, JSON.parse(out)]).toMatchObject([0, { ok: true, grant }])
  expect((await run(...args)).out).toContain(`allowed by ${grant}\n`)
})

test.each<readonly [string, readonly string[], string, string]>([
  ['another’s key', ['media/users/bob/a.txt'], 'no_grant', 'GRANTS[0]: other'],
  [
    'a text for a number',
    ['--claim', 'team=red', '--claim', 'level=3', 'media/teams/red/a'],
    'no_grant',
    'GRANTS[1]: other',
  ],
  [
    'too large',
    [...TEAM, '--size', '2GB', 'media/teams/red/a.mp4'],
    'over_max_bytes',
    'GRANTS[1]: over max bytes',
  ],
  [
    'another type',
    [...TEAM, '--type', 'text/html', 'media/teams/red/a'],
    'type_not_granted',
    'GRANTS[1]: type not granted',
  ],
  [
    'an option',
    [...TEAM, '--option', 'overwrite', 'media/teams/red/a'],
    'option_not_granted',
    'GRANTS[1]: option not granted',
  ],
  ['another bucket', ['other/a'], 'unknown_bucket', 'no such bucket'],
])('refused: %s', async (_, args, reason, line) => {
  const { code, out } = await run(...args, '--json')
  expect([code, JSON.parse(out)]).toMatchObject([1, { ok: false, reason }])
  const text = await run(...args)
  expect([text.code, text.out]).toEqual([1, expect.stringContaining(line)])
})

test.each<readonly [readonly string[], string]>([
  [['media/users/alice/../x'], 'the key holds'],
  [['--action', 'list', 'media/users'], 'the prefix does not end'],
  [['--claim', 'x', 'media/a'], '--claim is name=text'],
  [['--claim', 'x:={', 'media/a'], 'is no JSON'],
  [['--action', 'fly', 'media/a'], 'Allowed choices are read'],
  [['--issuer', 'https://other.example', 'media/a'], '--issuer is needed'],
  [['--option', 'x', '--action', 'upload', 'media/a'], '--option is one of'],
  [['--config', 'none.toml', 'media/a'], '--config names no file'],
])('bad usage: %j', async (args, text) => {
  const { code, out, err } = await run(...args)
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain(text)
})
