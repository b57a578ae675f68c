// Workers KV and Durable Objects that never answer, or are overloaded: every caller gets an answer, and a time to come back.
import { env } from 'cloudflare:test'
import { describe, expect, test, vi } from 'vitest'
import { createLinks } from '../../support/links.ts'
import { bearer, createGateway, type Problem, SETTINGS } from '../../support/worker.ts'

const never = (): Promise<never> => new Promise(() => undefined)
/** What Cloudflare says when an object has more to do than it can. */
const overloaded = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('Durable Object is overloaded.'), { overloaded: true }))

/** A binding is no plain table: the configuration would take it for a misspelt variable. */
function createKv(answer: () => Promise<never>): KVNamespace {
  return new Proxy(env.POSTERN_KV, {
    get: (kv, name) => (typeof Reflect.get(kv, name) === 'function' ? answer : undefined),
  })
}

/** Objects of which every call ends so; `calls` are the names of the methods, in order. */
function createObjects(answer: () => Promise<never>, real: object) {
  const calls: string[] = []
  const stub = new Proxy(Object.create({}), {
    get: (_, method) => (calls.push(String(method)), answer),
  })
  const binding: unknown = new Proxy(real, {
    get: (_, name) => (name === 'get' ? () => stub : () => 'id'),
  })
  return { binding, calls }
}

test('KV that refuses writes, its quota used up: what cannot be kept is 503, what an object keeps is done', async () => {
  const full = new Proxy(env.POSTERN_KV, {
    get(kv, name) {
      if (name === 'put') return () => Promise.reject(new Error('KV put() limit exceeded'))
      const method: unknown = Reflect.get(kv, name)
      return typeof method === 'function' ? method.bind(kv) : method
    },
  })
  const links = createLinks()
  const plain = await links.make()
  const counted = await links.make({ maxDownloads: 3 })
  const { call, open } = createLinks({ POSTERN_KV: full })
  const body = { bucket: 'media', key: 'users/alice/x', expiresIn: 60 }
  expect(await tell(await call('alice', 'POST', '', body))).toBe(UNAVAILABLE)
  // Who is not told that it is done knows that others may still see the link: again, until it is.
  expect(await tell(await call('alice', 'DELETE', `/${plain.id}`))).toBe(UNAVAILABLE)
  expect((await links.call('alice', 'DELETE', `/${plain.id}`)).status).toBe(204)
  expect((await links.open(plain.id)).status).toBe(410)
  expect((await open(counted.id)).status).toBe(302)
  expect((await call('alice', 'DELETE', `/${counted.id}`)).status).toBe(204)
  expect((await open(counted.id)).status).toBe(410)
})

const ISSUERS = SETTINGS.ISSUERS.map((issuer) => ({ ...issuer, on_revocation_error: 'allow' }))

const UNAVAILABLE = '503 unavailable, Retry-After 5'
async function tell(answer: Response): Promise<string> {
  const { code } = await answer.json<Problem>()
  return `${answer.status} ${code}, Retry-After ${answer.headers.get('Retry-After')}`
}

describe.each([
  ['never answers', never],
  ['is overloaded', overloaded],
])('a store that %s', (_, answer) => {
  test('KV: a link cannot be read, made or listed, and is none that opens', async () => {
    const { id } = await createLinks().make()
    const { call, open } = createLinks({ POSTERN_KV: createKv(answer), ISSUERS })
    const body = { bucket: 'media', key: 'users/alice/x', expiresIn: 60 }
    const [opened, made, listed] = await Promise.all([
      open(id),
      call('alice', 'POST', '', body),
      call('alice', 'GET'),
    ])
    for (const refused of [opened, made, listed]) expect(await tell(refused)).toBe(UNAVAILABLE)
  })

  test('LINKS: a counted link opens for nobody, and is not spent', async () => {
    const links = createLinks()
    const { id } = await links.make({ maxDownloads: 1 })
    const { binding, calls } = createObjects(answer, env.LINKS)
    expect(await tell(await createLinks({ LINKS: binding }).open(id))).toBe(UNAVAILABLE)
    expect(calls).toEqual(['read'])
    expect((await links.open(id)).status).toBe(302)
    expect((await links.open(id)).status).toBe(410)
  })

  test('COUNTERS: with an Idempotency-Key nothing is opened', async () => {
    const { binding, calls } = createObjects(answer, env.COUNTERS)
    const { request } = createGateway({ COUNTERS: binding })
    const s3 = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('S3 was called'))
    const refused = await request('/v1/uploads', {
      method: 'POST',
      headers: { ...(await bearer()), 'Idempotency-Key': 'once' },
      body: JSON.stringify({ bucket: 'media', key: 'users/alice/a.txt', type: 'text/plain' }),
    })
    expect(await tell(refused)).toBe(UNAVAILABLE)
    expect([s3.mock.calls.length, calls]).toEqual([0, ['repeat']])
    s3.mockRestore()
  })

  test.each([
    ['deny', 503],
    ['allow', 302],
  ])('COUNTERS: an exact limit, on_error = %s: %i', async (on_error, status) => {
    const exact = { name: 'exact', per: 'sub', allow: 2, every: '1h', store: 'durable-object' }
    const { binding, calls } = createObjects(answer, env.COUNTERS)
    const { request } = createGateway({ COUNTERS: binding, LIMITS: [{ ...exact, on_error }] })
    const headers = await bearer()
    const statuses: number[] = []
    for (let times = 0; times < 3; times += 1)
      statuses.push((await request('/o/media/users/alice/x', { headers })).status)
    // From memory the limit still holds; and the object is left alone for a while.
    expect(statuses).toEqual([status, status, status === 302 ? 429 : 503])
    expect(calls).toEqual(['lease'])
  })

  test('COUNTERS: a byte quota that must not fail open', async () => {
    const daily = { name: 'daily', per: 'sub', unit: 'bytes', allow: 100, every: '1d' }
    const LIMITS = [{ ...daily, store: 'durable-object', on_error: 'deny' }]
    const { binding, calls } = createObjects(answer, env.COUNTERS)
    const { request } = createGateway({ COUNTERS: binding, LIMITS })
    const s3 = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(null, { status: 404 }))
    const refused = await request('/v1/uploads', {
      method: 'POST',
      headers: await bearer(),
      body: JSON.stringify({
        bucket: 'media',
        key: 'users/alice/a.txt',
        type: 'text/plain',
        size: 1,
      }),
    })
    expect(await tell(refused)).toBe(UNAVAILABLE)
    expect(calls).not.toContain('release hold')
    expect(s3.mock.calls.every(([, init]) => init?.method === 'HEAD')).toBe(true)
    s3.mockRestore()
  })
})
