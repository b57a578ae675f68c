// Checksums: the protocol of x-amz-checksum-* against a fake that verifies it, and MD5 against the live S3.
import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import type {
  CompleteAnswer,
  PartsAnswer,
  UploadAnswer,
  UploadPart,
} from '../../src/contract/upload.ts'
import { startChecksumFake } from '../support/s3/checksum-fake.ts'
import { crc64nvme, sumOf } from '../support/s3/sums.ts'
import { call, createClient, findLiveFault, freshKey, gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { findSignatureFault } from '../support/sigv4.ts'

const MIB = 2 ** 20
const LARGE: Uint8Array<ArrayBuffer> = new Uint8Array(8 * MIB + 9).map(
  (_, at) => (at * 7 + (at >> 11)) & 255,
)
const SMALL = Uint8Array.from(Buffer.from('checked byte by byte'))
const flip = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
  const flipped = new Uint8Array(bytes)
  flipped[3] = (flipped[3] ?? 0) ^ 4
  return flipped
}

const fake = await startChecksumFake()
const { facts, stop } = await startGateway((_, { region, bucket }) => {
  const place = { region, bucket, addressing: 'path', credentials: 'MEDIA', endpoint: fake.origin }
  const media = { provider: 'aws', ...place }
  return { BUCKETS: { media, staged: { ...media, staging: 'incoming/' } } }
}, gateway.script)
const summed = createClient(facts)
afterAll(async () => {
  fake.stop()
  await stop()
})

type Call = typeof call

async function open(as: Call, body: object): Promise<UploadAnswer> {
  const answer = await as('alice', 'POST', '/v1/uploads', {
    bucket: 'media',
    key: freshKey('alice'),
    type: 'text/plain',
    ...body,
  })
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

const slice = (upload: UploadAnswer, part: UploadPart, bytes: Uint8Array<ArrayBuffer>) =>
  bytes.slice((part.partNumber - 1) * upload.partSize).slice(0, part.size)

async function sendAll(upload: UploadAnswer, bytes: Uint8Array<ArrayBuffer>): Promise<number[]> {
  const statuses = []
  for (const part of upload.parts) {
    const isFake = part.url.startsWith(fake.origin)
    const fault = isFake ? findSignatureFault(part, facts.s3.secretAccessKey) : findLiveFault(part)
    expect(fault).toBeNull()
    statuses.push((await send(part, slice(upload, part, bytes))).status)
  }
  return statuses
}

const complete = (as: Call, { id }: UploadAnswer, body: unknown = {}): Promise<Response> =>
  as('alice', 'POST', `/v1/uploads/${id}/complete`, body)
const isStored = ({ key }: UploadAnswer): boolean => fake.objects.has(`/${facts.s3.bucket}/${key}`)
const sum = (algorithm: string, bytes: Uint8Array) => ({
  algorithm,
  value: sumOf(algorithm, bytes),
})

test('the fake sums as NVMe does', () => {
  expect(crc64nvme(new TextEncoder().encode('123456789')).toString('hex')).toBe('ae8b14860a799888')
})

describe('where S3 keeps checksums (a fake of its protocol)', () => {
  test.each(['crc32', 'crc64nvme', 'sha1', 'sha256', 'md5'])('a put binds its %s', async (name) => {
    const upload = await open(summed.call, { size: SMALL.length, checksum: sum(name, SMALL) })
    const header = name === 'md5' ? 'content-md5' : `x-amz-checksum-${name}`
    expect(upload.parts[0]?.headers[header]).toBe(sumOf(name, SMALL))
    expect(await sendAll(upload, flip(SMALL))).toEqual([400])
    expect((await complete(summed.call, upload)).status).toBe(409)
    expect(await sendAll(upload, SMALL)).toEqual([200])
    const done = (await (await complete(summed.call, upload)).json()) as CompleteAnswer
    expect(done.checksum).toEqual(sum('crc64nvme', SMALL))
  })

  test.each(['crc32', 'crc64nvme'])(
    'parts together have the %s that was declared',
    async (name) => {
      const declared = sum(name, LARGE)
      const upload = await open(summed.call, { size: LARGE.length, checksum: declared })
      expect(await sendAll(upload, LARGE)).toEqual([200, 200])
      const done = await complete(summed.call, upload, { checksum: declared })
      expect(await done.json()).toMatchObject({ size: LARGE.length, checksum: declared })
      expect((await complete(summed.call, upload, { checksum: declared })).status).toBe(200)
    },
  )

  test('one flipped bit in a part: 422, and no object', async () => {
    const upload = await open(summed.call, {
      size: LARGE.length,
      checksum: sum('crc64nvme', LARGE),
    })
    await sendAll(upload, flip(LARGE))
    const done = await complete(summed.call, upload)
    expect(done.status).toBe(422)
    expect(await done.json()).toMatchObject({ code: 'checksum_mismatch' })
    expect(isStored(upload)).toBe(false)
    // Nothing is lost but the part: sent again, it is complete.
    await sendAll(upload, LARGE)
    expect((await complete(summed.call, upload)).status).toBe(200)
  })

  test('a checksum of a part is signed, and S3 refuses another', async () => {
    const upload = await open(summed.call, { checksum: { algorithm: 'crc32' } })
    const parts = [{ partNumber: 1, size: SMALL.length, checksum: sum('crc32', SMALL) }]
    const path = `/v1/uploads/${upload.id}/parts`
    const signed = (await (
      await summed.call('alice', 'POST', path, { parts })
    ).json()) as PartsAnswer
    const [part] = signed.parts
    if (part === undefined) throw new Error('no part')
    expect((await send(part, flip(SMALL))).status).toBe(400)
    expect((await send(part, SMALL)).status).toBe(200)
    // The value of the whole, which a recorder knows only now.
    const wrong = await complete(summed.call, upload, { checksum: sum('crc32', flip(SMALL)) })
    expect(wrong.status).toBe(422)
    const done = await complete(summed.call, upload, { checksum: sum('crc32', SMALL) })
    expect(await done.json()).toMatchObject({ checksum: sum('crc32', SMALL) })
    const other = [{ partNumber: 1, checksum: sum('sha256', SMALL) }]
    expect((await summed.call('alice', 'POST', path, { parts: other })).status).toBe(400)
  })

  test('what S3 spoils after it has verified it is found, and exactly that version removed', async () => {
    const upload = await open(summed.call, {
      size: SMALL.length,
      checksum: sum('crc64nvme', SMALL),
    })
    fake.spoil()
    await sendAll(upload, SMALL)
    const { versionId } = fake.objects.get(`/${facts.s3.bucket}/${upload.key}`) ?? {}
    const done = await complete(summed.call, upload)
    expect(done.status).toBe(422)
    expect(await done.json()).toMatchObject({ code: 'checksum_mismatch' })
    expect(isStored(upload)).toBe(false)
    expect(fake.removed.at(-1)).toBe(versionId)
  })

  test.each([
    ['a put', SMALL, false],
    ['a put that was complete', SMALL, true],
    ['parts that were complete', LARGE, true],
  ])('naming another checksum is no way to delete %s', async (_, bytes, isComplete) => {
    const upload = await open(summed.call, { size: bytes.length })
    await sendAll(upload, bytes)
    if (isComplete) expect((await complete(summed.call, upload)).status).toBe(200)
    const lie = await complete(summed.call, upload, { checksum: sum('crc64nvme', flip(bytes)) })
    expect(lie.status).toBe(422)
    expect(await lie.json()).toMatchObject({
      code: 'checksum_mismatch',
      detail: expect.not.stringContaining('removed'),
    })
    expect(isStored(upload)).toBe(true)
    const right = await complete(summed.call, upload, { checksum: sum('crc64nvme', bytes) })
    expect(right.status).toBe(200)
  })

  test('parts that do not have the sum that completes them leave no object', async () => {
    const upload = await open(summed.call, { size: LARGE.length })
    await sendAll(upload, flip(LARGE))
    const done = await complete(summed.call, upload, { checksum: sum('crc64nvme', LARGE) })
    expect(done.status).toBe(422)
    expect(isStored(upload)).toBe(false)
  })

  test('what is not published yet goes, and may be sent again', async () => {
    const upload = await open(summed.call, { bucket: 'staged', size: SMALL.length })
    await sendAll(upload, flip(SMALL))
    const named = { checksum: sum('crc64nvme', SMALL) }
    expect((await complete(summed.call, upload, named)).status).toBe(422)
    expect(isStored(upload)).toBe(false)
    expect(await sendAll(upload, SMALL)).toEqual([200])
    expect((await complete(summed.call, upload, named)).status).toBe(200)
    expect(isStored(upload)).toBe(true)
  })

  test('completion and copy refuse to replace an object by themselves', async () => {
    for (const bucket of ['media', 'staged']) {
      const key = freshKey('alice')
      const [one, two] = [
        await open(summed.call, { bucket, key, size: LARGE.length }),
        await open(summed.call, { bucket, key, size: LARGE.length }),
      ]
      await sendAll(one, LARGE)
      await sendAll(two, LARGE)
      const both = await Promise.all([complete(summed.call, one), complete(summed.call, two)])
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    }
  })

  test('a composite checksum of parts is refused, naming what is verified', async () => {
    const body = { bucket: 'media', key: freshKey('alice'), type: 'text/plain', size: LARGE.length }
    const checksum = sum('sha256', LARGE)
    const answer = await summed.call('alice', 'POST', '/v1/uploads', { ...body, checksum })
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('crc64nvme') })
  })
})

describe('where S3 keeps none (the live one)', () => {
  const external = gateway.s3.kind === 'external'
  const hex = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

  test('a checksum that nobody would verify is refused, naming MD5', async () => {
    for (const bytes of [SMALL, LARGE]) {
      const body = { bucket: 'media', key: freshKey('alice'), type: 'text/plain' }
      const checksum = sum('crc64nvme', bytes)
      const wanted = { ...body, size: bytes.length, checksum }
      const answer = await call('alice', 'POST', '/v1/uploads', wanted)
      expect(answer.status).toBe(501)
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('md5') })
    }
  })

  test('MD5 of a put, and of a part, is signed: one flipped bit is refused by S3', async () => {
    const put = await open(call, { size: SMALL.length, checksum: sum('md5', SMALL) })
    const path = `/v1/uploads/${(await open(call, {})).id}/parts`
    const parts = [{ partNumber: 1, size: SMALL.length, checksum: sum('md5', SMALL) }]
    const signed = (await (await call('alice', 'POST', path, { parts })).json()) as PartsAnswer
    for (const part of [...put.parts, ...signed.parts]) {
      expect(findLiveFault(part)).toBeNull()
      expect((await send(part, flip(SMALL))).status).toBe(400)
      expect((await send(part, SMALL)).status).toBe(200)
    }
    expect((await complete(call, put)).status).toBe(200)
  })

  test.runIf(external)('one flipped bit in a part that its MD5 tells: 422, no object', async () => {
    const upload = await open(call, { size: LARGE.length })
    const named = upload.parts.map((part) => ({
      partNumber: part.partNumber,
      etag: hex(slice(upload, part, LARGE)),
    }))
    await sendAll(upload, flip(LARGE))
    const done = await complete(call, upload, { parts: named })
    expect(done.status).toBe(422)
    expect(await done.json()).toMatchObject({
      code: 'checksum_mismatch',
      detail: expect.stringContaining('Parts 1:'),
    })
    const head = { bucket: 'media', method: 'HEAD', key: upload.key }
    const signed = (await (await call('alice', 'POST', '/v1/sign', head)).json()) as UploadPart
    expect((await send(signed)).status).toBe(404)
    await sendAll(upload, LARGE)
    expect((await complete(call, upload, { parts: named })).status).toBe(200)
  })
})
