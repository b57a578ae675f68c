// Many uploads opened and completed by one call each: judged one by one, counted together, nothing done twice.
import { expect, test } from 'vitest'
import type {
  CompleteBatchAnswer,
  UploadAnswer,
  UploadBatchAnswer,
  UploadState,
} from '../../src/contract/upload.ts'
import { call, freshKey, gateway, send } from '../support/s3/client.ts'

const MIB = 2 ** 20
const isEmbedded = gateway.s3.kind === 'embedded'

function small(key: string, size = 2): object {
  return { bucket: 'media', key, size, type: 'text/plain' }
}

async function open(
  requests: unknown,
  headers: Record<string, string> = {},
): Promise<UploadBatchAnswer['results']> {
  const answer = await call('alice', 'POST', '/v1/uploads', { requests }, headers)
  expect(answer.status).toBe(200)
  // The walk over the OpenAPI document checks the shape of this answer.
  return ((await answer.json()) as UploadBatchAnswer).results
}

async function complete(requests: unknown): Promise<CompleteBatchAnswer['results']> {
  const answer = await call('alice', 'POST', '/v1/uploads/complete', { requests })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as CompleteBatchAnswer).results
}

const opened = (results: UploadBatchAnswer['results']): UploadAnswer[] =>
  results.filter((result) => 'id' in result)

test('results stand in order, each with its plan or its refusal', async () => {
  const keys = Array.from({ length: 9 }, () => freshKey('alice'))
  const results = await open([
    ...keys.map((key) => small(key)),
    small(freshKey('bob')),
    small('users/alice/../x'),
    { ...small(freshKey('alice')), nonsense: true },
    'text',
    small('tiny/x', 101),
    small(freshKey('alice'), 9 * MIB),
  ])
  expect(results).toMatchObject([
    ...keys.map((key) => ({ status: 201, key, strategy: 'put', parts: [{ partNumber: 1 }] })),
    { status: 403, code: 'forbidden' },
    { status: 400, errors: [{ pointer: '/requests/10/key' }] },
    { status: 400, errors: [{ pointer: '/requests/11/nonsense', detail: 'unknown member' }] },
    { status: 400, errors: [{ pointer: '/requests/12' }] },
    { status: 413, code: 'too_large' },
    { status: 201, strategy: 'multipart', partCount: 2 },
  ])
})

test('what is sent is completed in order; what is not there yet is a conflict; again it is the same', async () => {
  const uploads = opened(await open([1, 2, 3].map(() => small(freshKey('alice')))))
  for (const { parts } of uploads.slice(0, 2))
    for (const part of parts) expect((await send(part, 'ok')).status).toBe(200)
  const requests = [...uploads.map(({ id }) => ({ id })), { id: 'nobody' }, {}]
  const results = await complete(requests)
  expect(results).toMatchObject([
    { status: 200, key: uploads[0]?.key, size: 2 },
    { status: 200, key: uploads[1]?.key, size: 2 },
    { status: 409, code: 'conflict' },
    { status: 404, code: 'not_found' },
    { status: 400, errors: [{ pointer: '/requests/4/id', detail: 'required' }] },
  ])
  expect((await complete(requests)).slice(0, 2)).toEqual(results.slice(0, 2))
})

test('an upload in parts is completed among others, with its parts named', async () => {
  const [upload] = opened(await open([small(freshKey('alice'), 9 * MIB)]))
  const parts = []
  for (const part of upload?.parts ?? []) {
    const answer = await send(part, new Uint8Array(part.size))
    parts.push({ partNumber: part.partNumber, etag: answer.headers.get('ETag') ?? '' })
  }
  expect(await complete([{ id: upload?.id, parts }])).toMatchObject([
    { status: 200, size: 9 * MIB },
  ])
})

test('with an Idempotency-Key an upload in parts is opened once, by its place in the batch', async () => {
  const headers = { 'Idempotency-Key': crypto.randomUUID() }
  const requests = [small(freshKey('alice'), 9 * MIB), small(freshKey('alice'), 10 * MIB)]
  const [first, again] = [
    opened(await open(requests, headers)),
    opened(await open(requests, headers)),
  ]
  expect(again.map(({ id }) => id)).toEqual(first.map(({ id }) => id))
  expect(await open(requests.toReversed(), headers)).toMatchObject([
    { status: 409, code: 'conflict' },
    { status: 409, code: 'conflict' },
  ])
  // Of a PUT nothing is opened, and nothing is kept: asked again it may well be another.
  const file = small(freshKey('alice'))
  expect((await open([file], headers))[0]).toMatchObject({ status: 201, strategy: 'put' })
  if (isEmbedded) return
  for (const { id } of first) {
    const state = (await (await call('alice', 'GET', `/v1/uploads/${id}`)).json()) as UploadState
    expect(state).toMatchObject({ state: 'open', parts: [] })
  }
})

test('an object that exists is told before a byte is sent', async () => {
  const key = freshKey('alice')
  const [upload] = opened(await open([small(key)]))
  for (const part of upload?.parts ?? []) await send(part, 'ok')
  expect(await open([small(freshKey('alice')), small(key)])).toMatchObject([
    { status: 201 },
    { status: 409, code: 'conflict' },
  ])
})

test.each([[[]], [Array.from({ length: 101 }, () => small('users/alice/x'))], ['text']])(
  'a list of 0, of 101, or none at all is refused',
  async (requests) => {
    for (const path of ['/v1/uploads', '/v1/uploads/complete']) {
      const answer = await call('alice', 'POST', path, { requests })
      expect(await answer.json()).toMatchObject({
        status: 400,
        errors: [{ pointer: '/requests' }],
      })
    }
  },
)
