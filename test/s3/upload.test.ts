// The upload handshake against a live S3: open, PUT, complete, and everything out of order.
import { describe, expect, test } from 'vitest'
import type { UploadAnswer } from '../../src/contract/upload.ts'
import { call, findLiveFault, freshKey, send } from '../support/s3/client.ts'

const BODY = 'verified bytes'

async function open(
  sub: string,
  key: string,
  extra: Record<string, unknown> = {},
): Promise<{ status: number; upload: UploadAnswer }> {
  const answer = await call(sub, 'POST', '/v1/uploads', {
    bucket: 'media',
    key,
    size: BODY.length,
    type: 'text/plain',
    ...extra,
  })
  // The shape is asserted by the tests that use it.
  return { status: answer.status, upload: (await answer.json()) as UploadAnswer }
}

async function putFirst(upload: UploadAnswer, body = BODY): Promise<Response> {
  const [part] = upload.parts
  if (part === undefined) throw new Error('no part')
  expect(findLiveFault(part)).toBeNull()
  return send(part, body)
}

describe('upload', () => {
  test('open, PUT, complete, and complete again', async () => {
    const key = freshKey('alice', "Grüße + (1)'s!*.txt")
    const { status, upload } = await open('alice', key)
    expect(status).toBe(201)
    expect(upload).toMatchObject({
      bucket: 'media',
      key,
      strategy: 'put',
      size: BODY.length,
      partCount: 1,
    })
    expect((await putFirst(upload)).status).toBe(200)
    const complete = await call('alice', 'POST', `/v1/uploads/${upload.id}/complete`, {})
    expect(complete.status).toBe(200)
    const first: unknown = await complete.json()
    expect(first).toMatchObject({
      bucket: 'media',
      key,
      size: BODY.length,
      etag: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    const again = await call('alice', 'POST', `/v1/uploads/${upload.id}/complete`)
    expect(await again.json()).toEqual(first)
  })

  test('by prefix and file name', async () => {
    const prefix = freshKey('alice', '')
    const answer = await call('alice', 'POST', '/v1/uploads', {
      bucket: 'media',
      prefix,
      filename: 'a.txt',
      size: 1,
      type: 'text/plain',
    })
    expect(await answer.json()).toMatchObject({ key: `${prefix}a.txt` })
  })

  test('complete before the PUT is a conflict', async () => {
    const { upload } = await open('alice', freshKey('alice'))
    expect((await call('alice', 'POST', `/v1/uploads/${upload.id}/complete`)).status).toBe(409)
  })

  test('an existing object is a conflict, and another one is not taken for ours', async () => {
    const key = freshKey('alice')
    const first = await open('alice', key)
    const second = await open('alice', key)
    expect((await putFirst(first.upload)).status).toBe(200)
    expect((await putFirst(second.upload)).status).toBe(412)
    expect((await call('alice', 'POST', `/v1/uploads/${second.upload.id}/complete`)).status).toBe(
      409,
    )
    expect((await open('alice', key)).status).toBe(409)
  })

  test('a ticket serves nobody else, and no forged one anybody', async () => {
    const { upload } = await open('alice', freshKey('alice'))
    await putFirst(upload)
    expect((await call('bob', 'POST', `/v1/uploads/${upload.id}/complete`)).status).toBe(404)
    for (const id of [upload.id.slice(0, -1), `A${upload.id}`, 'x', `${upload.id}A`]) {
      expect((await call('alice', 'POST', `/v1/uploads/${id}/complete`)).status).toBe(404)
    }
  })

  test('reads the state: open, complete, and nothing to abort any more', async () => {
    const { upload } = await open('alice', freshKey('alice'))
    const state = async (): Promise<unknown> =>
      (await call('alice', 'GET', `/v1/uploads/${upload.id}`)).json()
    expect(await state()).toMatchObject({ state: 'open', parts: [] })
    const again = await call('alice', 'POST', `/v1/uploads/${upload.id}/parts`, {
      parts: [{ partNumber: 1, size: BODY.length }],
    })
    expect(again.status).toBe(200)
    await putFirst((await again.json()) as UploadAnswer)
    const [size, partNumber] = [BODY.length, 1]
    expect(await state()).toMatchObject({ state: 'complete', parts: [{ partNumber, size }] })
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(409)
  })

  test('aborting a PUT that never came is done', async () => {
    const { upload } = await open('alice', freshKey('alice'))
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
  })

  test('overwriting needs the option, other prefixes a grant', async () => {
    expect((await open('alice', freshKey('alice'), { overwrite: true })).status).toBe(403)
    expect((await open('alice', freshKey('bob'))).status).toBe(403)
  })
})
