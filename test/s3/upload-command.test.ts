// `postern upload` against a real gateway and store: what is stored equals the files, whatever happened on the way.
import { createHash, randomBytes } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { createBucket } from '../support/s3/bucket.ts'
import {
  call,
  createClient,
  freshKey as toFreshKey,
  gateway,
  tokenOf,
} from '../support/s3/client.ts'
import {
  countSentAgain,
  createChance,
  runInterrupted,
  startCommand,
} from '../support/s3/command.ts'
import { startCountingProxy } from '../support/s3/counting-proxy.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { expectUntainted } from '../support/taint.ts'

const MIB = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'postern-upload-'))
const token = await tokenOf('alice')
const env = {
  POSTERN_URL: gateway.url,
  POSTERN_TOKEN: token,
  XDG_STATE_HOME: join(folder, 'state'),
}

const prefixes = new Set<string>()
function freshKey(sub: string, name: string): string {
  const key = toFreshKey(sub, name)
  prefixes.add(key.slice(0, key.length - name.length))
  return key
}
afterAll(async () => {
  const bucket = createBucket(gateway)
  for (const prefix of prefixes) await bucket.clear(prefix)
})

async function run(args: readonly string[], more: Record<string, string> = {}) {
  const outcome = await runCli(['upload', ...args], { env: { ...env, ...more }, cwd: folder })
  expectUntainted(outcome.out + outcome.err, [token, gateway.sessionSecret, gateway.posternKey])
  return outcome
}

function put(name: string, bytes: Uint8Array | string): Buffer {
  const path = join(folder, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, bytes)
  return readFileSync(path)
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** As the gateway lets it be read; its S3 judges the signature, whose keys may be another gateway's. */
async function stored(key: string, ask = call): Promise<{ sum: string; type: string | null }> {
  const path = `/o/media/${key.split('/').map(encodeURIComponent).join('/')}`
  const signed = await ask('alice', 'GET', path, undefined, { Accept: 'application/json' })
  const { url } = (await signed.json()) as { url: string }
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  const type = answer.headers.get('content-type')
  return { sum: hash(new Uint8Array(await answer.arrayBuffer())), type }
}

/** Everything that the command keeps on the disk. */
function readState(at: string): string {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

describe('files and folders', () => {
  test('small, empty, large, with every kind of name, equal and of their type', async () => {
    const prefix = freshKey('alice', '')
    const files = new Map([
      ["album/a +(1)'s!.txt", put("album/a +(1)'s!.txt", 'hello')],
      ['album/Grüße/日本.png', put('album/Grüße/日本.png', randomBytes(3000))],
      ['album/empty', put('album/empty', '')],
      ['album/large.bin', put('album/large.bin', randomBytes(9 * MIB + 17))],
    ])
    const { code, out } = await run(['album', '--to', `media/${prefix}`, '--json'])
    expect(code).toBe(0)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.at(-1)).toEqual({
      ok: true,
      files: 4,
      bytes: 9 * MIB + 17 + 3005,
      failed: 0,
      resumedBytes: 0,
    })
    expect(
      lines
        .slice(0, -1)
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual([...files.keys()].map((name) => prefix + name).toSorted())
    for (const [name, bytes] of files) expect((await stored(prefix + name)).sum).toBe(hash(bytes))
    expect((await stored(`${prefix}album/Grüße/日本.png`)).type).toBe('image/png')
    // Nothing is left to go on with.
    expect(readState(join(folder, 'state'))).toBe('')
  })
  test('one file under a key of its own, with a type', async () => {
    const key = freshKey('alice', 'renamed')
    const bytes = put('one.txt', 'one')
    const { code, out, err } = await run(['one.txt', '--to', `media/${key}`, '--type', 'text/csv'])
    expect([code, out]).toEqual([0, ''])
    expect(err).toBe(`one.txt → media/${key} (3 B)\nsent and verified: 1 of 1, 3 B\n`)
    expect(await stored(key)).toEqual({ sum: hash(bytes), type: 'text/csv' })
    expect(await run(['one.txt', '--to', `media/${key}`, '--quiet'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^one\.txt: .*--overwrite/),
    })
  })
  test('over what is there, where the grant has that option', async () => {
    const to = `media/shared/${crypto.randomUUID()}`
    prefixes.add(to.slice('media/'.length))
    put('over.txt', 'first')
    expect((await run(['over.txt', '--to', to])).code).toBe(0)
    const bytes = put('over.txt', 'second')
    expect((await run(['over.txt', '--to', to])).code).toBe(1)
    expect((await run(['over.txt', '--to', to, '--overwrite'])).code).toBe(0)
    expect((await stored(to.slice('media/'.length))).sum).toBe(hash(bytes))
  })
})

describe('refused', () => {
  test.skipIf(process.platform === 'win32')(
    'names that are no key, before a byte is sent',
    async () => {
      const prefix = freshKey('alice', '')
      put('odd/fine.txt', 'fine')
      put('odd/back\\slash', 'x')
      put('odd/bell\u0007', 'x')
      const { code, err } = await run(['odd', '--to', `media/${prefix}`])
      expect(code).toBe(1)
      expect(err).toContain('nothing was sent')
      expect(err).toContain('odd/bell�: its key holds a control character or a backslash')
      expect(err).toContain('odd/back\\slash: its key')
      const listed = await call('alice', 'GET', `/v1/objects?bucket=media&prefix=${prefix}`)
      expect(await listed.json()).toMatchObject({ objects: [], prefixes: [] })
    },
  )
  test.each([false, true])('a token that nobody signed, in words (--json: %s)', async (isJson) => {
    put('plain.txt', 'plain')
    const place = `media/${freshKey('alice', '')}`
    const args = ['plain.txt', '--to', place, ...(isJson ? ['--json'] : [])]
    const outcome = await run(args, { POSTERN_TOKEN: `${token.slice(0, -6)}AAAAAA` })
    expect(outcome.code).toBe(1)
    const line = '401 invalid_token; The session token is not valid.'
    if (isJson)
      expect(JSON.parse(outcome.out)).toMatchObject({ ok: false, error: line, status: 401 })
    else expect(outcome.err).toBe(`postern upload: ${line}\n`)
  })

  test('what no grant allows: exit 1, the others are sent', async () => {
    put('two/a.txt', 'a')
    expect(await run(['two', '--to', 'media/users/bob/', '--json'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('"code":"forbidden"'),
    })
  })
  test.each([
    [[]],
    [['none.txt', '--to', 'media/users/alice/']],
    [['one.txt', 'over.txt', '--to', 'media/users/alice/key']],
    [['one.txt', '--to', 'media//x/']],
    [['one.txt', '--to', 'media/users/alice/', '--concurrency', '0']],
    [['one.txt']],
  ])('bad usage %j', async (args) => {
    const { code, out, err } = await run(args)
    expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1])
  })
})

describe('stopped', () => {
  const seed = 20261128
  const size = 72 * MIB + 4321
  let proxy: Awaited<ReturnType<typeof startCountingProxy>>
  let running: Awaited<ReturnType<typeof startGateway>>
  let client: ReturnType<typeof createClient>
  let own: Record<string, string>

  beforeAll(async () => {
    proxy = await startCountingProxy()
    running = await startGateway((_, s3) => {
      const { pathname, origin } = new URL(s3.endpoint)
      proxy.aim(origin)
      const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
      const { bucket, region } = s3
      const endpoint = proxy.origin + pathname.replace(/\/$/, '')
      return {
        BUCKETS: {
          media: { provider, bucket, region, endpoint, addressing: 'path', credentials: 'MEDIA' },
        },
        GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read', 'upload', 'list'] }],
      }
    }, gateway.script)
    client = createClient(running.facts)
    own = {
      POSTERN_URL: running.facts.url,
      POSTERN_TOKEN: await client.tokenOf('alice'),
      XDG_STATE_HOME: join(folder, 'killed'),
    }
  })
  afterAll(async () => {
    await createBucket(running.facts).clear('')
    await running.stop()
    proxy.stop()
  })

  test('SIGKILL at three moments: what is stored is not sent again, and the object is whole', async () => {
    const bytes = put('killed.bin', randomBytes(size))
    const key = freshKey('alice', 'killed.bin')
    const chance = createChance(seed)
    const shares = [1, 2, 3].map(() => 0.12 + chance() * 0.15)
    const args = ['upload', 'killed.bin', '--to', `media/${key}`, '--concurrency', '2', '--json']
    const { last, cut, marks } = await runInterrupted(
      () => startCommand(args, own, folder),
      proxy,
      size,
      shares,
    )
    expect(cut.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL'])
    expect([last.code, last.err]).toEqual([0, ''])
    expect((await stored(key, client.call)).sum).toBe(hash(bytes))
    expect(JSON.parse(last.out.split('\n')[0] ?? '').resumedBytes).toBeGreaterThan(0)
    // A store that cannot list its parts: only what was noted before the kill counts.
    const most = running.facts.s3.kind === 'embedded' ? shares.length * 2 : 0
    expect(countSentAgain(proxy, marks)).toBeLessThanOrEqual(most)
  })

  test('Ctrl-C: exit 1, a word on how to go on, no token or signed URL in what is kept', async () => {
    const bytes = put('broken.bin', randomBytes(40 * MIB))
    const key = freshKey('alice', 'broken.bin')
    const args = ['upload', 'broken.bin', '--to', `media/${key}`, '--concurrency', '2']
    const started = startCommand(args, own, folder)
    proxy.after(20 * MIB, () => started.kill('SIGINT'))
    const { code, err } = await started.ended
    expect([code, err]).toEqual([
      1,
      'stopped; what is stored stays: the same command goes on where it was\n',
    ])
    const state = readState(join(folder, 'killed'))
    expect(state).toContain(key)
    expect(state).not.toMatch(/X-Amz|https?:|eyJ/)
    expectUntainted(state, [own['POSTERN_TOKEN'] ?? '', running.facts.sessionSecret])
    const again = await startCommand(args, own, folder).ended
    expect([again.code, again.err]).toEqual([0, expect.stringMatching(/MiB of it before/)])
    expect((await stored(key, client.call)).sum).toBe(hash(bytes))
  })

  test('a file that has changed since is sent anew, and that is said', async () => {
    put('changed.bin', randomBytes(24 * MIB))
    const key = freshKey('alice', 'changed.bin')
    const args = ['upload', 'changed.bin', '--to', `media/${key}`, '--concurrency', '1']
    const started = startCommand(args, own, folder)
    proxy.after(12 * MIB, () => started.kill('SIGKILL'))
    await started.ended
    const path = join(folder, 'changed.bin')
    const { mtimeMs } = statSync(path)
    const bytes = put('changed.bin', randomBytes(24 * MIB))
    utimesSync(path, mtimeMs / 1000 + 60, mtimeMs / 1000 + 60)
    const { code, err } = await startCommand(args, own, folder).ended
    expect([code, err]).toEqual([0, expect.stringMatching(/^changed\.bin has changed since/)])
    expect((await stored(key, client.call)).sum).toBe(hash(bytes))
    expect(readState(join(folder, 'killed'))).toBe('')
  })

  test('what can no longer be gone on with is forgotten when the next begins', async () => {
    put('late.bin', randomBytes(24 * MIB))
    const key = freshKey('alice', 'late.bin')
    const state = join(folder, 'late')
    const late = { ...own, XDG_STATE_HOME: state }
    const args = ['upload', 'late.bin', '--to', `media/${key}`, '--concurrency', '1']
    const started = startCommand(args, late, folder)
    proxy.after(12 * MIB, () => started.kill('SIGKILL'))
    await started.ended
    expect(readState(state)).toContain(key)
    const next = ['upload', 'next.txt', '--to', `media/${freshKey('alice', 'next.txt')}`]
    put('next.txt', 'next')
    await startCommand(next, late, folder).ended
    expect(readState(state)).toContain(key)
    for (const entry of readdirSync(state, { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.json')) continue
      const path = join(entry.parentPath, entry.name)
      const record: object = JSON.parse(readFileSync(path, 'utf8'))
      const ended = { ...record, resumableUntil: new Date(Date.now() - 1000).toISOString() }
      writeFileSync(path, JSON.stringify(ended))
    }
    put('again.txt', 'again')
    const again = ['upload', 'again.txt', '--to', `media/${freshKey('alice', 'again.txt')}`]
    expect((await startCommand(again, late, folder).ended).code).toBe(0)
    expect(readState(state)).toBe('')
  })

  test('two processes at once send a file once', async () => {
    const bytes = put('twice.bin', randomBytes(32 * MIB))
    const key = freshKey('alice', 'twice.bin')
    const args = ['upload', 'twice.bin', '--to', `media/${key}`, '--json']
    const begin = proxy.parts().length
    const both = await Promise.all([1, 2].map(() => startCommand(args, own, folder).ended))
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(proxy.parts().slice(begin)).toHaveLength(4)
    expect((await stored(key, client.call)).sum).toBe(hash(bytes))
  })
})
