// The corridor as a whole: headers, CORS, health, lifetimes, limits, and what happens when KV is down.
import { describe, expect, test, vi } from 'vitest'
import type { SignedRequest } from '../../src/contract/common.ts'
import {
  bearer,
  claimsOf,
  createGateway,
  type Problem,
  secretBytes,
  SETTINGS,
} from '../support/worker.ts'
import { mintHmac } from '../support/mint.ts'

const brokenKv = new Proxy(Object.create(null), {
  get: () => () => Promise.reject(new Error('KV is down')),
})

describe('answers', () => {
  test('carry the headers of every answer', async () => {
    const { request } = createGateway()
    for (const path of ['/healthz', '/v1/session', '/nothing/here', '/robots.txt']) {
      const { headers } = await request(path)
      expect(headers.get('X-Request-Id')).toMatch(/^[\w-]{16}$/)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'")
      expect(headers.get('Vary')).toContain('Origin')
    }
  })
  test('the type of a problem leads to a page that has its code', async () => {
    const { request } = createGateway()
    const { type = '' } = await (await request('/nothing')).json<Problem>()
    const url = new URL(type)
    const page = await request(url.pathname)
    expect([page.status, page.headers.get('Content-Type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ])
    expect(await page.text()).toContain(`id="${url.hash.slice(1)}"`)
  })
  test('a bucket is addressed by its host name, or by its path', async () => {
    const { BUCKETS } = SETTINGS
    const path = createGateway({ BUCKETS: { media: { ...BUCKETS.media, addressing: 'path' } } })
    const locationOf = async ({ request }: Pick<typeof path, 'request'>) =>
      (await request('/o/media/users/alice/x', { headers: await bearer() })).headers.get('Location')
    expect(await locationOf(createGateway())).toMatch(
      /^https:\/\/acme-media\.s3\.eu-west-1\.amazonaws\.com\/users\/alice\/x\?/,
    )
    expect(await locationOf(path)).toMatch(
      /^https:\/\/s3\.eu-west-1\.amazonaws\.com\/acme-media\/users\/alice\/x\?/,
    )
  })
  test('unknown paths are 404, wrong methods 405', async () => {
    const { request } = createGateway()
    for (const path of ['/nothing', '/healthz/', '/v1/uploads/', '/v1/uploads/x/', '/v1/sign/'])
      expect([path, (await request(path)).status]).toEqual([path, 404])
    const answer = await request('/v1/sign', { method: 'DELETE' })
    expect([answer.status, answer.headers.get('Allow')]).toEqual([405, 'POST, OPTIONS'])
  })
  test('CORS is for exact origins alone', async () => {
    const { request } = createGateway()
    const preflight = (origin: string) =>
      request('/v1/sign', {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      })
    const ours = await preflight('https://app.example.com')
    expect([ours.status, ours.headers.get('Access-Control-Allow-Origin')]).toEqual([
      204,
      'https://app.example.com',
    ])
    for (const origin of [
      'https://app.example.com.evil.example',
      'https://evil.example',
      'null',
      'http://app.example.com',
    ]) {
      expect((await preflight(origin)).headers.get('Access-Control-Allow-Origin')).toBeNull()
    }
  })
})

describe('configuration faults', () => {
  test('are all named at once, and only /healthz answers', async () => {
    const { request, log } = createGateway({
      SESSION_SECRET: 'short',
      ORIGINS: ['https://*.example.com'],
      GRANTS_1: [
        { bucket: 'media', prefix: 'no-slash', allow: ['read'] },
        { bucket: 'nope', prefix: '', allow: ['fly'] },
      ],
      LIMITES: [{}],
    })
    expect((await request('/healthz')).status).toBe(200)
    expect(await (await request('/v1/session')).json<Problem>()).toMatchObject({
      code: 'misconfigured',
    })
    const ready = await (await request('/readyz')).json<Problem>()
    const pointers = ready.errors?.map(({ pointer }) => pointer)
    expect(pointers).toContain('LIMITES')
    expect(pointers).toContain('GRANTS_1[1].allow[0]')
    expect(JSON.stringify(log)).not.toContain('short"')
  })
  test.each([
    ['ISSUERS[0].secret', { SESSION_SECRET: 'only 31 bytes long, one too few' }],
    ['ORIGINS[0]', { ORIGINS: ['https://*.example.com'] }],
    ['GRANTS[0].prefix', { GRANTS: [{ bucket: 'media', prefix: 'a', allow: ['read'] }] }],
    ['GRANTS[0].prefix', { GRANTS: [{ bucket: 'media', prefix: '${}/', allow: ['read'] }] }],
    ['GRANTS[0].prefix', { GRANTS: [{ bucket: 'media', prefix: 'u-${sub}/', allow: ['read'] }] }],
    ['LIMITS[0]', { LIMITS: [{ name: 'a', per: 'sub', allow: 5, every: '1m' }] }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://files.example.com' }],
    ['POSTERN_KEY', { POSTERN_KEY: 'AAAA' }],
    [
      'BUCKETS.media.endpoint',
      {
        BUCKETS: { media: { provider: 'minio', region: 'x', bucket: 'abc', credentials: 'MEDIA' } },
      },
    ],
  ])('%s', async (path, settings) => {
    const ready = await (await createGateway(settings).request('/readyz')).json<Problem>()
    expect(ready.errors?.map(({ pointer }) => pointer)).toContain(path)
  })
})

describe('lifetimes', () => {
  test('a URL never outlives the token or the grant, and says so', async () => {
    const { request } = createGateway()
    const now = Math.floor(Date.now() / 1000)
    const claims = { ...claimsOf('alice'), exp: now + 100 }
    const token = await mintHmac({ header: { alg: 'HS256' }, claims }, secretBytes)
    const answer = await request('/o/media/users/alice/x?expiresIn=604800', {
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
    })
    const signed = await answer.json<SignedRequest>()
    expect(Date.parse(signed.expiresAt)).toBeLessThanOrEqual((now + 100) * 1000)
    const query = new URL(signed.url).searchParams
    expect(Number(query.get('X-Amz-Expires'))).toBeLessThanOrEqual(100)
  })
})

// Windows of a week, so that no test runs across the end of one.
describe('limits', () => {
  test.each(['kv', 'durable-object'])(
    '%s: the sixth of five is 429 with all that a client needs',
    async (store) => {
      const { request } = createGateway({
        LIMITS: [{ name: 'five', per: 'sub', allow: 5, every: '7d', store, approximate: true }],
      })
      const headers = await bearer(`user-${store}`)
      const answers: Response[] = []
      for (let i = 0; i < 6; i += 1)
        answers.push(await request(`/o/media/users/user-${store}/x`, { headers }))
      expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 302, 302, 429])
      const last = answers.at(-1)
      expect(last?.headers.get('RateLimit')).toMatch(/^"five";r=0;t=\d+$/)
      expect(last?.headers.get('RateLimit-Policy')).toBe('"five";q=5;w=604800')
      expect(Number(last?.headers.get('Retry-After'))).toBeGreaterThan(0)
      expect(await last?.json()).toMatchObject({
        code: 'rate_limited',
        'violated-policies': ['five'],
      })
    },
  )
  test('a KV that throws is never a 5xx, and the limit still holds in this isolate', async () => {
    const { request } = createGateway({
      POSTERN_KV: brokenKv,
      // Revocation records are another matter: by default they must be readable.
      ISSUERS: SETTINGS.ISSUERS.map((issuer) => ({ ...issuer, on_revocation_error: 'allow' })),
      LIMITS: [{ name: 'twenty', per: 'sub', allow: 20, every: '7d', approximate: true }],
      waits: false,
    })
    const headers = await bearer()
    const statuses: number[] = []
    for (let i = 0; i < 25; i += 1)
      statuses.push((await request('/o/media/users/alice/x', { headers })).status)
    expect(statuses.filter((status) => status === 302)).toHaveLength(20)
    expect(statuses.filter((status) => status === 429)).toHaveLength(5)
  })
  test('a flood by address is stopped before the token is looked at', async () => {
    const { request } = createGateway({
      LIMITS: [{ name: 'door', per: 'ip', allow: 20, every: '7d', approximate: true }],
    })
    const headers = { 'CF-Connecting-IP': '192.0.2.7', Authorization: 'Bearer junk' }
    const statuses: number[] = []
    for (let i = 0; i < 22; i += 1)
      statuses.push((await request('/v1/session', { headers })).status)
    expect(statuses.slice(-3)).toEqual([401, 429, 429])
  })
})

describe('opening an upload', () => {
  // Without s3:ListBucket, S3 answers 403 for what does not exist; the signed PUT itself refuses to overwrite.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  test.each([
    [404, 201],
    [403, 201],
    [200, 409],
    [500, 502],
  ])('when S3 answers HEAD with %i: %i', async (head, expected) => {
    // Without these two nothing is an object, whatever the status.
    const headers = { ETag: '"etag"', 'Content-Length': '1' }
    const spy = vi
      .spyOn(globalThis, 'fetch')
      .mockResolvedValue(new Response(null, { status: head, headers }))
    const body = JSON.stringify({
      bucket: 'media',
      key: 'users/alice/x',
      size: 1,
      type: 'image/png',
    })
    const answer = await createGateway().request('/v1/uploads', {
      method: 'POST',
      headers: await bearer(),
      body,
    })
    spy.mockRestore()
    expect(answer.status).toBe(expected)
  })
})

test('limits of address and subject stand in one list, tightest first', async () => {
  const { request } = createGateway({
    LIMITS: [
      { name: 'door', per: 'ip', allow: 1000, every: '1m' },
      { name: 'tight', per: 'sub', allow: 20, every: '1m' },
    ],
  })
  const headers = { ...(await bearer()), 'CF-Connecting-IP': '192.0.2.9' }
  const answer = await request('/o/media/users/alice/x', { headers })
  expect(answer.headers.get('RateLimit')).toMatch(/^"tight";r=19;t=\d+, "door";r=999;t=\d+$/)
})

test.each([
  ['plain', 'users/alice/private.txt'],
  ['hmac', expect.stringMatching(/^[\w-]{16}$/)],
])('AUDIT.keys = %s', async (keys, expected) => {
  const { request, log } = createGateway({ AUDIT: { keys } })
  await request('/o/media/users/alice/private.txt', { headers: await bearer() })
  expect(log).toMatchObject([{ status: 302, bucket: 'media', key: expected, grant: 'GRANTS[0]' }])
  expect(JSON.stringify(log)).not.toContain('"alice"')
})

test('GET /v1/session resolves prefixes and lists limits', async () => {
  const answer = await createGateway().request('/v1/session', { headers: await bearer() })
  expect(await answer.json()).toMatchObject({
    sub: 'alice',
    grants: [{ bucket: 'media', prefix: 'users/alice/', maxBytes: 10 * 2 ** 30 }],
    limits: [{ name: 'sign', remaining: 10_000 }],
  })
})
