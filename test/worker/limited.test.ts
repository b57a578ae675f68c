// What limited answers look like: fields that parse strictly, problems of the IANA registry, and the door before cryptography.
import { env } from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseStringList } from '../support/structured-fields.ts'
import { bearer, BASE, createGateway, ISSUER } from '../support/worker.ts'
import { mintHmac } from '../support/mint.ts'

afterEach(() => void vi.restoreAllMocks())

const TYPES = 'https://iana.org/assignments/http-problem-types'
const exact = { store: 'durable-object', every: '1h' }
const overloaded = (): Promise<never> => Promise.reject(new Error('overloaded'))
const brokenObjects = new Proxy(env.COUNTERS, {
  get: (_, name) => (name === 'get' ? () => ({ lease: overloaded, hold: overloaded }) : () => 'id'),
})

/** S3 as far as the opening of an upload goes: nothing stands there, an upload id is given, or not. */
function fakeS3(isOpening = true): void {
  const opened =
    '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>'
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) =>
    new Request(input, init).method === 'HEAD'
      ? new Response(null, { status: 404 })
      : new Response(isOpening ? opened : '', { status: isOpening ? 200 : 500 }),
  )
}

const upload = async (gateway: ReturnType<typeof createGateway>, size: number, sub = 'alice') =>
  gateway.request('/v1/uploads', {
    method: 'POST',
    headers: await bearer(sub),
    body: JSON.stringify({ bucket: 'media', key: `users/${sub}/x`, size, type: 'image/png' }),
  })

/** Holds an answer against the draft: both fields, and with a refusal the problem and Retry-After. */
async function expectDraft(answer: Response, limits: readonly Record<string, unknown>[]) {
  const policies = parseStringList(answer.headers.get('RateLimit-Policy') ?? '')
  const states = parseStringList(answer.headers.get('RateLimit') ?? '')
  expect(states.map(({ value }) => value)).toEqual(policies.map(({ value }) => value))
  for (const { value, params } of policies) {
    const limit = limits.find(({ name }) => name === value)
    expect(params.get('q')).toBe(limit?.['allow'])
    expect(params.get('qu')).toBe(limit?.['unit'] === 'bytes' ? 'content-bytes' : undefined)
    expect(params.get('w')).toBeGreaterThan(0)
  }
  for (const [at, { params }] of states.entries()) {
    expect(params.get('r')).toBeGreaterThanOrEqual(0)
    expect(params.get('r')).toBeLessThanOrEqual(Number(policies[at]?.params.get('q')))
    expect(params.get('t')).toBeGreaterThanOrEqual(1)
    expect(params.get('t')).toBeLessThanOrEqual(Number(policies[at]?.params.get('w')))
  }
  if (answer.status < 400) return
  const problem = (await answer.json()) as { type: string; 'violated-policies': string[] }
  expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
  const name = answer.status === 429 ? 'quota-exceeded' : 'temporary-reduced-capacity'
  expect(problem.type).toBe(`${TYPES}#${name}`)
  const violated = problem['violated-policies']
  expect(violated.length).toBeGreaterThan(0)
  const retryAfter = Number(answer.headers.get('Retry-After'))
  expect(retryAfter).toBeGreaterThanOrEqual(1)
  // Never a point in time before that of `t` (draft, "Server Behavior").
  for (const { value, params } of states)
    if (answer.status === 429 && violated.includes(value))
      expect(retryAfter).toBeGreaterThanOrEqual(Number(params.get('t')))
}

describe('fields and problems', () => {
  test.each([
    ['kv', { name: 'rough', per: 'sub', allow: 1, every: '1m', approximate: true }],
    ['durable-object', { name: 'exact', per: 'sub', allow: 1, ...exact }],
    ['by address', { name: 'door', per: 'ip', allow: 1, ...exact }],
    ['by bucket', { name: 'each', per: 'bucket', allow: 1, ...exact }],
  ])('%s: admitted, then refused', async (_, limit) => {
    const limits = [limit, { name: 'wide', per: 'sub', allow: 999_999_999_999_999, ...exact }]
    const headers = { ...(await bearer(`of ${limit.name}`)), 'CF-Connecting-IP': '192.0.2.1' }
    const grant = { bucket: 'media', prefix: '', allow: ['read'] }
    const open = createGateway({ LIMITS: limits, GRANTS: [grant] })
    const first = await open.request('/o/media/x', { headers })
    const second = await open.request('/o/media/x', { headers })
    expect([first.status, second.status]).toEqual([302, 429])
    await expectDraft(first, limits)
    await expectDraft(second, limits)
  })

  test('a store that must not fail open: 503 of its own type', async () => {
    const limits = [{ name: 'strict', per: 'sub', allow: 5, ...exact, on_error: 'deny' }]
    const gateway = createGateway({ LIMITS: limits, COUNTERS: brokenObjects })
    const answer = await gateway.request('/o/media/users/alice/x', { headers: await bearer() })
    expect(answer.status).toBe(503)
    await expectDraft(answer, limits)
  })

  test('a store that may: never a 5xx, and the limit holds in this isolate', async () => {
    const limits = [{ name: 'lenient', per: 'sub', allow: 5, ...exact }]
    const gateway = createGateway({ LIMITS: limits, COUNTERS: brokenObjects })
    const headers = await bearer()
    const statuses: number[] = []
    for (let i = 0; i < 7; i += 1)
      statuses.push((await gateway.request('/o/media/users/alice/x', { headers })).status)
    expect(statuses).toEqual([302, 302, 302, 302, 302, 429, 429])
  })
})

test.each(['kv', 'durable-object'])(
  '%s: eight calls in a minute, eight right answers',
  async (store) => {
    // Within one window: time stands still in its first second.
    const startMs = Math.floor(Date.now() / 60_000) * 60_000 + 1000
    vi.useFakeTimers({ toFake: ['Date'], now: startMs })
    const limit = { name: 'five', per: 'sub', allow: 5, every: '1m', store, approximate: true }
    const gateway = createGateway({ LIMITS: [limit] })
    const headers = await bearer(store)
    const answers: Response[] = []
    for (let i = 0; i < 8; i += 1)
      answers.push(await gateway.request(`/o/media/users/${store}/x`, { headers }))
    vi.useRealTimers()
    expect(answers.map(({ status }) => status)).toEqual([302, 302, 302, 302, 302, 429, 429, 429])
    expect(answers.map((answer) => answer.headers.get('RateLimit'))).toEqual(
      [4, 3, 2, 1, 0, 0, 0, 0].map((left) => `"five";r=${left};t=59`),
    )
  },
)

describe('byte quotas', () => {
  const daily = { name: 'daily', per: 'sub', unit: 'bytes', allow: 100, every: '1d' }
  const limits = [{ ...daily, store: 'durable-object', on_error: 'deny' }]
  const leftOf = async (gateway: ReturnType<typeof createGateway>, sub: string) => {
    const answer = await gateway.request('/v1/session', { headers: await bearer(sub) })
    return ((await answer.json()) as { limits: { remaining: number }[] }).limits[0]?.remaining
  }
  test('held, refused, and seen in the session', async () => {
    fakeS3()
    const gateway = createGateway({ LIMITS: limits })
    const opened = await upload(gateway, 60)
    expect(opened.status).toBe(201)
    await expectDraft(opened, limits)
    const refused = await upload(gateway, 41)
    expect(refused.status).toBe(429)
    await expectDraft(refused, limits)
    expect(await leftOf(gateway, 'alice')).toBe(40)
  })
  test('what S3 does not open is given back', async () => {
    fakeS3(false)
    const gateway = createGateway({ LIMITS: limits, waits: true })
    expect((await upload(gateway, 60, 'bob')).status).toBe(502)
    expect(await leftOf(gateway, 'bob')).toBe(100)
  })
  test.each([
    ['deny', 503],
    ['allow', 201],
  ])('an object that fails, on_error = %s: %i', async (on_error, status) => {
    fakeS3()
    const failing = limits.map((limit) => ({ ...limit, on_error }))
    const gateway = createGateway({ LIMITS: failing, COUNTERS: brokenObjects })
    const answer = await upload(gateway, 60, 'carol')
    expect(answer.status).toBe(status)
    await expectDraft(answer, failing)
  })
  test('what cannot be counted is a fault of the configuration', async () => {
    const wrong = { ...daily, per: 'ip', every: '1h', on: ['read'], binding: 'POSTERN_KV' }
    const gateway = createGateway({ LIMITS: [wrong] })
    const answer = await gateway.request('/readyz')
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] }
    const pointers = errors.map(({ pointer }) => pointer)
    for (const key of ['store', 'per', 'on', 'every', 'binding'])
      expect(pointers).toContain(`LIMITS[0].${key}`)
  })
})

test('at a closed door a forged token costs no verification', async () => {
  const verify = vi.spyOn(crypto.subtle, 'verify')
  const door = { name: 'door', per: 'ip', allow: 2, ...exact }
  const gateway = createGateway({ LIMITS: [door] })
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: BASE, sub: 'alice', iat: now, exp: now + 60 }
  const forged = await mintHmac(
    { header: { alg: 'HS256' }, claims },
    new TextEncoder().encode('not the secret of this gateway at all'),
  )
  const headers = { Authorization: `Bearer ${forged}`, 'CF-Connecting-IP': '192.0.2.77' }
  const statuses: number[] = []
  for (let i = 0; i < 10; i += 1)
    statuses.push((await gateway.request('/v1/session', { headers })).status)
  expect(statuses).toEqual([401, 401, 429, 429, 429, 429, 429, 429, 429, 429])
  expect(verify).toHaveBeenCalledTimes(2)
})
