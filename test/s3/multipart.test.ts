// Multipart uploads against a live S3: windows of parts, resuming, completing twice, aborting, and every lie on the way.
import { AwsClient } from 'aws4fetch'
import { describe, expect, test } from 'vitest'
import type {
  CompleteAnswer,
  PartsAnswer,
  UploadAnswer,
  UploadPart,
  UploadState,
} from '../../src/contract/upload.ts'
import { call, findLiveFault, freshKey, gateway, send, sign } from '../support/s3/client.ts'

const MIB = 2 ** 20
const SIZE = 17 * MIB + 5
const content = new Uint8Array(SIZE).map((_, at) => (at * 31 + (at >> 13)) & 255)
const canList = gateway.s3.kind === 'external'
const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })

type Etags = { partNumber: number; etag: string }[]

/** Answers are validated against the document elsewhere; here their shape is taken as it is. */
async function read<T>(answer: Response): Promise<T> {
  return (await answer.json()) as T
}

async function open(extra: Record<string, unknown> = {}, sub = 'alice'): Promise<UploadAnswer> {
  const body = { bucket: 'media', key: freshKey(sub), size: SIZE, type: 'video/mp4', ...extra }
  const answer = await call(sub, 'POST', '/v1/uploads', body)
  expect(answer.status).toBe(201)
  return read(answer)
}

function bytesOf(upload: UploadAnswer, part: UploadPart): Uint8Array<ArrayBuffer> {
  const start = (part.partNumber - 1) * upload.partSize
  return content.slice(start, start + part.size)
}

async function sendParts(upload: UploadAnswer, parts = upload.parts): Promise<Etags> {
  const etags: Etags = []
  for (const part of parts) {
    expect(findLiveFault(part)).toBeNull()
    const answer = await send(part, bytesOf(upload, part))
    expect(answer.status).toBe(200)
    etags.push({ partNumber: part.partNumber, etag: answer.headers.get('ETag') ?? '' })
  }
  return etags
}

function complete(upload: UploadAnswer, body: unknown = {}, sub = 'alice'): Promise<Response> {
  return call(sub, 'POST', `/v1/uploads/${upload.id}/complete`, body)
}

/** What S3 itself says of open uploads below a key. */
async function listOpen(key: string): Promise<string> {
  const query = new URLSearchParams({ uploads: '', prefix: key })
  return (await s3.fetch(`${gateway.s3.endpoint}/${gateway.s3.bucket}?${query}`)).text()
}

describe('multipart', () => {
  test('three parts, completed, completed again, read back', async () => {
    const upload = await open()
    expect(upload).toMatchObject({
      strategy: 'multipart',
      partSize: 8 * MIB,
      partCount: 3,
      size: SIZE,
    })
    expect(upload.parts.map(({ size }) => size)).toEqual([8 * MIB, 8 * MIB, MIB + 5])
    expect(upload.parts.map(({ headers }) => headers)).toEqual(
      upload.parts.map(({ size }) => ({ 'content-length': String(size) })),
    )
    const parts = await sendParts(upload)
    const first = await complete(upload, { parts })
    expect(first.status).toBe(200)
    const done = await read<CompleteAnswer>(first)
    expect(done).toMatchObject({ bucket: 'media', key: upload.key, size: SIZE })
    expect(done.etag).toMatch(/^[0-9a-f]{32}-3$/)
    // A lost reply is answered again, with or without the list of parts.
    expect(await read(await complete(upload, { parts }))).toEqual(done)
    expect(await read(await complete(upload))).toEqual(done)
    const download = await send(await sign('alice', { method: 'GET', key: upload.key }))
    expect(download.headers.get('Content-Type')).toBe('video/mp4')
    expect(Buffer.from(await download.arrayBuffer()).equals(Buffer.from(content))).toBe(true)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(409)
  })

  test('no URL changes the object after completion', async () => {
    const upload = await open({ size: 8 * MIB + 1 })
    const parts = await sendParts(upload)
    const done = await read<CompleteAnswer>(await complete(upload, { parts }))
    for (const part of upload.parts) {
      const answer = await send(part, bytesOf(upload, part))
      expect(answer.status).toBe(404)
    }
    expect(await read(await complete(upload))).toEqual(done)
  })

  test('a part of another size is refused by S3', async () => {
    const upload = await open()
    // The short one: of a long one the answer may come, and the connection end, while it is still being sent.
    const part = upload.parts.at(-1)
    if (part === undefined) throw new Error('no part')
    expect((await send(part, content.slice(0, part.size - 1))).status).toBe(403)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })

  test('windows of at most 100 parts, exact to the last of many', async () => {
    const size = 250 * 8 * MIB + 7
    const upload = await open({ size })
    expect(upload.partCount).toBe(251)
    expect(upload.parts).toHaveLength(100)
    const ask = (parts: unknown): Promise<Response> =>
      call('alice', 'POST', `/v1/uploads/${upload.id}/parts`, { parts })
    const answer = await ask([{ partNumber: 251, size: 7 }, { partNumber: 101 }])
    expect(answer.status).toBe(200)
    const { parts } = await read<PartsAnswer>(answer)
    expect(parts.map(({ partNumber, size: bytes }) => [partNumber, bytes])).toEqual([
      [251, 7],
      [101, 8 * MIB],
    ])
    for (const part of parts) expect(findLiveFault(part)).toBeNull()
    for (const refused of [
      [],
      [{ partNumber: 252 }],
      [{ partNumber: 0 }],
      [{ partNumber: 1, size: 7 }],
      [{ partNumber: 1 }, { partNumber: 1 }],
      Array.from({ length: 101 }, (_, at) => ({ partNumber: at + 1 })),
    ]) {
      expect((await ask(refused)).status).toBe(400)
    }
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })

  test('missing parts are a conflict that names them, and lose nothing', async () => {
    const upload = await open()
    const parts = await sendParts(upload, upload.parts.slice(0, 2))
    const early = await complete(upload, { parts })
    expect(early.status).toBe(409)
    expect(await early.json()).toMatchObject({ detail: 'Parts 3: not there yet.' })
    parts.push(...(await sendParts(upload, upload.parts.slice(2))))
    expect((await complete(upload, { parts })).status).toBe(200)
  })

  test('abort leaves nothing, again and again, and ends the upload', async () => {
    const upload = await open()
    await sendParts(upload, upload.parts.slice(0, 1))
    if (canList) expect(await listOpen(upload.key)).toContain('<UploadId>')
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
    if (canList) expect(await listOpen(upload.key)).not.toContain('<UploadId>')
    const late = await complete(upload, {
      parts: upload.parts.map(({ partNumber }) => ({ partNumber, etag: 'x' })),
    })
    expect(late.status).toBe(409)
  })

  test('an object that came in between is not replaced', async () => {
    const key = freshKey('alice')
    const slow = await open({ key })
    const fast = await open({ key })
    const [slowParts, fastParts] = [await sendParts(slow), await sendParts(fast)]
    const done = await read<CompleteAnswer>(await complete(fast, { parts: fastParts }))
    expect((await complete(slow, { parts: slowParts })).status).toBe(409)
    expect(await read(await complete(fast))).toEqual(done)
    expect((await call('alice', 'DELETE', `/v1/uploads/${slow.id}`)).status).toBe(204)
  })

  test('overwriting, where it is granted, replaces the object at completion', async () => {
    const key = `shared/${crypto.randomUUID()}.bin`
    for (const size of [5, 0]) {
      const upload = await open({ key, size, overwrite: true })
      expect(upload).toMatchObject({ strategy: 'multipart', partCount: 1 })
      const parts = await sendParts(upload)
      expect(await read(await complete(upload, { parts }))).toMatchObject({ key, size })
    }
  })

  test('a ticket serves nobody else in any call', async () => {
    const upload = await open()
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/parts'],
      ['POST', '/complete'],
    ] as const) {
      const body = path === '/parts' ? { parts: [{ partNumber: 1 }] } : undefined
      const answer = await call('bob', method, `/v1/uploads/${upload.id}${path}`, body)
      expect(answer.status).toBe(404)
    }
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })
})

describe.runIf(canList)('where S3 lists parts', () => {
  test('reads the state and resumes from it', async () => {
    const upload = await open()
    const state = async (): Promise<UploadState> =>
      read(await call('alice', 'GET', `/v1/uploads/${upload.id}`))
    expect(await state()).toEqual({ state: 'open', size: SIZE, partSize: 8 * MIB, parts: [] })
    await sendParts(upload, upload.parts.slice(1, 2))
    const { parts } = await state()
    expect(parts).toEqual([
      { partNumber: 2, size: 8 * MIB, etag: expect.stringMatching(/^[0-9a-f]{32}$/) },
    ])
    const arrived = new Set(parts.map(({ partNumber }) => partNumber))
    await sendParts(
      upload,
      upload.parts.filter(({ partNumber }) => !arrived.has(partNumber)),
    )
    expect((await complete(upload)).status).toBe(200)
    expect(await state()).toMatchObject({ state: 'complete', size: SIZE })
  })

  test('an aborted upload is gone', async () => {
    const upload = await open()
    await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)
    const answer = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
    expect(await answer.json()).toMatchObject({ state: 'gone', parts: [] })
  })

  test('an ETag that is not what arrived is a checksum mismatch, and loses nothing', async () => {
    const upload = await open({ size: 8 * MIB + 1 })
    const [first, second] = await sendParts(upload)
    const lie = await complete(upload, { parts: [first, { ...second, etag: '0'.repeat(32) }] })
    expect(lie.status).toBe(422)
    expect(await lie.json()).toMatchObject({
      code: 'checksum_mismatch',
      detail: expect.stringContaining('Parts 2'),
    })
    expect((await complete(upload, { parts: [first, second] })).status).toBe(200)
  })

  test('more than one page of parts is listed', async () => {
    const upload = await open({ size: 1200 * 8 * MIB })
    const uploadId = new URL(upload.parts[0]?.url ?? '').searchParams.get('uploadId') ?? ''
    const path = `${gateway.s3.endpoint}/${gateway.s3.bucket}/${upload.key}`
    const numbers = Array.from({ length: 1010 }, (_, at) => at + 1)
    // Tiny parts, sent with the bucket's own key: the gateway would sign none of this length.
    while (numbers.length > 0) {
      const sent = numbers.splice(0, 16).map(async (partNumber) => {
        const query = new URLSearchParams({ partNumber: String(partNumber), uploadId })
        const answer = await s3.fetch(`${path}?${query}`, { method: 'PUT', body: 'x' })
        expect(answer.status).toBe(200)
      })
      await Promise.all(sent)
    }
    const answer = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
    const { parts } = await read<UploadState>(answer)
    expect(parts.map(({ partNumber }) => partNumber)).toEqual(
      Array.from({ length: 1010 }, (_, at) => at + 1),
    )
    const wrong = await complete(upload)
    expect(wrong.status).toBe(409)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })
})

describe.runIf(!canList)('where S3 lists no parts', () => {
  test('reading answers 501, and completion needs the parts', async () => {
    const upload = await open()
    const state = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
    expect(state.status).toBe(501)
    expect(await state.json()).toMatchObject({ code: 'unsupported_by_provider' })
    const bare = await complete(upload)
    expect(bare.status).toBe(400)
    expect(await bare.json()).toMatchObject({ errors: [{ pointer: '/parts' }] })
    const lie = await complete(upload, {
      parts: upload.parts.map(({ partNumber }) => ({ partNumber, etag: '0'.repeat(32) })),
    })
    expect(lie.status).toBe(409)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })
})
