// Streamed links before a storage that fails, hangs or is slow: the right error, nothing spent, no object held in memory.
import { describe, expect, inject, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { BROWSER, cookieOf, createLinks } from '../support/links.ts'
import type { Problem } from '../support/worker.ts'

const upstream = inject('upstream')
const BUCKETS = {
  media: {
    provider: 'minio',
    bucket: 'acme',
    endpoint: upstream,
    region: 'us-east-1',
    credentials: 'MEDIA',
  },
}
const { call, make, open } = createLinks({ BUCKETS, waits: true })
const keyOf = (name: string): string => `users/alice/${crypto.randomUUID()}/${name}`
const asked = async (key: string): Promise<number> =>
  Number(await (await fetch(`${upstream}/count/acme/${key}`)).text())
const readLink = async (id: string): Promise<LinkAnswer> =>
  (await call('alice', 'GET', `/${id}`)).json<LinkAnswer>()
const codeOf = async (answer: Response): Promise<string> =>
  `${answer.status} ${(await answer.json<Problem>()).code}`

describe('a storage that fails', () => {
  test.each([
    ['500-once', '502 upstream_error'],
    ['503-once', '502 upstream_error'],
    ['403-once', '502 upstream_error'],
    ['broken-once', '502 upstream_error'],
    ['page-once', '502 upstream_error'],
    ['404-once', '404 not_found'],
    ['412-once', '412 precondition_failed'],
    ['416-once', '416 range_not_satisfiable'],
  ])('%s is %s, and spends nothing of a one-time link', async (name, expected) => {
    const { id } = await make({ key: keyOf(name), delivery: 'stream', maxDownloads: 1 })
    const failed = await open(id)
    expect(failed.headers.get('Set-Cookie')).toBeNull()
    expect(await codeOf(failed)).toBe(expected)
    expect(await readLink(id)).toMatchObject({ used: 0, state: 'active' })
    const again = await open(id)
    expect([again.status, await again.text()]).toEqual([200, 'xxxxx'])
    expect(await readLink(id)).toMatchObject({ used: 1, state: 'spent' })
    expect(await codeOf(await open(id))).toBe('410 link_gone')
  })
  test('one that does not answer in time is 504, and spends nothing', async () => {
    const key = keyOf('hangs-once')
    const waits: number[] = []
    const wait = async (ms: number): Promise<void> => {
      waits.push(ms)
      while ((await asked(key)) === 0);
    }
    const hasty = createLinks({ BUCKETS }, { clock: { ...systemClock, wait } })
    const { id } = await make({ key, delivery: 'stream', maxDownloads: 1 })
    expect(await codeOf(await hasty.open(id))).toBe('504 upstream_timeout')
    expect(waits).toEqual([10_000])
    expect(await readLink(id)).toMatchObject({ used: 0 })
    expect((await open(id)).status).toBe(200)
  })
  test('once it has begun to answer, its bytes take the time they take', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const parts = { clock: { ...systemClock, wait: () => promise } }
    const { id } = await make({ key: keyOf('300000-bytes'), delivery: 'stream' })
    const answer = await createLinks({ BUCKETS }, parts).open(id)
    resolve()
    expect((await answer.arrayBuffer()).byteLength).toBe(300_000)
  })
  test('a browser whose stream fails behind its form keeps the cookie and tries again', async () => {
    const key = keyOf('503-once')
    const { id } = await make({ key, delivery: 'stream', maxDownloads: 1, password: 'open sesame' })
    const posted = await open(id, {
      method: 'POST',
      headers: BROWSER,
      body: 'password=open+sesame',
    })
    expect([posted.status, await asked(key)]).toEqual([303, 0])
    const headers = { ...BROWSER, Cookie: cookieOf(posted) }
    const failed = await open(id, { headers })
    expect(failed.status).toBe(502)
    expect(await failed.text()).toContain('try again')
    expect((await open(id, { headers })).status).toBe(200)
    expect(await readLink(id)).toMatchObject({ used: 1 })
  })
  test.each(['redirect', 'stream'])('no credentials, %s: 503, nothing spent', async (delivery) => {
    const role_arn = 'arn:aws:iam::123456789012:role/postern'
    const endpoint = `${upstream}/500`
    const credentials = { via: 'assume-role', role_arn, base: 'MEDIA', endpoint }
    const lacking = createLinks({ BUCKETS: { media: { ...BUCKETS.media, credentials } } })
    const { id } = await make({ key: keyOf('a'), delivery, maxDownloads: 1 })
    expect(await codeOf(await lacking.open(id))).toBe('503 unavailable')
    expect(await readLink(id)).toMatchObject({ used: 0, state: 'active' })
  })
  test('200 at once of a one-time streamed link: one gets bytes', async () => {
    const { id } = await make({ key: keyOf('5-bytes'), delivery: 'stream', maxDownloads: 1 })
    const answers = await Promise.all(Array.from({ length: 200 }, () => open(id)))
    const bodies = await Promise.all(answers.map(async (answer) => answer.text()))
    expect(bodies.filter((body) => body === 'xxxxx')).toHaveLength(1)
    const statuses = Map.groupBy(answers, ({ status }) => status)
    expect([statuses.get(200)?.length, statuses.get(410)?.length]).toEqual([1, 199])
  })
})

describe('the cache at the edge', () => {
  const MIB = 2 ** 20
  test.each([
    [4 * MIB, 1],
    [4 * MIB + 1, 3],
  ])('of %i bytes: the storage is asked %i times in three', async (size, times) => {
    const key = keyOf(`${size}-bytes`)
    const { id } = await make({ key, delivery: 'stream' })
    for (let round = 0; round < 3; round += 1)
      expect((await (await open(id)).arrayBuffer()).byteLength).toBe(size)
    expect(await asked(key)).toBe(times)
  })
  test('ranges, conditions and HEAD are the storage’s to answer', async () => {
    const key = keyOf('9-bytes')
    const { id } = await make({ key, delivery: 'stream' })
    await (await open(id)).text()
    for (const headers of [{ Range: 'bytes=0-1' }, { 'If-None-Match': '"etag"' }])
      await (await open(id, { headers })).text()
    await open(id, { method: 'HEAD' })
    expect(await asked(key)).toBe(4)
  })
  test('a hit is judged as any opening is: counted, and nothing once it is revoked', async () => {
    const key = keyOf('5-bytes')
    const { id } = await make({ key, delivery: 'stream', maxDownloads: 2 })
    for (const status of [200, 200, 410]) {
      const answer = await open(id)
      expect([answer.status, (await answer.text()) === 'xxxxx']).toEqual([status, status === 200])
    }
    const other = await make({ key, delivery: 'stream' })
    expect((await open(other.id)).status).toBe(200)
    await call('alice', 'DELETE', `/${other.id}`)
    const after = await open(other.id)
    expect([after.status, after.headers.get('ETag')]).toEqual([410, null])
    expect(await asked(key)).toBe(1)
  })
})
