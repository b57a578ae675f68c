// `postern init`: what it writes is taken by wrangler and by `postern doctor`, and nothing that is there is touched.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'

const root = join(import.meta.dirname, '../..')
const freshFolder = (): string => mkdtempSync(join(tmpdir(), 'postern-init-'))
const read = (cwd: string, name: string): string => readFileSync(join(cwd, name), 'utf8')

const COMMON = [
  '--public-url',
  'https://files.example.com',
  '--origin',
  'https://app.example.com',
  '--issuer',
  'https://login.example.com',
  '--bucket',
  'acme-media',
]
const R2 = [
  ...COMMON,
  '--jwks-url',
  'https://login.example.com/jwks.json',
  '--provider',
  'r2',
  '--account-id',
  '0123456789abcdef'.repeat(2),
]
const AWS = [...COMMON, '--jwks-url', '', '--provider', 'aws', '--region', 'eu-west-1']
const CEPH = [...COMMON, '--provider', 'ceph', '--endpoint', 'https://s3.example.com']

/** The findings of doctor about the file alone. */
async function examine(cwd: string) {
  const { out } = await runCli(['doctor', '--read-only', '--json'], { cwd })
  const { findings } = JSON.parse(out)
  return findings.filter(
    ({ check, level }: { check: string; level: string }) =>
      check !== 'secrets' && level !== 'ok' && level !== 'skipped',
  )
}

describe.each([
  ['R2', R2, ['POSTERN_KEY', 'MEDIA_ACCESS_KEY_ID', 'MEDIA_SECRET_ACCESS_KEY']],
  ['AWS', AWS, ['POSTERN_KEY', 'SESSION_SECRET', 'MEDIA_ACCESS_KEY_ID', 'MEDIA_SECRET_ACCESS_KEY']],
  [
    'Ceph',
    CEPH,
    ['POSTERN_KEY', 'SESSION_SECRET', 'MEDIA_ACCESS_KEY_ID', 'MEDIA_SECRET_ACCESS_KEY'],
  ],
])('%s', (_, args, secrets) => {
  test('doctor finds no fault in it, and names the secrets of .dev.vars.example', async () => {
    const cwd = freshFolder()
    const { code, out } = await runCli(['init', ...args, '--json'], { cwd })
    expect([code, JSON.parse(out).files]).toEqual([
      0,
      ['wrangler.toml', '.dev.vars.example', 'src/index.ts', '.gitignore'],
    ])
    expect(await examine(cwd)).toEqual([])
    const named = [...read(cwd, '.dev.vars.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name)
    expect(named).toEqual(secrets)
    const report = await runCli(['doctor', '--read-only', '--json'], { cwd })
    for (const name of secrets) expect(report.out).toContain(name)
  })
})

test('the same bindings and entry as examples/own-worker', async () => {
  const cwd = freshFolder()
  await runCli(['init', ...AWS], { cwd })
  const bindings = (text: string): string =>
    text.slice(text.indexOf('[assets]'), text.indexOf('[vars]'))
  const example = join(root, 'examples/own-worker')
  expect(bindings(read(cwd, 'wrangler.toml'))).toBe(bindings(read(example, 'wrangler.toml')))
  expect(read(cwd, 'src/index.ts')).toBe(read(example, 'src/index.ts'))
})

test('wrangler bundles it with the package', async () => {
  const cwd = freshFolder()
  await runCli(['init', ...R2], { cwd })
  const installed = join(cwd, 'node_modules/postern')
  mkdirSync(installed, { recursive: true })
  cpSync(join(root, 'package.json'), join(installed, 'package.json'))
  symlinkSync(join(root, 'dist'), join(installed, 'dist'))
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' }
  const out = execFileSync(process.execPath, [wrangler, 'deploy', '--dry-run'], {
    cwd,
    env,
    encoding: 'utf8',
    stdio: 'pipe',
  })
  for (const name of ['POSTERN_KV', 'COUNTERS', 'LINKS', 'WEBHOOKS', 'PUBLIC_URL', 'BUCKETS'])
    expect(out).toContain(`env.${name}`)
})

test.each(['wrangler.toml', '.dev.vars.example', 'src/index.ts'])(
  '%s is there: nothing is written',
  async (name) => {
    const cwd = freshFolder()
    mkdirSync(join(cwd, 'src'))
    writeFileSync(join(cwd, name), 'mine')
    const { code, err } = await runCli(['init', ...AWS], { cwd })
    expect([code, err]).toEqual([1, `postern init: already there: ${name}; nothing was written\n`])
    expect(read(cwd, name)).toBe('mine')
    expect(readdirSync(cwd, { recursive: true })).toHaveLength(2)
  },
)

test('a .gitignore of the repository stays', async () => {
  const cwd = freshFolder()
  writeFileSync(join(cwd, '.gitignore'), 'mine')
  expect((await runCli(['init', ...AWS], { cwd })).code).toBe(0)
  expect(read(cwd, '.gitignore')).toBe('mine')
})

describe('asks', () => {
  test('for what is not given, with what it mostly is', async () => {
    const cwd = freshFolder()
    const answers = [
      '',
      'https://files.example.com',
      'https://app.example.com',
      'https://login.example.com',
      '',
      'aws',
      'acme-media',
      'eu-west-1',
    ]
    const { code, err } = await runCli(['init'], { cwd, answers })
    expect(code).toBe(0)
    expect(err).toContain('name of the Worker [files]: ')
    expect(err).not.toContain('account')
    const other = freshFolder()
    await runCli(['init', ...AWS], { cwd: other })
    expect(read(cwd, 'wrangler.toml')).toBe(read(other, 'wrangler.toml'))
  })
  test('nobody, and what only somebody could know is bad usage', async () => {
    const cwd = freshFolder()
    const { code, out, err } = await runCli(['init', '--name', 'files'], { cwd })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('--public-url is needed')
    expect(existsSync(join(cwd, 'wrangler.toml'))).toBe(false)
  })
})

describe('refuses, and writes nothing', () => {
  test.each([
    ['--public-url', 'http://files.example.com', 'PUBLIC_URL'],
    ['--origin', 'https://*.example.com', 'ORIGINS[0]'],
    ['--provider', 's4', '--provider'],
    ['--bucket', 'A', 'BUCKETS.media.bucket'],
    ['--region', 'Europe!', 'BUCKETS.media.region'],
    ['--name', 'a"\n[vars]', '--name'],
  ])('%s %j', async (option, value, path) => {
    const cwd = freshFolder()
    const { code, err } = await runCli(['init', ...AWS, option, value], { cwd })
    expect(code).toBe(2)
    expect(err).toContain(path)
    expect(err).not.toContain(value)
    expect(readdirSync(cwd)).toEqual([])
  })
})
