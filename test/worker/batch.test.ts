// POST /v1/sign with a batch: results in order, refusals one by one, and what it costs.
import { expect, test } from 'vitest'
import type { SignBatchAnswer } from '../../src/contract/sign.ts'
import { bearer, createGateway } from '../support/worker.ts'

type Gateway = ReturnType<typeof createGateway>

async function signBatch(gateway: Gateway, requests: unknown): Promise<Response> {
  return gateway.request('/v1/sign', {
    method: 'POST',
    headers: await bearer(),
    body: JSON.stringify({ requests }),
  })
}

async function resultsOf(answer: Response): Promise<SignBatchAnswer['results']> {
  expect(answer.status).toBe(200)
  // The shape is asserted by what the tests compare.
  return ((await answer.json()) as SignBatchAnswer).results
}

const get = (key: string) => ({ bucket: 'media', key, method: 'GET' })

test('results stand in order, each with its status, its refusal or its URL', async () => {
  const gateway = createGateway()
  const results = await resultsOf(
    await signBatch(gateway, [
      get('users/alice/1'),
      get('users/bob/2'),
      { bucket: 'media', key: 'users/alice/3', method: 'PUT', size: 3 },
      get('users/alice/../4'),
      { ...get('users/alice/5'), nonsense: true },
      'text',
      { bucket: 'media', key: 'users/alice/7', method: 'PUT', size: 1, type: 'video/mp4' },
      get('users/alice/8'),
    ]),
  )
  expect(results).toMatchObject([
    { status: 200, method: 'GET', url: expect.stringContaining('/users/alice/1?') },
    { status: 403, code: 'forbidden' },
    { status: 400, errors: [{ pointer: '/requests/2/type', detail: 'required' }] },
    { status: 400, errors: [{ pointer: '/requests/3/key' }] },
    { status: 400, errors: [{ pointer: '/requests/4/nonsense', detail: 'unknown member' }] },
    { status: 400, errors: [{ pointer: '/requests/5' }] },
    { status: 415, code: 'unsupported_type' },
    { status: 200, url: expect.stringContaining('/users/alice/8?') },
  ])
  const [line] = gateway.log.slice(-1)
  expect(line).toMatchObject({ route: '/v1/sign', status: 200, count: 8, refused: 6 })
  // Who got which object when: each request of the batch has a line, under the id of the whole.
  expect(gateway.log.slice(0, -1).map(({ id, item, key, code }) => [id, item, key, code])).toEqual([
    [line?.['id'], 0, 'users/alice/1', undefined],
    [line?.['id'], 1, 'users/bob/2', 'forbidden'],
    [line?.['id'], 2, undefined, 'invalid_request'],
    [line?.['id'], 3, undefined, 'invalid_request'],
    [line?.['id'], 4, undefined, 'invalid_request'],
    [line?.['id'], 5, undefined, 'invalid_request'],
    [line?.['id'], 6, 'users/alice/7', 'unsupported_type'],
    [line?.['id'], 7, 'users/alice/8', undefined],
  ])
  expect(gateway.log[0]).toMatchObject({
    grant: 'GRANTS[0]',
    expiresAt: expect.any(String),
    signature: expect.stringMatching(/^[0-9a-f]{16}$/),
  })
  expect(gateway.log[1]).toMatchObject({ grants: 'GRANTS[0]: other prefix' })
})

test('a thousand are signed, each for its own key; more are refused', async () => {
  const gateway = createGateway()
  const keys = Array.from({ length: 1000 }, (_, at) => `users/alice/${at}`)
  const results = await resultsOf(await signBatch(gateway, keys.map(get)))
  const paths = results.map((result) => ('url' in result ? new URL(result.url).pathname : ''))
  expect(paths).toEqual(keys.map((key) => `/${key}`))
  const more = await signBatch(gateway, [...keys, 'users/alice/x'].map(get))
  expect(more.status).toBe(400)
  expect((await signBatch(gateway, [])).status).toBe(400)
  expect((await signBatch(gateway, 'all')).status).toBe(400)
})

test('a batch costs as many units as it has requests, refused ones too', async () => {
  const limit = { name: 'sign', per: 'sub', allow: 100, every: '1h', store: 'durable-object' }
  const gateway = createGateway({ LIMITS: [limit] })
  const batch = (count: number): Promise<Response> =>
    signBatch(gateway, [
      ...Array.from({ length: count - 1 }, (_, at) => get(`users/alice/${at}`)),
      get('users/bob/x'),
    ])
  expect((await batch(60)).headers.get('RateLimit')).toContain('r=40')
  expect((await batch(41)).status).toBe(429)
  expect((await batch(40)).headers.get('RateLimit')).toContain('r=0')
})

test('each bucket of a batch is charged what the batch asks of it, in one header line', async () => {
  const media = { provider: 'aws', bucket: 'acme-media', region: 'eu-west-1', credentials: 'MEDIA' }
  const grant = { prefix: 'users/${sub}/', allow: ['read'] }
  const limit = { name: 'each', per: 'bucket', allow: 50, every: '1h', store: 'durable-object' }
  const gateway = createGateway({
    BUCKETS: { media, other: media },
    GRANTS: [
      { bucket: 'media', ...grant },
      { bucket: 'other', ...grant },
    ],
    LIMITS: [limit],
    // What a refusal gives back is back before the next request.
    waits: true,
  })
  const of = (bucket: string, count: number) =>
    Array.from({ length: count }, () => ({ ...get('users/alice/x'), bucket }))
  const first = await signBatch(gateway, [...of('media', 10), ...of('other', 30)])
  expect(first.headers.get('RateLimit')).toMatch(/^"each";r=20;t=\d+$/)
  expect((await signBatch(gateway, [...of('media', 10), ...of('other', 21)])).status).toBe(429)
  expect((await signBatch(gateway, [...of('media', 40)])).status).toBe(200)
})
