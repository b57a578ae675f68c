// `postern download` against a real gateway and store: the files equal what is stored, whatever happened on the way.
import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { createClient, freshKey, gateway, tokenOf } from '../support/s3/client.ts'
import { createChance, runInterrupted, startCommand } from '../support/s3/command.ts'
import { startCountingProxy } from '../support/s3/counting-proxy.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { ODD_BYTES, startOddStore } from '../support/s3/odd-store.ts'
import { expectUntainted } from '../support/taint.ts'

const MIB = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'postern-download-'))
const token = await tokenOf('alice')
const env = {
  POSTERN_URL: gateway.url,
  POSTERN_TOKEN: token,
  XDG_STATE_HOME: join(folder, 'state'),
}
const bucket = createBucket(gateway)
const prefixes: string[] = []

function freshPrefix(): string {
  const prefix = freshKey('alice', '')
  prefixes.push(prefix)
  return prefix
}
afterAll(async () => {
  for (const prefix of prefixes) await bucket.clear(prefix)
})

async function run(args: readonly string[], more: Record<string, string> = {}) {
  const outcome = await runCli(['download', ...args], { env: { ...env, ...more }, cwd: folder })
  expectUntainted(outcome.out + outcome.err, [token, gateway.sessionSecret, gateway.posternKey])
  return outcome
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const hashOf = (path: string): string => hash(readFileSync(join(folder, path)))
const toLines = (out: string): Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** Everything that the command keeps on the disk. */
function readState(at: string): string {
  if (!existsSync(at)) return ''
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')
}

function listFiles(at: string): string[] {
  return readdirSync(join(folder, at), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, at).length + 1))
    .toSorted()
}

describe('objects and prefixes', () => {
  test('small, empty, large, with every kind of name, equal and verified', async () => {
    const prefix = freshPrefix()
    const objects = new Map([
      ["a +(1)'s!.txt", Buffer.from('hello')],
      ['Grüße/日本.png', randomBytes(3000)],
      ['Grüße/deep/er/%2B#?.bin', randomBytes(70_000)],
      ['empty', Buffer.alloc(0)],
      ['large.bin', randomBytes(25 * MIB + 17)],
    ])
    for (const [name, bytes] of objects) await bucket.put(`${prefix}album/${name}`, bytes)
    const args = [`media/${prefix}album/`, '--to', 'all', '--json']
    const { code, out, err } = await run(args)
    expect([code, err]).toEqual([0, ''])
    for (const [name, bytes] of objects) expect(hashOf(`all/album/${name}`)).toBe(hash(bytes))
    expect(listFiles('all')).toEqual([...objects.keys()].map((name) => `album/${name}`).toSorted())
    const lines = toLines(out)
    expect(lines.at(-1)).toEqual({
      ok: true,
      files: 5,
      bytes: [...objects.values()].reduce((sum, { length }) => sum + length, 0),
      failed: 0,
      resumedBytes: 0,
    })
    expect(lines.find(({ key }) => key === `${prefix}album/large.bin`)).toEqual({
      ok: true,
      file: 'all/album/large.bin',
      bucket: 'media',
      key: `${prefix}album/large.bin`,
      size: 25 * MIB + 17,
      etag: createHash('md5')
        .update(objects.get('large.bin') ?? '')
        .digest('hex'),
      verified: 'md5',
      resumedBytes: 0,
    })
    expect(lines.slice(0, -1).map(({ verified }) => verified)).toEqual(Array(5).fill('md5'))
    // Nothing is left to go on with.
    expect(readState(join(folder, 'state'))).toBe('')
  })

  test('more than a page of a listing', async () => {
    const prefix = freshPrefix()
    const names = Array.from({ length: 1003 }, (_, at) => `${String(at).padStart(4, '0')}.txt`)
    for (let at = 0; at < names.length; at += 50)
      await Promise.all(
        names.slice(at, at + 50).map((name) => bucket.put(`${prefix}many/${name}`, name)),
      )
    // What is there already is not fetched: the listing is what counts.
    mkdirSync(join(folder, 'pages/many'), { recursive: true })
    for (const name of names.slice(0, 1000)) writeFileSync(join(folder, 'pages/many', name), '')
    const { code, out } = await run([`media/${prefix}many/`, '--to', 'pages', '--json'])
    expect(code).toBe(1)
    expect(toLines(out).at(-1)).toMatchObject({ files: 3, bytes: 24, failed: 1000 })
    expect(readFileSync(join(folder, 'pages/many/1002.txt'), 'utf8')).toBe('1002.txt')
  })

  test('one object by its last name; what is there stays, unless it is asked', async () => {
    const key = `${freshPrefix()}one.txt`
    await bucket.put(key, 'first')
    const first = await run([`media/${key}`, '--to', 'one'])
    expect(first).toEqual({
      code: 0,
      out: '',
      err: `media/${key} → one/one.txt (5 B)\nfetched: 1 of 1, 5 B\n`,
    })
    await bucket.put(key, 'second')
    expect(await run([`media/${key}`, '--to', 'one', '--quiet'])).toEqual({
      code: 1,
      out: '',
      err: `media/${key}: the file exists (--overwrite replaces it)\n`,
    })
    expect(readFileSync(join(folder, 'one/one.txt'), 'utf8')).toBe('first')
    expect((await run([`media/${key}`, '--to', 'one', '--overwrite', '--quiet'])).code).toBe(0)
    expect(readFileSync(join(folder, 'one/one.txt'), 'utf8')).toBe('second')
  })
})

describe('refused', () => {
  test('what is not there, what no grant allows: exit 1, the others come', async () => {
    const prefix = freshPrefix()
    await bucket.put(`${prefix}here`, 'here')
    const names = [`media/${prefix}none`, 'media/users/bob/x', `media/${prefix}here`]
    const { code, out } = await run([...names, '--to', 'some', '--json'])
    expect(code).toBe(1)
    const lines = toLines(out)
    expect(lines.find(({ key }) => key === `${prefix}none`)).toMatchObject({
      ok: false,
      code: 'not_found',
      status: 404,
    })
    expect(lines.find(({ key }) => key === 'users/bob/x')).toMatchObject({ code: 'forbidden' })
    expect(lines.at(-1)).toMatchObject({ ok: false, files: 1, failed: 2 })
    expect(listFiles('some')).toEqual(['here'])
  })
  test('a prefix that may not be listed is the failure of the command', async () => {
    expect(await run(['media/users/bob/', '--json'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('"code":"forbidden"'),
    })
  })
  test.skipIf(process.platform === 'win32')(
    'links on the way and names that are no file, each by itself; nothing outside is touched',
    async () => {
      const prefix = freshPrefix()
      for (const name of ['out/x', 'link', 'fine', '.fine.postern-part', 'both', 'both/x', 'was/x'])
        await bucket.put(`${prefix}t/${name}`, 'from the bucket')
      mkdirSync(join(folder, 'outside'))
      writeFileSync(join(folder, 'outside/kept'), 'kept')
      mkdirSync(join(folder, 'odd/t'), { recursive: true })
      symlinkSync(join(folder, 'outside'), join(folder, 'odd/t/out'))
      symlinkSync(join(folder, 'outside/kept'), join(folder, 'odd/t/link'))
      // Where the unfinished file goes.
      symlinkSync(join(folder, 'outside/kept'), join(folder, 'odd/t/.fine.postern-part'))
      writeFileSync(join(folder, 'odd/t/was'), 'a file')
      const { code, err } = await run([`media/${prefix}t/`, '--to', 'odd'])
      expect(code).toBe(1)
      expect(err).toContain('t/out/x: a folder on its way is a link, which is not followed')
      expect(err).toContain('t/link: the file exists')
      expect(err).toContain('.fine.postern-part: its key holds the name of an unfinished download')
      expect(err).toContain('t/both: its file would be a folder of others')
      expect(err).toContain('t/was/x: a folder on its way is a file')
      expect(err).toContain('fetched: 2 of 7')
      expect(readFileSync(join(folder, 'odd/t/fine'), 'utf8')).toBe('from the bucket')
      const again = await run([`media/${prefix}t/link`, '--to', 'odd/t', '--overwrite'])
      expect(again.code).toBe(0)
      expect(lstatSync(join(folder, 'odd/t/link')).isSymbolicLink()).toBe(false)
      expect(listFiles('outside')).toEqual(['kept'])
      expect(readFileSync(join(folder, 'outside/kept'), 'utf8')).toBe('kept')
    },
  )
  test.each([
    [[]],
    [['media']],
    [['media/../x']],
    [['media/a//b/']],
    [['media/users/alice/x', '--concurrency', '0']],
  ])('bad usage %j', async (args) => {
    const { code, out, err } = await run(args)
    expect([code, out, err.trim().split('\n').length]).toEqual([2, '', 1])
  })
})

describe('stopped', () => {
  const seed = 20261128
  let proxy: Awaited<ReturnType<typeof startCountingProxy>>
  let running: Awaited<ReturnType<typeof startGateway>>
  let own: Record<string, string>
  let store: ReturnType<typeof createBucket>

  beforeAll(async () => {
    proxy = await startCountingProxy()
    running = await startGateway((_, s3) => {
      const { pathname, origin } = new URL(s3.endpoint)
      proxy.aim(origin)
      const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
      const endpoint = proxy.origin + pathname.replace(/\/$/, '')
      const place = { provider, bucket: s3.bucket, region: s3.region, endpoint }
      return {
        BUCKETS: { media: { ...place, addressing: 'path', credentials: 'MEDIA' } },
        GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read', 'upload', 'list'] }],
      }
    }, gateway.script)
    store = createBucket(running.facts)
    own = {
      POSTERN_URL: running.facts.url,
      POSTERN_TOKEN: await createClient(running.facts).tokenOf('alice'),
      XDG_STATE_HOME: join(folder, 'killed'),
    }
  })
  afterAll(async () => {
    await store.clear('')
    await running.stop()
    proxy.stop()
  })

  /** The first bytes of the ranges that the journal holds. */
  function readStored(): ReadonlySet<number> {
    const text = readState(join(folder, 'killed'))
    if (text === '') return new Set()
    const { stored, rangeBytes } = JSON.parse(text) as {
      stored: [number, number][]
      rangeBytes: number
    }
    return new Set(stored.map(([index]) => index * rangeBytes))
  }

  test('SIGKILL at three moments: what is stored is not fetched again, and the file is whole', async () => {
    const size = 120 * MIB + 4321
    const bytes = randomBytes(size)
    writeFileSync(join(folder, 'killed.bin'), bytes)
    const key = freshKey('alice', 'killed.bin')
    const sent = await startCommand(
      ['upload', 'killed.bin', '--to', `media/${key}`, '--quiet'],
      own,
      folder,
    ).ended
    expect([sent.code, sent.err]).toEqual([0, ''])
    const chance = createChance(seed)
    const shares = [1, 2, 3].map(() => 0.2 + chance() * 0.1)
    const args = ['download', `media/${key}`, '--to', 'into', '--concurrency', '2', '--json']
    const starts: { at: number; stored: ReadonlySet<number> }[] = []
    const { last, cut } = await runInterrupted(
      () => {
        starts.push({ at: proxy.reads().length, stored: readStored() })
        return startCommand(args, own, folder)
      },
      proxy,
      size,
      shares,
    )
    expect(cut.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL'])
    expect([last.code, last.err]).toEqual([0, ''])
    expect(hashOf('into/killed.bin')).toBe(hash(bytes))
    expect(listFiles('into')).toEqual(['killed.bin'])
    for (const [run_, { at, stored }] of starts.entries()) {
      const calls = proxy.reads().slice(at, starts[run_ + 1]?.at)
      const asked = calls.map(({ range }) => Number(/^bytes=(\d+)-/.exec(range)?.[1]))
      expect(asked.filter((first) => stored.has(first))).toEqual([])
    }
    const { at = 0, stored = new Set() } = starts.at(-1) ?? {}
    expect(stored.size).toBeGreaterThan(0)
    const passed = proxy.reads().slice(at)
    // To the byte: what was not stored, and nothing else.
    expect(passed.reduce((sum, { bytes: count }) => sum + count, 0)).toBe(
      size - stored.size * 8 * MIB,
    )
    expect(toLines(last.out)[0]).toMatchObject({
      resumedBytes: stored.size * 8 * MIB,
      verified: running.facts.s3.kind === 'embedded' ? expect.any(String) : 'md5-of-parts',
    })
    expect(readState(join(folder, 'killed'))).toBe('')
  })

  test('Ctrl-C: exit 1, a word on how to go on, no token or signed URL in what is kept', async () => {
    const bytes = randomBytes(40 * MIB)
    const key = freshKey('alice', 'broken.bin')
    await store.put(key, bytes)
    const args = ['download', `media/${key}`, '--to', 'into', '--concurrency', '2']
    const started = startCommand(args, own, folder)
    proxy.after(26 * MIB, () => started.kill('SIGINT'))
    const { code, err } = await started.ended
    expect([code, err]).toEqual([
      1,
      'stopped; what is stored stays: the same command goes on where it was\n',
    ])
    expect(listFiles('into')).toContain('.broken.bin.postern-part')
    const state = readState(join(folder, 'killed'))
    expect(state).toContain(key)
    expect(state).not.toMatch(/X-Amz|https?:|eyJ/)
    expectUntainted(state, [own['POSTERN_TOKEN'] ?? '', running.facts.sessionSecret])
    const kept = readdirSync(join(folder, 'killed'), { recursive: true, withFileTypes: true })
    for (const entry of kept.filter((one) => one.isFile()))
      expect(statSync(join(entry.parentPath, entry.name)).mode & 0o777).toBe(0o600)
    // What was written over since is fetched again.
    const part = join(folder, 'into/.broken.bin.postern-part')
    const spoilt = readFileSync(part)
    const [first = 0, ...others] = readStored()
    spoilt.fill(0, first, first + 100)
    writeFileSync(part, spoilt)
    const again = await startCommand([...args, '--json'], own, folder).ended
    expect([again.code, again.err]).toEqual([0, ''])
    expect(toLines(again.out)[0]).toMatchObject({ resumedBytes: others.length * 8 * MIB })
    expect(hashOf('into/broken.bin')).toBe(hash(bytes))
  })

  test('an object that has changed since is fetched anew, and that is said', async () => {
    const key = freshKey('alice', 'changed.bin')
    await store.put(key, randomBytes(40 * MIB))
    const args = ['download', `media/${key}`, '--to', 'into', '--concurrency', '1']
    const started = startCommand(args, own, folder)
    proxy.after(20 * MIB, () => started.kill('SIGKILL'))
    await started.ended
    expect(readStored().size).toBeGreaterThan(0)
    const bytes = randomBytes(40 * MIB)
    await store.put(key, bytes)
    const { code, err } = await startCommand(args, own, folder).ended
    expect([code, err.split('\n')[0]]).toEqual([
      0,
      `media/${key} has changed in the bucket: it is fetched anew`,
    ])
    expect(hashOf('into/changed.bin')).toBe(hash(bytes))
    expect(readState(join(folder, 'killed'))).toBe('')
  })

  test('two processes at once: one fetches, the other finds the file', async () => {
    const key = freshKey('alice', 'twice.bin')
    const bytes = randomBytes(24 * MIB)
    await store.put(key, bytes)
    const args = ['download', `media/${key}`, '--to', 'into', '--json']
    const begin = proxy.bytes()
    const both = await Promise.all([1, 2].map(() => startCommand(args, own, folder).ended))
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1])
    expect(both.map(({ out }) => out).join('')).toContain('"code":"exists"')
    expect(proxy.bytes() - begin).toBe(bytes.length)
    expect(hashOf('into/twice.bin')).toBe(hash(bytes))
  })
})

describe('a store of another kind', () => {
  let odd: Awaited<ReturnType<typeof startOddStore>>
  let running: Awaited<ReturnType<typeof startGateway>>
  let own: Record<string, string>

  beforeAll(async () => {
    odd = await startOddStore()
    running = await startGateway(
      () => ({
        BUCKETS: {
          odd: {
            provider: 'ceph',
            bucket: 'odd',
            region: 'us-east-1',
            endpoint: odd.origin,
            addressing: 'path',
            credentials: 'MEDIA',
          },
        },
        GRANTS: [{ bucket: 'odd', prefix: '', allow: ['read'] }],
        UPPY: undefined,
      }),
      gateway.script,
    )
    own = {
      POSTERN_URL: running.facts.url,
      POSTERN_TOKEN: await createClient(running.facts).tokenOf('alice'),
    }
  })
  afterAll(async () => {
    await running.stop()
    odd.stop()
  })

  const fetchOdd = async (name: string) => {
    const { code, out } = await run([`odd/${name}`, '--to', 'store', '--json'], own)
    return { code, line: toLines(out)[0] }
  }

  test.each([
    ['ignores-range', 'md5'],
    ['ignores-range-and-breaks', 'md5'],
    ['breaks', 'md5'],
    ['busy', 'md5'],
    ['once', 'md5'],
    ['kms', 'size'],
    ['crc', 'crc64nvme'],
    ['parts', 'md5-of-parts'],
    ['parts-unknown', 'size'],
    ['no-etag', 'size'],
  ])('%s: whole, proven by %s', async (name, verified) => {
    const { code, line } = await fetchOdd(name)
    expect({ code, line }).toMatchObject({ code: 0, line: { ok: true, verified } })
    expect(hashOf(`store/${name}`)).toBe(hash(ODD_BYTES))
  })
  test('a URL that the store refuses is signed anew', async () => {
    expect((await fetchOdd('dead')).code).toBe(0)
    expect(hashOf('store/dead')).toBe(hash(ODD_BYTES))
    expect(odd.count('dead')).toBe(4)
  })
  test.each([
    ['closed', 'storage', 3],
    ['restless', 'precondition_failed', 8],
    ['other', 'checksum_mismatch', 4],
    ['crc-wrong', 'checksum_mismatch', 4],
    ['none', 'not_found', 0],
  ])('%s: %s, after so many calls, and nothing is left', async (name, code, calls) => {
    const outcome = await fetchOdd(name)
    expect(outcome).toMatchObject({ code: 1, line: { ok: false, code } })
    expect(odd.count(name)).toBeLessThanOrEqual(calls)
    expect(listFiles('store').filter((path) => path.includes(name))).toEqual([])
  })
})
