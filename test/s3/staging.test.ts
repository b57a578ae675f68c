// Publish after verify against a live S3: clients write below the staging prefix alone, and only what is verified is published.
import { AwsClient } from 'aws4fetch'
import { describe, expect, test } from 'vitest'
import type { UploadAnswer, UploadState } from '../../src/contract/upload.ts'
import { call, gateway, send, sign } from '../support/s3/client.ts'

const MIB = 2 ** 20
const PNG = '\x89PNG\r\n\x1a\n and more'
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))
const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })
const canList = gateway.s3.kind === 'external'

async function open(extra: Record<string, unknown> = {}): Promise<UploadAnswer> {
  const body = {
    bucket: 'staged',
    key: `published/${crypto.randomUUID()}.png`,
    size: PNG.length,
    type: 'image/png',
    ...extra,
  }
  const answer = await call('alice', 'POST', '/v1/uploads', body)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

async function sendAll(upload: UploadAnswer, content: Uint8Array<ArrayBuffer>) {
  const parts = []
  for (const part of upload.parts) {
    // Wherever the client writes, it is below the staging prefix.
    expect(new URL(part.url).pathname).toContain(`/${gateway.s3.bucket}/incoming/`)
    const start = (part.partNumber - 1) * upload.partSize
    const answer = await send(part, content.slice(start, start + part.size))
    expect(answer.status).toBe(200)
    parts.push({ partNumber: part.partNumber, etag: answer.headers.get('ETag') ?? '' })
  }
  return parts
}

const complete = (id: string, body: unknown = {}): Promise<Response> =>
  call('alice', 'POST', `/v1/uploads/${id}/complete`, body)

async function isThere(key: string): Promise<boolean> {
  const url = `${gateway.s3.endpoint}/${gateway.s3.bucket}/${key}`
  return (await s3.fetch(url, { method: 'HEAD' })).status === 200
}

function stagedKeyOf(upload: UploadAnswer): string {
  const path = new URL(upload.parts[0]?.url ?? '').pathname
  return path.slice(path.indexOf('incoming/'))
}

describe('a bucket that publishes after verifying', () => {
  test('a put is published at completion, again and again, and its staged copy is gone', async () => {
    const upload = await open({
      metadata: { album: 'summer' },
      lastModified: '2026-01-02T03:04:05Z',
    })
    const parts = await sendAll(upload, bytesOf(PNG))
    expect(await isThere(upload.key)).toBe(false)
    const done = await complete(upload.id, { parts })
    expect(done.status).toBe(200)
    const first = await done.json()
    expect(first).toMatchObject({ bucket: 'staged', key: upload.key, size: PNG.length })
    expect(await isThere(stagedKeyOf(upload))).toBe(false)
    expect(await (await complete(upload.id)).json()).toEqual(first)
    const download = await send(
      await sign('alice', { bucket: 'staged', method: 'GET', key: upload.key }),
    )
    expect(download.headers.get('Content-Type')).toBe('image/png')
    expect(download.headers.get('x-amz-meta-album')).toBe('summer')
    expect(download.headers.get('x-amz-meta-mtime')).toBe('1767323045')
    expect(new Uint8Array(await download.arrayBuffer())).toEqual(bytesOf(PNG))
  })

  test('a replay of its URL after completion changes nothing that is published', async () => {
    const upload = await open()
    await sendAll(upload, bytesOf(PNG))
    const first = await (await complete(upload.id)).json()
    const [part] = upload.parts
    if (part === undefined) throw new Error('no part')
    const other = bytesOf(PNG).fill(0)
    expect((await send(part, other)).status).toBe(200)
    expect(await (await complete(upload.id)).json()).toEqual(first)
    const url = `${gateway.s3.endpoint}/${gateway.s3.bucket}/${upload.key}`
    expect(new Uint8Array(await (await s3.fetch(url)).arrayBuffer())).toEqual(bytesOf(PNG))
    expect(await isThere(stagedKeyOf(upload))).toBe(false)
  })

  test('in parts as well, and the state says open until it is published', async () => {
    const content = new Uint8Array(8 * MIB + 5).fill(7)
    content.set(bytesOf(PNG))
    const upload = await open({ size: content.length })
    const parts = await sendAll(upload, content)
    if (canList) {
      const state = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
      expect(await state.json()).toMatchObject({ state: 'open', parts: [{}, {}] })
    }
    const done = await complete(upload.id, { parts })
    expect(await done.json()).toMatchObject({ size: content.length })
    expect((await complete(upload.id, { parts })).status).toBe(200)
    if (canList) {
      const state = await call('alice', 'GET', `/v1/uploads/${upload.id}`)
      expect(((await state.json()) as UploadState).state).toBe('complete')
    }
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(409)
  })

  test('content that is not of its type is refused and removed', async () => {
    const html = '<script>alert(1)</script>'.slice(0, PNG.length)
    const upload = await open()
    await sendAll(upload, bytesOf(html.padEnd(PNG.length)))
    const refused = await complete(upload.id)
    expect(refused.status).toBe(415)
    expect(await refused.json()).toMatchObject({ code: 'unsupported_type' })
    expect(await isThere(upload.key)).toBe(false)
    expect(await isThere(stagedKeyOf(upload))).toBe(false)
    // The right bytes may still come.
    await sendAll(upload, bytesOf(PNG))
    expect((await complete(upload.id)).status).toBe(200)
  })

  test('of two uploads of one key the first is published', async () => {
    const slow = await open()
    const fast = await open({ key: slow.key })
    await sendAll(slow, bytesOf(PNG))
    await sendAll(fast, bytesOf(PNG))
    const first = await (await complete(fast.id)).json()
    expect((await complete(slow.id)).status).toBe(409)
    expect(await (await complete(fast.id)).json()).toEqual(first)
    expect((await call('alice', 'DELETE', `/v1/uploads/${slow.id}`)).status).toBe(204)
    expect(await isThere(stagedKeyOf(slow))).toBe(false)
  })

  test('an abort leaves nothing, before and after the bytes came', async () => {
    for (const isSent of [false, true]) {
      const upload = await open()
      if (isSent) await sendAll(upload, bytesOf(PNG))
      expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
      expect(await isThere(stagedKeyOf(upload))).toBe(false)
      expect((await complete(upload.id)).status).toBe(409)
    }
  })

  test('nobody reaches the staging prefix, nor writes past the handshake', async () => {
    const upload = await open()
    await sendAll(upload, bytesOf(PNG))
    const key = stagedKeyOf(upload)
    const target = { bucket: 'staged', key }
    const put = { method: 'PUT', size: 1, type: 'text/plain' }
    for (const [method, path, body] of [
      ['POST', '/v1/sign', { ...target, method: 'GET' }],
      ['POST', '/v1/sign', { ...target, method: 'DELETE' }],
      ['POST', '/v1/sign', { ...target, ...put }],
      ['POST', '/v1/sign', { bucket: 'staged', key: 'published/x', ...put }],
      ['POST', '/v1/uploads', { ...target, key: 'incoming/x', size: 1, type: 'text/plain' }],
      ['GET', '/v1/objects?bucket=staged&prefix=incoming/', undefined],
      ['GET', `/o/staged/${key}`, undefined],
    ] as const) {
      expect((await call('alice', method, path, body)).status).toBe(403)
    }
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })
})
