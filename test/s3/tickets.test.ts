// Upload tickets under attack at the whole gateway: mutated, old, foreign; and completions whose answer was lost.
import { AwsClient } from 'aws4fetch'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CompleteAnswer, UploadAnswer, UploadState } from '../../src/contract/upload.ts'
import { createSealingKey, parsePosternKey } from '../../src/core/seal.ts'
import { openTicket, sealTicket } from '../../src/core/upload/ticket.ts'
import { call, freshKey, gateway, send } from '../support/s3/client.ts'

const MUTATIONS = 1000
const SIZE = 8 * 2 ** 20 + 1
const canList = gateway.s3.kind === 'external'
const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })
const key = parsePosternKey(gateway.posternKey)
if (key === null) throw new Error('the gateway has no key')
const sealing = [await createSealingKey(key)]

async function open(size = SIZE): Promise<UploadAnswer> {
  const body = { bucket: 'media', key: freshKey('alice'), size, type: 'text/plain' }
  const answer = await call('alice', 'POST', '/v1/uploads', body)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

/** The same ticket with other fields: what only the gateway itself can make. */
async function reseal(id: string, change: object): Promise<string> {
  const ticket = await openTicket(sealing, id)
  if (ticket === null) throw new Error('not a ticket')
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  return sealTicket(sealing, { ...ticket, ...change }, nonce)
}

async function sendAll(upload: UploadAnswer): Promise<{ partNumber: number; etag: string }[]> {
  const parts = []
  for (const part of upload.parts) {
    const answer = await send(part, new Uint8Array(part.size))
    expect(answer.status).toBe(200)
    parts.push({ partNumber: part.partNumber, etag: answer.headers.get('ETag') ?? '' })
  }
  return parts
}

const post = (id: string, path: string, body: unknown, sub = 'alice'): Promise<Response> =>
  call(sub, 'POST', `/v1/uploads/${id}/${path}`, body)

test(`${MUTATIONS} mutated tickets name no upload`, { timeout: 120_000 }, async () => {
  const { id } = await open(5)
  const at = fc.nat(id.length - 1)
  const character = fc.constantFrom(
    ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
  )
  const mutated = fc.oneof(
    fc.tuple(at, character).map(([place, char]) => id.slice(0, place) + char + id.slice(place + 1)),
    fc.tuple(at, fc.nat(7)).map(([place, bit]) => {
      const bytes = Buffer.from(id, 'base64url')
      const target = place % bytes.length
      bytes[target] = (bytes[target] ?? 0) ^ (1 << bit)
      return bytes.toString('base64url')
    }),
    at.map((place) => id.slice(0, place + 1)),
    fc.tuple(at, character).map(([place, char]) => id.slice(0, place) + char + id.slice(place)),
  )
  const calls = fc.constantFrom('GET', 'DELETE', 'parts', 'complete')
  await fc.assert(
    fc.asyncProperty(mutated, calls, async (text, name) => {
      if (text === id) return
      const body = name === 'parts' ? { parts: [{ partNumber: 1 }] } : {}
      const answer =
        name === 'GET' || name === 'DELETE'
          ? await call('alice', name, `/v1/uploads/${text}`)
          : await post(text, name, body)
      expect(answer.status).toBe(404)
    }),
    { numRuns: MUTATIONS },
  )
})

test('an old ticket signs and completes nothing more, but still drops its parts', async () => {
  const upload = await open()
  const parts = await sendAll(upload)
  const old = await reseal(upload.id, { resumableUntilSeconds: 1 })
  expect((await post(old, 'parts', { parts: [{ partNumber: 1 }] })).status).toBe(409)
  expect((await post(old, 'complete', { parts })).status).toBe(409)
  if (canList) {
    const state = await call('alice', 'GET', `/v1/uploads/${old}`)
    expect(await state.json()).toMatchObject({ state: 'gone' })
  }
  expect((await call('alice', 'DELETE', `/v1/uploads/${old}`)).status).toBe(204)
})

test('a ticket serves its subject of its issuer alone, and only what his grants still allow', async () => {
  const { id } = await open(5)
  const body = { parts: [{ partNumber: 1 }] }
  expect((await post(id, 'parts', body, 'bob')).status).toBe(404)
  const foreign = await reseal(id, { issuer: 'https://other.test' })
  expect((await post(foreign, 'parts', body)).status).toBe(404)
  const elsewhere = await reseal(id, { key: 'users/bob/x' })
  expect((await post(elsewhere, 'parts', body)).status).toBe(403)
  const large = await reseal(id, { size: 2 ** 40 })
  expect((await post(large, 'parts', body)).status).toBe(413)
})

test('a completion that happened, but whose answer the gateway lost, is found', async () => {
  const upload = await open()
  const parts = await sendAll(upload)
  const uploadId = new URL(upload.parts[0]?.url ?? '').searchParams.get('uploadId') ?? ''
  const xml = parts.map(
    ({ partNumber, etag }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`,
  )
  const url = `${gateway.s3.endpoint}/${gateway.s3.bucket}/${upload.key}?${new URLSearchParams({ uploadId })}`
  const direct = await s3.fetch(url, {
    method: 'POST',
    body: `<CompleteMultipartUpload>${xml.join('')}</CompleteMultipartUpload>`,
  })
  expect(direct.status).toBe(200)
  for (let times = 0; times < 2; times += 1) {
    const answer = await post(upload.id, 'complete', { parts })
    expect(answer.status).toBe(200)
    const done = (await answer.json()) as CompleteAnswer
    expect(done).toMatchObject({ key: upload.key, size: SIZE })
  }
  if (canList) {
    const state = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
    expect(((await state.json()) as UploadState).state).toBe('complete')
  }
})

test('an object that is not as declared is removed', async () => {
  const upload = await open()
  const parts = await sendAll(upload)
  const other = await reseal(upload.id, { type: 'image/png' })
  const answer = await post(other, 'complete', { parts })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({ code: 'size_mismatch' })
  const head = await call('alice', 'POST', '/v1/sign', {
    bucket: 'media',
    key: upload.key,
    method: 'HEAD',
  })
  const { url } = (await head.json()) as { url: string }
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(404)
})
