// A streamed link beside S3 itself: ranges and conditions of over a hundred requests, cold and from the cache; nothing after a revocation.
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { call, freshKey, gateway, send, sign } from '../support/s3/client.ts'

const SIZE = 1000
const BYTES = Uint8Array.from({ length: SIZE }, (_, at) => (at * 7) % 251)
const key = freshKey('alice', 'Grüße.bin')
let etag = ''

async function make(terms: Record<string, unknown>): Promise<LinkAnswer> {
  const body = { bucket: 'media', key, expiresIn: 600, ...terms }
  const answer = await call('alice', 'POST', '/v1/links', body)
  expect(answer.status).toBe(201)
  // The shape is asserted by what the tests read of it.
  return (await answer.json()) as LinkAnswer
}

beforeAll(async () => {
  const put = { method: 'PUT', key, size: SIZE, type: 'application/octet-stream' }
  const answer = await send(await sign('alice', put), BYTES)
  if (!answer.ok) throw new Error('not stored')
  etag = answer.headers.get('ETag') ?? ''
})

const RANGES =
  '0-0 0-1 0-499 1- 500- 999- 999-999 0-999 0-1000 0-99999 -1 -500 -999 -1000 -1001 1000- 1000-1001 5-4 -0 998-5000 10-19 100-199 200-300 7-7 333-666 900- -33 42- 250-749 1-998'
    .split(' ')
    .map((range) => ({ Range: `bytes=${range}` }))

test('ranges that are none, or several, are as if none was asked', async () => {
  const { id } = await make({ delivery: 'stream' })
  const ranges = [
    'bytes=5-4',
    'bytes=0-0,2-3',
    'bytes=',
    'bytes=x',
    'x=1-2',
    'bytes=1-2, x=1-2',
    '-5',
    '',
  ]
  for (const Range of ranges) {
    const answer = await fetch(`${gateway.url}/l/${id}`, { headers: { Range } })
    expect([Range, answer.status]).toEqual([Range, 200])
    expect((await answer.arrayBuffer()).byteLength).toBe(SIZE)
  }
  const far = await fetch(`${gateway.url}/l/${id}`, {
    headers: { Range: `bytes=${'9'.repeat(30)}-` },
  })
  expect(far.status).toBe(416)
})

test('entity tags that are none: not to match them is easy, to match them impossible', async () => {
  const { id } = await make({ delivery: 'stream' })
  const statusOf = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${gateway.url}/l/${id}`, { headers })).status
  for (const tags of ['x,,', '"', '"a', ',', 'W/', '"a" "b"']) {
    expect([tags, await statusOf({ 'If-None-Match': tags })]).toEqual([tags, 200])
    expect([tags, await statusOf({ 'If-Match': tags })]).toEqual([tags, 412])
  }
})

describe('as S3 itself', () => {
  const past = 'Wed, 21 Oct 2015 07:28:00 GMT'
  const future = 'Wed, 21 Oct 2099 07:28:00 GMT'
  test.each(['GET', 'HEAD'])('%s, cold and warm', { timeout: 120_000 }, async (method) => {
    const { id } = await make({ delivery: 'stream' })
    const direct = await sign('alice', { method, key })
    const requests: Record<string, string>[] = [
      {},
      ...RANGES,
      { 'If-None-Match': etag },
      { 'If-None-Match': '"other"' },
      { 'If-None-Match': '*' },
      { 'If-Match': etag },
      { 'If-Match': '"other"' },
      { 'If-Modified-Since': past },
      { 'If-Modified-Since': future },
      { 'If-Unmodified-Since': past },
      { 'If-Unmodified-Since': future },
      ...RANGES.slice(0, 6).flatMap((range) =>
        [etag, '"other"', past].map((validator) => ({ ...range, 'If-Range': validator })),
      ),
      { 'If-Range': etag },
      ...RANGES.slice(0, 12).map((range) => ({ ...range, 'If-None-Match': '"other"' })),
      ...RANGES.slice(0, 6).map((range) => ({ ...range, 'If-Match': etag })),
      {},
    ]
    expect(requests.length).toBeGreaterThan(50)
    for (const asked of requests) {
      const headers = { ...asked, 'Accept-Encoding': 'identity' }
      const theirs = await fetch(direct.url, { method, headers })
      const ours = await fetch(`${gateway.url}/l/${id}`, { method, headers })
      const told = (answer: Response, name: string): string | null => answer.headers.get(name)
      const isShown = theirs.status < 300
      // A range that ends before it begins is none (RFC 9110 §14.1.1), and so it is here; the local R2 says 400, Ceph 416.
      if (asked['Range'] === 'bytes=5-4') {
        expect([asked, ours.status]).toEqual([asked, 200])
        continue
      }
      expect([asked, ours.status]).toEqual([asked, theirs.status])
      for (const name of ['content-range', 'etag', 'last-modified'])
        if (isShown)
          expect([asked, name, told(ours, name)]).toEqual([asked, name, told(theirs, name)])
      const [own, other] = [await ours.arrayBuffer(), await theirs.arrayBuffer()]
      if (isShown) expect(Buffer.from(own).equals(Buffer.from(other))).toBe(true)
      if (isShown && method === 'GET')
        expect(told(ours, 'content-length')).toBe(told(theirs, 'content-length'))
    }
  })
})

test('what is told: a name to save under, nothing that runs here, and to ask every time', async () => {
  const { id } = await make({ delivery: 'stream' })
  const answer = await fetch(`${gateway.url}/l/${id}`)
  expect(answer.headers.get('Content-Disposition')).toBe(
    `attachment; filename="Gr__e.bin"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.bin`,
  )
  expect(answer.headers.get('Cache-Control')).toBe('private, no-cache')
  expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
  expect(answer.headers.get('X-Robots-Tag')).toContain('noindex')
})

test('what is stored compressed arrives as from the storage itself, cold and warm', async () => {
  const content = Buffer.from('hello '.repeat(1000))
  const bytes = new Uint8Array(gzipSync(content))
  const compressed = freshKey('alice', 'a.txt')
  const put = { method: 'PUT', key: compressed, size: bytes.length, type: 'text/plain' }
  const stored = await send(await sign('alice', { ...put, contentEncoding: 'gzip' }), bytes)
  expect(stored.status).toBe(200)
  const direct = await send(await sign('alice', { method: 'GET', key: compressed }))
  const theirs = Buffer.from(await direct.arrayBuffer())
  // The local R2 compresses once more what is stored compressed; a client of Ceph has the text.
  expect(theirs.equals(gateway.s3.kind === 'embedded' ? Buffer.from(bytes) : content)).toBe(true)
  const { id } = await make({ key: compressed, delivery: 'stream' })
  for (const time of ['cold', 'warm', 'again']) {
    const answer = await fetch(`${gateway.url}/l/${id}`)
    const got = Buffer.from(await answer.arrayBuffer())
    expect([time, answer.status, got.equals(theirs)]).toEqual([time, 200, true])
  }
})

test('after a revocation no byte comes from the cache', async () => {
  const { id } = await make({ delivery: 'stream' })
  for (let times = 0; times < 3; times += 1)
    expect((await (await fetch(`${gateway.url}/l/${id}`)).arrayBuffer()).byteLength).toBe(SIZE)
  expect((await call('alice', 'DELETE', `/v1/links/${id}`)).status).toBe(204)
  for (const headers of [{}, { Range: 'bytes=0-9' }, { 'If-None-Match': etag }]) {
    const answer = await fetch(`${gateway.url}/l/${id}`, { headers })
    expect([answer.status, answer.headers.get('ETag')]).toEqual([410, null])
    expect(await answer.json()).toMatchObject({ code: 'link_gone' })
  }
  // Another link to the same object still opens it.
  const other = await make({ delivery: 'stream' })
  expect((await fetch(`${gateway.url}/l/${other.id}`)).status).toBe(200)
})

test('an object that is not there is 404, and redirected links open at S3', async () => {
  const gone = await make({ delivery: 'stream', key: freshKey('alice') })
  expect((await fetch(`${gateway.url}/l/${gone.id}`)).status).toBe(404)
  const { id } = await make({})
  const bytes = new Uint8Array(await (await fetch(`${gateway.url}/l/${id}`)).arrayBuffer())
  expect(bytes).toEqual(BYTES)
})

test('a link with a password streams after the form, by its cookie', async () => {
  const { id } = await make({ delivery: 'stream', password: 'open sesame' })
  const url = `${gateway.url}/l/${id}`
  const Accept = 'text/html'
  const body = new URLSearchParams({ password: 'open sesame' })
  const posted = await fetch(url, { method: 'POST', redirect: 'manual', headers: { Accept }, body })
  expect([posted.status, posted.headers.get('Location')]).toEqual([303, url])
  const Cookie = (posted.headers.get('Set-Cookie') ?? '').split(';', 1)[0] ?? ''
  const ranged = await fetch(url, { headers: { Cookie, Range: 'bytes=5-9' } })
  expect([ranged.status, (await ranged.arrayBuffer()).byteLength]).toEqual([206, 5])
  expect((await fetch(url, { headers: { Range: 'bytes=5-9' } })).status).toBe(403)
})
