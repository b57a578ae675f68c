// A size that was granted when an upload was opened and is granted no more: nothing over it is signed or finished.
import { AwsClient } from 'aws4fetch'
import { describe, expect, test } from 'vitest'
import type { PartsAnswer, UploadAnswer, UploadPart } from '../../src/contract/upload.ts'
import { mintHmac } from '../support/mint.ts'
import { call, freshKey, gateway, send } from '../support/s3/client.ts'
import { markSecret } from '../support/s3/output.ts'
import { getObject } from '../support/s3/owner.ts'

const MIB = 2 ** 20
const canList = gateway.s3.kind === 'external'
const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })

/** Alice with a token that may write no more than `maxBytes`. */
async function callLowered(maxBytes: number, method: string, path: string, body?: unknown) {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://login.test', aud: gateway.url, sub: 'alice', iat, exp: iat + 600 }
  const grants = ['media', 'staged'].map((bucket) => ({
    bucket,
    prefix: '',
    allow: ['upload'],
    max_bytes: maxBytes,
  }))
  const key = new TextEncoder().encode(gateway.sessionSecret)
  const header = { alg: 'HS256' }
  const token = await mintHmac({ header, claims: { ...claims, postern: { grants } } }, key)
  markSecret(gateway.marks, token)
  const headers = { Authorization: `Bearer ${token}` }
  return fetch(gateway.url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

async function open(body: object = {}): Promise<UploadAnswer> {
  const wanted = { bucket: 'media', key: freshKey('alice'), type: 'text/plain', ...body }
  const answer = await call('alice', 'POST', '/v1/uploads', wanted)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

/** Sends parts of these sizes, as the whole grant allows, and names them. */
async function sendParts({ id }: UploadAnswer, sizes: readonly number[]) {
  const wanted = sizes.map((size, at) => ({ partNumber: at + 1, size }))
  const answer = await call('alice', 'POST', `/v1/uploads/${id}/parts`, { parts: wanted })
  const { parts } = (await answer.json()) as PartsAnswer
  const named = []
  for (const part of parts) {
    const sent = await send(part, new Uint8Array(part.size))
    expect(sent.status).toBe(200)
    named.push({ partNumber: part.partNumber, etag: sent.headers.get('ETag') ?? '' })
  }
  return named
}

describe('of an unknown size', () => {
  test('parts are signed up to what is granted now', async () => {
    const { id } = await open()
    const ask = (parts: unknown) =>
      callLowered(9 * MIB, 'POST', `/v1/uploads/${id}/parts`, { parts })
    const signed = await ask([{ partNumber: 1 }, { partNumber: 2 }])
    const { parts } = (await signed.json()) as PartsAnswer
    expect(parts.map(({ size }: UploadPart) => size)).toEqual([8 * MIB, MIB])
    expect((await ask([{ partNumber: 2, size: MIB + 1 }])).status).toBe(400)
    expect((await ask([{ partNumber: 3, size: 1 }])).status).toBe(413)
    // Who may still more, still may.
    const whole = { parts: [{ partNumber: 3, size: 1 }] }
    expect((await call('alice', 'POST', `/v1/uploads/${id}/parts`, whole)).status).toBe(200)
    expect((await callLowered(9 * MIB, 'DELETE', `/v1/uploads/${id}`)).status).toBe(204)
  })

  test('what arrived over it is not put together', async () => {
    const upload = await open()
    const parts = await sendParts(upload, [8 * MIB, 2 * MIB])
    const path = `/v1/uploads/${upload.id}/complete`
    const refused = await callLowered(9 * MIB, 'POST', path, { parts })
    // Where S3 cannot list parts the object tells, and goes.
    expect(refused.status).toBe(canList ? 413 : 422)
    expect((await getObject(upload.key)).status).toBe(404)
    if (canList) expect((await call('alice', 'POST', path, { parts })).status).toBe(200)
  })

  test('what was complete before stays so', async () => {
    const upload = await open()
    const parts = await sendParts(upload, [2 * MIB])
    const path = `/v1/uploads/${upload.id}/complete`
    const done: unknown = await (await call('alice', 'POST', path, { parts })).json()
    expect(await (await callLowered(MIB, 'POST', path, { parts })).json()).toEqual(done)
    expect((await getObject(upload.key)).status).toBe(200)
  })

  test('what was put together is not published over it', async () => {
    const upload = await open({ bucket: 'staged', key: `published/${crypto.randomUUID()}` })
    const parts = await sendParts(upload, [2 * MIB])
    const url = new URL(upload.parts[0]?.url ?? '')
    const list = parts.map(
      ({ partNumber, etag }) =>
        `<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag></Part>`,
    )
    const query = new URLSearchParams({ uploadId: url.searchParams.get('uploadId') ?? '' })
    const completed = await s3.fetch(`${url.origin}${url.pathname}?${query}`, {
      method: 'POST',
      body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`,
    })
    expect(completed.status).toBe(200)
    const path = `/v1/uploads/${upload.id}/complete`
    expect((await callLowered(MIB, 'POST', path, { parts })).status).toBe(413)
    expect((await getObject(upload.key)).status).toBe(404)
    expect((await call('alice', 'POST', path, { parts })).status).toBe(200)
    expect((await getObject(upload.key)).status).toBe(200)
  })
})

test('of a known size over it nothing is signed or finished, but it can be looked at and dropped', async () => {
  const upload = await open({ size: 10 * MIB })
  const path = `/v1/uploads/${upload.id}`
  const parts = [{ partNumber: 1 }]
  expect((await callLowered(9 * MIB, 'POST', `${path}/parts`, { parts })).status).toBe(413)
  expect((await callLowered(9 * MIB, 'POST', `${path}/complete`, {})).status).toBe(413)
  expect((await callLowered(10 * MIB, 'POST', `${path}/parts`, { parts })).status).toBe(200)
  expect((await callLowered(9 * MIB, 'GET', path)).status).toBe(canList ? 200 : 501)
  expect((await callLowered(9 * MIB, 'DELETE', path)).status).toBe(204)
})

describe('of Uppy', () => {
  /** An upload of ten MiB that Uppy's signer has opened, as its page names it. */
  async function openOfUppy(): Promise<string> {
    const asked = { method: 'POST', key: 'film.mp4', contentType: 'video/mp4', size: 10 * MIB }
    const answer = await call('alice', 'POST', '/v1/uppy/sign', asked)
    const { url } = (await answer.json()) as { url: string }
    const opened = await call('alice', 'POST', url.slice(gateway.url.length), undefined, {
      'Content-Type': 'video/mp4',
    })
    return /<UploadId>([^<]+)/.exec(await opened.text())?.[1] ?? ''
  }

  test.each(['/v1/uppy/uploads', '/s3/multipart'])(
    '%s: listed and cancelled, but not gone on with',
    async (path) => {
      const id = await openOfUppy()
      const lowered = (method: string, rest = '', body?: unknown) =>
        callLowered(9 * MIB, method, `${path}/${id}${rest}`, body)
      const isCompanion = path === '/s3/multipart'
      const asked = { method: 'PUT', key: 'film.mp4', uploadId: id, partNumber: 1 }
      const signed = isCompanion
        ? await lowered('GET', '/1')
        : await callLowered(9 * MIB, 'POST', '/v1/uppy/sign', asked)
      expect(signed.status).toBe(413)
      const completed = isCompanion
        ? await lowered('POST', '/complete', { parts: [{ PartNumber: 1, ETag: 'a' }] })
        : await lowered('POST', '', '<PartNumber>1</PartNumber><ETag>a</ETag>')
      expect(completed.status).toBe(413)
      expect((await lowered('GET')).status).toBe(200)
      for (const _ of ['once', 'again'])
        expect((await lowered('DELETE')).status).toBe(isCompanion ? 200 : 204)
    },
  )
})
