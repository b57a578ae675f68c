// Byte quotas against a live S3: what is held, settled, given back and refused, and that no URL goes around them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UploadAnswer } from '../../src/contract/upload.ts'
import { mintHmac } from '../support/mint.ts'
import { send } from '../support/s3/client.ts'
import { type GatewayFacts, startGateway } from '../support/s3/gateway.ts'

// Days, so that a test runs across the end of a window once in a blue moon; months of 30 days are windows alike.
const LIMITS = [
  { name: 'daily', per: 'sub', unit: 'bytes', allow: 100, every: '1d' },
  { name: 'monthly', per: 'bucket', unit: 'bytes', allow: '1KB', every: '30d' },
].map((limit) => ({ ...limit, store: 'durable-object', on_error: 'deny' }))

let facts: GatewayFacts
let stop: () => Promise<void>
beforeAll(async () => {
  const started = await startGateway(() => ({ LIMITS }))
  ;({ facts, stop } = started)
})
afterAll(() => stop())

async function call(sub: string, method: string, path: string, body?: object): Promise<Response> {
  const now = Math.floor(Date.now() / 1000)
  const token = await mintHmac(
    {
      header: { alg: 'HS256' },
      claims: { iss: 'https://login.test', aud: facts.url, sub, iat: now, exp: now + 600 },
    },
    new TextEncoder().encode(facts.sessionSecret),
  )
  return fetch(facts.url + path, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const open = (sub: string, size: number, more: object = {}): Promise<Response> =>
  call(sub, 'POST', '/v1/uploads', {
    bucket: 'media',
    key: `users/${sub}/${crypto.randomUUID()}`,
    size,
    type: 'text/plain',
    ...more,
  })

/** Answers are validated against the document elsewhere; here their shape is taken as it is. */
const read = async (answer: Response): Promise<UploadAnswer> =>
  (await answer.json()) as UploadAnswer

async function leftOf(sub: string): Promise<number | undefined> {
  const answer = await call(sub, 'GET', '/v1/session')
  const { limits } = (await answer.json()) as { limits: { name: string; remaining: number }[] }
  return limits.find(({ name }) => name === 'daily')?.remaining
}

async function fill(sub: string, upload: UploadAnswer): Promise<Response> {
  const parts = []
  for (const part of upload.parts) {
    const sent = await send(part, 'x'.repeat(part.size))
    expect(sent.status).toBe(200)
    parts.push({ partNumber: part.partNumber, etag: sent.headers.get('ETag') })
  }
  return call(sub, 'POST', `/v1/uploads/${upload.id}/complete`, { parts })
}

test('held at the handshake, kept by completion, given back by abort, never more than the quota', async () => {
  expect(await leftOf('alice')).toBe(100)
  const opened = await open('alice', 60)
  expect(opened.status).toBe(201)
  expect(opened.headers.get('RateLimit')).toMatch(/^"daily";r=40;t=\d+, "monthly";r=940;t=\d+$/)
  expect(opened.headers.get('RateLimit-Policy')).toBe(
    '"daily";q=100;qu="content-bytes";w=86400, "monthly";q=1000;qu="content-bytes";w=2592000',
  )
  const upload = await read(opened)
  // In parts, however small: the URL of a part makes no object.
  expect(upload.strategy).toBe('multipart')

  const refused = await open('alice', 41)
  expect(refused.status).toBe(429)
  expect(await refused.json()).toMatchObject({
    code: 'rate_limited',
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    'violated-policies': ['daily'],
  })
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
  // What one quota refused, the other does not hold.
  expect(refused.headers.get('RateLimit')).toContain('"monthly";r=899')
  const other = await open('alice', 40)
  expect(other.headers.get('RateLimit')).toMatch(/^"daily";r=0;t=\d+, "monthly";r=900;t=\d+$/)
  const { id } = await read(other)

  const done = await fill('alice', upload)
  expect(done.status).toBe(200)
  expect(await (await fill('alice', { ...upload, parts: [] })).json()).toEqual(await done.json())
  expect((await call('alice', 'DELETE', `/v1/uploads/${id}`)).status).toBe(204)
  expect((await call('alice', 'DELETE', `/v1/uploads/${id}`)).status).toBe(204)
  expect(await leftOf('alice')).toBe(40)
  // A completed upload is not given back, neither by aborting nor by deleting its object.
  expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(409)
  expect((await call('alice', 'DELETE', `/v1/objects/media/${upload.key}`)).status).toBe(204)
  expect(await leftOf('alice')).toBe(40)
})

test('twenty handshakes at once get no more than the quota holds', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => open('bob', 30)))
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(17)
  expect(await leftOf('bob')).toBe(10)
})

test('what can never fit is too large, and a raw PUT would go uncounted', async () => {
  expect((await open('carol', 101)).status).toBe(413)
  const put = { bucket: 'media', key: 'users/carol/x', method: 'PUT', size: 1, type: 'text/plain' }
  const signed = await call('carol', 'POST', '/v1/sign', put)
  expect([signed.status, await signed.json()]).toMatchObject([403, { code: 'forbidden' }])
  const batch = await call('carol', 'POST', '/v1/sign', {
    requests: [{ bucket: 'media', key: 'users/carol/x', method: 'GET' }, put],
  })
  expect(await batch.json()).toMatchObject({ results: [{ status: 200 }, { status: 403 }] })
  expect(await leftOf('carol')).toBe(100)
})

test('a malformed request holds nothing', async () => {
  const answer = await open('dave', 50, { key: 'users/dave/'.padEnd(1030, 'k') })
  expect(answer.status).toBe(400)
  expect(await leftOf('dave')).toBe(100)
})
