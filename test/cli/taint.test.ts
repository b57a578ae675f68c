// No secret is in the output of any command: planted in the environment, in files, and typed in the wrong places.
import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listExamples } from '../../src/cli/frame/command.ts'
import { createShell } from '../../src/cli/frame/shell.ts'
import { createProgram } from '../../src/cli/program.ts'
import { runAws } from '../support/aws-env.ts'
import { expectUntainted } from '../support/taint.ts'

const SECRETS = {
  AWS_SECRET_ACCESS_KEY: 'aws/secret+of-the-environment+0123456789',
  POSTERN_TOKEN: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg',
  POSTERN_LINK_KEY: 'secret-of-the-issuer-0123456789-abcdef',
  SESSION_SECRET: 'session-secret-of-the-gateway-0123456789',
  POSTERN_KEY: 'a2V5LW9mLXRoZS1nYXRld2F5LTAxMjM0NTY3ODktYWJj',
  MEDIA_SECRET_ACCESS_KEY: 'secret-of-the-bucket-0123456789abcdef',
}
const TYPED = 'typed-in-the-wrong-place-0123456789'
const FILED = {
  credentials: 'aws-secret-of-a-profile-0123456789',
  token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJlLW9mLWEtZmlsZQ',
  password: 'password-of-a-file-0123456789',
  key: 'issuer-secret-of-a-file-0123456789-abcdef',
}
const ALL = [...Object.values(SECRETS), ...Object.values(FILED), TYPED]

const cwd = mkdtempSync(join(tmpdir(), 'postern-taint-'))
writeFileSync(join(cwd, 'token'), FILED.token)
writeFileSync(join(cwd, 'password'), FILED.password)
writeFileSync(join(cwd, 'key'), FILED.key)
writeFileSync(
  join(cwd, 'pem'),
  `-----BEGIN PRIVATE KEY-----\n${FILED.key}\n-----END PRIVATE KEY-----\n`,
)
writeFileSync(join(cwd, 'broken.jwk'), `{"kty":"EC","d":"${FILED.key}"`)
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
allow = ["read"]
`,
)
const env = {
  ...SECRETS,
  AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
  MEDIA_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  // Nobody answers there.
  POSTERN_URL: 'http://127.0.0.1:1',
}
const credentials = `[p]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = ${FILED.credentials}\n`

async function scan(args: readonly string[], input = ''): Promise<number> {
  const { code, out, err } = await runAws(args, { env, credentials, cwd, input })
  expectUntainted(out + err, ALL)
  return code
}

const PLACE = ['--config', 'wrangler.toml']
const SIGNED = `https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261125%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261125T101530Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Security-Token=${TYPED}&X-Amz-Signature=${TYPED}`

describe('used as they should be', () => {
  test.each<readonly [readonly string[], number, string]>([
    [['presign', 's3://b/k'], 0, ''],
    [['presign', 's3://b/k', '--profile', 'p'], 0, ''],
    [['presign', 's3://b/k', '--http-method', 'PUT', '--content-type', 'a/b', '--json'], 0, ''],
    [['presign', 's3://b/k', '--http-method', 'POST'], 0, ''],
    [['presign', '--batch', '-'], 0, 's3://b/k\n{"uri":"s3://b/l","method":"PUT"}\n'],
    [['explain', SIGNED], 0, ''],
    [['explain', SIGNED, '--json'], 0, ''],
    [['token', 'check', '-', ...PLACE], 1, FILED.token],
    [['token', 'check', '-', ...PLACE, '--json'], 1, FILED.token],
    [['grants', 'explain', '--sub', 'alice', 'media/users/alice/a', ...PLACE], 0, ''],
    [['grants', 'explain', '--sub', 'alice', 'media/users/bob/a', ...PLACE, '--json'], 1, ''],
    [['link', 'list'], 1, ''],
    [['link', 'list', '--token-file', 'token', '--json'], 1, ''],
    [['link', 'create', 'media/a', '--password-file', 'password'], 1, ''],
    [['link', 'edit', 'AAAAAAAAAAAAAAAAAAAAAA', '--password-file', '-'], 1, FILED.password],
    [['link', 'revoke', 'AAAAAAAAAAAAAAAAAAAAAA'], 1, ''],
    [['link', 'sign', 'media/a', '--issuer', 'https://i', '--sub', 'x'], 0, ''],
    [
      [
        'link',
        'sign',
        'media/a',
        '--issuer',
        'https://i',
        '--sub',
        'x',
        '--key-file',
        'key',
        '--json',
      ],
      0,
      '',
    ],
  ])('%j: exit code %i', async (args, code, input) => {
    expect(await scan(args, input)).toBe(code)
  })
})

describe('failing', () => {
  test.each<readonly [readonly string[], number]>([
    [['link', 'sign', 'media/a', '--issuer', 'https://i', '--sub', 'x', '--key-file', 'pem'], 2],
    [
      [
        'link',
        'sign',
        'media/a',
        '--issuer',
        'https://i',
        '--sub',
        'x',
        '--key-file',
        'broken.jwk',
      ],
      2,
    ],
    [['link', 'sign', 'media/a', '--issuer', 'https://i', '--sub', 'x', '--alg', TYPED], 2],
    [['link', 'list', '--gateway', `http://${TYPED}.example`], 2],
    [['link', 'show', TYPED], 2],
    [['presign', TYPED], 2],
    [['presign', 's3://b/k', '--http-method', TYPED], 2],
    [['presign', 's3://b/k', '--expires-in', TYPED], 2],
    [['presign', 's3://b/k', '--profile', TYPED], 2],
    [['presign', 's3://b/k', '--provider', TYPED], 2],
    [['presign', 's3://b/k', '--endpoint-url', `ftp://${TYPED}`], 2],
    [['token', '--sub', 'a', '--claim', TYPED], 2],
    [['token', 'check', TYPED, '--config', TYPED], 2],
    [['token', 'check', TYPED, ...PLACE], 1],
    [['grants', 'explain', '--sub', 'a', '--claim', TYPED, 'media/a', ...PLACE], 2],
    [['grants', 'explain', '--sub', 'a', '--action', TYPED, 'media/a'], 2],
    [['revoke', '--sub', 'a', '--issuer', TYPED, ...PLACE], 2],
    [['explain', TYPED], 2],
    [['explain', SIGNED, '--header', TYPED], 2],
    [['explain', SIGNED, '--error', TYPED], 2],
    [[TYPED], 2],
    [[`--${TYPED}`], 2],
  ])('%j: exit code %i', async (args, code) => {
    expect(await scan(args)).toBe(code)
  })
})

function listPaths(command: CommandUnknownOpts, path: readonly string[]): readonly string[][] {
  const below = command.commands.flatMap((sub) => listPaths(sub, [...path, sub.name()]))
  return listExamples(command).length > 0 ? [[...path], ...below] : [...below]
}

/** Every option of every command, with a secret for its value, and every argument. */
describe('a secret in every place of every command', () => {
  const program = createProgram(createShell())
  test.each(listPaths(program, []).map((path) => [path.join(' '), path] as const))(
    '%s',
    async (_, path) => {
      const command = path.reduce<CommandUnknownOpts>(
        (at, name) => at.commands.find((sub) => sub.name() === name) ?? at,
        program,
      )
      const { options } = command
      expect(options.length).toBeGreaterThan(0)
      // A subject is no secret, and stands in the token that is asked for.
      const places = options.filter(({ long }) => path.join() !== 'token' || long !== '--sub')
      for (const { long } of places)
        for (const more of [[], ['--json']]) await scan([...path, `${long}`, TYPED, ...more])
      await scan([...path, TYPED, TYPED, TYPED])
      await scan([...path, `--${TYPED}`])
    },
  )
})
