// `postern link` against a real gateway: made, opened, listed, changed, ended; and minted offline.
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { runCli } from '../support/cli.ts'
import { freshKey, gateway, send, sign, tokenOf } from '../support/s3/client.ts'
import { markSecret } from '../support/s3/output.ts'
import { expectUntainted } from '../support/taint.ts'

const token = await tokenOf('alice')
const env = { POSTERN_URL: gateway.url, POSTERN_TOKEN: token }
const key = freshKey('alice', 'report.txt')
const stored = await send(
  await sign('alice', { method: 'PUT', key, size: 5, type: 'text/plain' }),
  'hello',
)
const folder = mkdtempSync(join(tmpdir(), 'postern-link-'))

async function run(
  args: readonly string[],
  given: { readonly input?: string; readonly env?: Record<string, string> } = {},
) {
  const outcome = await runCli(['link', ...args], { env, cwd: folder, ...given })
  expectUntainted(outcome.out + outcome.err, [token, gateway.sessionSecret, gateway.posternKey])
  return outcome
}

async function make(...args: readonly string[]): Promise<LinkAnswer> {
  const { code, out, err } = await run(['create', `media/${key}`, '--json', ...args])
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

const open = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers })

describe('create', () => {
  test('a link that opens what was stored, its URL alone on standard output', async () => {
    expect(stored.status).toBe(200)
    const { code, out, err } = await run(['create', `media/${key}`])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^http:\/\/localhost:\d+\/l\/[\w-]{22}\n$/),
    ])
    expect(err).toMatch(/^ends \S+; postern link revoke \S+ ends it before\n$/)
    expect(await (await open(out.trim())).text()).toBe('hello')
  })
  test('its conditions', async () => {
    const link = await make(
      '--expires-in=2h',
      '--max-downloads=3',
      '--cidr=192.0.2.0/24',
      '--cidr=2001:db8::/32',
      '--country=AT',
      '--label=Grüße',
      '--tripwire=3/60',
      '--delivery=stream',
      '--filename=a b.txt',
    )
    expect(link).toMatchObject({
      maxDownloads: 3,
      cidrs: ['192.0.2.0/24', '2001:db8::/32'],
      countries: ['AT'],
      label: 'Grüße',
      tripwire: { networks: 3, withinMinutes: 60 },
      delivery: 'stream',
      filename: 'a b.txt',
    })
    const life = Date.parse(link.expiresAt) - Date.parse(link.createdAt)
    expect(life).toBe(7_200_000)
    expect((await open(link.url)).status).toBe(403)
  })
  test('a password from standard input, or a generated one that is told once', async () => {
    const { out } = await run(['create', `media/${key}`, '--json', '--password-file', '-'], {
      input: 'correct horse\n',
    })
    const link: LinkAnswer = JSON.parse(out)
    expect((await open(link.url, { 'Postern-Password': 'correct horse' })).status).toBe(200)
    expect((await open(link.url, { 'Postern-Password': 'wrong' })).status).toBe(403)
    const generated = await run(['create', `media/${key}`, '--password'])
    const password = /^password: (\S+)\n/.exec(generated.err)?.[1] ?? ''
    markSecret(gateway.marks, password)
    expect((await open(generated.out.trim(), { 'Postern-Password': password })).status).toBe(200)
  })
  test('several files, a prefix, a request for uploads', async () => {
    const several = await run(['create', `media/${key}`, `media/${key}x`, '--json'])
    expect(JSON.parse(several.out)).toMatchObject({ keys: [key, `${key}x`] })
    const below = await run(['create', 'media/users/alice/', '--json'])
    expect(JSON.parse(below.out)).toMatchObject({ prefix: 'users/alice/' })
    const upload = await run([
      'create',
      'media/users/alice/in/',
      '--upload-type=image/*',
      '--upload-max-bytes=20MB',
      '--upload-max-files=10',
      '--json',
    ])
    expect(JSON.parse(upload.out)).toMatchObject({
      upload: { maxBytes: 20_000_000, types: ['image/*'], maxFiles: 10 },
    })
  })
})

describe('list, show, edit, revoke', () => {
  test('one link through its life', async () => {
    const link = await make('--max-downloads=2', '--label=life')
    const list = await run(['list'])
    expect(list.out).toMatch(
      new RegExp(`^${link.id}  active  .+  0 of 2 downloads +life +media/${key}$`, 'm'),
    )
    expect(JSON.parse((await run(['list', '--json'])).out).links).toContainEqual(link)

    await open(link.url)
    const shown = await run(['show', '--', link.id])
    expect(shown.out).toMatch(/^used {5}1 of 2 downloads$/m)

    const edited = await run([
      'edit',
      link.url,
      '--json',
      '--max-downloads',
      '9',
      '--clear',
      'label',
      '--freeze',
    ])
    expect(JSON.parse(edited.out)).toMatchObject({ maxDownloads: 9, state: 'frozen' })
    expect(JSON.parse(edited.out)).not.toHaveProperty('label')
    expect((await open(link.url)).status).toBe(403)
    await run(['edit', link.url, '--unfreeze'])
    expect((await open(link.url)).status).toBe(200)

    expect(await run(['revoke', link.url])).toEqual({
      code: 0,
      out: `revoked ${link.id}\n`,
      err: '',
    })
    expect((await open(link.url)).status).toBe(410)
    expect(JSON.parse((await run(['show', '--json', link.url])).out)).toMatchObject({
      state: 'revoked',
    })
  })
})

describe('refusals are the gateway’s own words, exit code 1', () => {
  test('no grant', async () => {
    const { code, out, err } = await run(['create', 'media/users/bob/secret.txt'])
    expect([code, out, err]).toEqual([
      1,
      '',
      expect.stringMatching(/^postern link create: 403 forbidden; /),
    ])
  })
  test('a bad member, in JSON', async () => {
    const { code, out } = await run(['create', `media/${key}`, '--cidr', '192.0.2.0/99', '--json'])
    expect([code, JSON.parse(out)]).toEqual([
      1,
      expect.objectContaining({
        ok: false,
        status: 400,
        code: 'invalid_request',
        errors: [expect.objectContaining({ pointer: '/cidrs/0' })],
      }),
    ])
  })
  test('a wrong token, an unknown link, a gateway that is none', async () => {
    const wrong = await run(['list'], {
      env: { ...env, POSTERN_TOKEN: `${token.slice(0, -4)}AAAA` },
    })
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('401 invalid_token')])
    expect((await run(['show', 'AAAAAAAAAAAAAAAAAAAAAA'])).err).toContain('404 not_found')
    const nobody = await run(['list', '--gateway', 'http://127.0.0.1:1'])
    expect([nobody.code, nobody.err]).toEqual([
      1,
      'postern link list: the gateway does not answer\n',
    ])
  })
})

describe('sign: minted offline', () => {
  const args = ['sign', `media/${key}`, '--issuer', 'https://login.test', '--sub', 'alice']
  test('with the secret of the issuer: the gateway opens it', async () => {
    const { code, out } = await run([...args, '--expires-in', '10m'], {
      env: { ...env, POSTERN_LINK_KEY: gateway.sessionSecret },
    })
    expect(code).toBe(0)
    expect(await (await open(out.trim())).text()).toBe('hello')
  })
  test('with another secret: it does not', async () => {
    writeFileSync(join(folder, 'secret'), 'another secret that is 32 bytes or more')
    const { out } = await run([...args, '--key-file', 'secret'])
    expect((await open(out.trim())).status).toBe(404)
  })
  test('with private keys: the algorithm is that of the key, the conditions are claims', async () => {
    const claimsOf = (url: string) => {
      const [header = '', claims = ''] = (url.split('/l/')[1] ?? '').split('.')
      return [header, claims].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    }
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    writeFileSync(join(folder, 'ec.pem'), ec.export({ format: 'pem', type: 'pkcs8' }))
    const signed = await run([
      ...args,
      '--key-file',
      'ec.pem',
      '--kid',
      'k1',
      '--max-downloads',
      '1',
      '--claim',
      'role=admin',
      '--json',
    ])
    const [header, claims] = claimsOf(JSON.parse(signed.out).url)
    expect(header).toEqual({ alg: 'ES256', typ: 'postern-link+jwt', kid: 'k1' })
    expect(claims).toMatchObject({
      iss: 'https://login.test',
      aud: `${gateway.url}/l`,
      sub: 'alice',
      bucket: 'media',
      key,
      maxDownloads: 1,
      role: 'admin',
    })
    const ed = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
    writeFileSync(join(folder, 'ed.jwk'), JSON.stringify({ ...ed, kid: 'k2' }))
    const other = await run([...args, '--key-file', 'ed.jwk'])
    expect(claimsOf(other.out.trim())[0]).toEqual({
      alg: 'EdDSA',
      typ: 'postern-link+jwt',
      kid: 'k2',
    })
  })
})

describe('bad usage', () => {
  test.each([
    [['create'], "missing required argument 'targets'"],
    [['create', 'nokey'], 'bucket/key or bucket/prefix/ is needed'],
    [['create', 'a/b', 'c/d'], 'all keys of a link are of one bucket'],
    [['create', 'a/b/', 'a/c'], 'a link opens one prefix, or keys'],
    [['create', 'a/b', '--expires-in', '1y'], '--expires-in is a number of seconds'],
    [['create', 'a/b', '--expires-in', '1d', '--expires-at', '2027-01-01T00:00:00Z'], 'not both'],
    [['create', 'a/b', '--expires-at', 'tomorrow'], '--expires-at is a time'],
    [['create', 'a/b', '--max-downloads', '0'], '--max-downloads is a number'],
    [['create', 'a/b', '--tripwire', '3'], '--tripwire is NETWORKS/MINUTES'],
    [['create', 'a/b/', '--upload-type', 'image/*'], 'go together'],
    [['create', 'a/b', '--password', '--password-file', 'x'], 'not both'],
    [['create', 'a/b', '--password-file', 'none'], '--password-file names no file'],
    [['show', 'x'], 'the id or the URL of a link is needed'],
    [['edit', 'AAAAAAAAAAAAAAAAAAAAAA'], 'nothing to change was named'],
    [['edit', 'AAAAAAAAAAAAAAAAAAAAAA', '--clear', 'nothing'], '--clear takes one of'],
    [['list', '--prefix', 'a/'], '--bucket and --prefix go together'],
    [['list', '--gateway', 'http://files.example.com'], 'the gateway is an https URL'],
    [['list', '--token-file', 'none'], '--token-file names no file'],
    [['sign', 'a/b', '--sub', 'x'], "required option '--issuer <url>' not specified"],
    [['sign', 'a/b', '--issuer', 'https://i', '--sub', 'x'], '--key-file or POSTERN_LINK_KEY'],
  ])('%j', async (args, text) => {
    const { code, out, err } = await run(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(text)
  })
  test('no gateway, no token', async () => {
    expect((await run(['list'], { env: {} })).err).toContain('--gateway or POSTERN_URL is needed')
    expect((await run(['list'], { env: { POSTERN_URL: gateway.url } })).err).toContain(
      'POSTERN_TOKEN or --token-file',
    )
  })
})
