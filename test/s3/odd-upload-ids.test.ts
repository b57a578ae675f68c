// Upload ids of any characters, as S3 may answer them: each call carries them whole, in a signature that is right.
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createObjectStore } from '../../src/adapters/s3.ts'
import type { PartsAnswer, UploadAnswer, UploadPart } from '../../src/contract/upload.ts'
import { sweepUploads } from '../../src/core/upload/sweep.ts'
import { policyOf } from '../support/permit.ts'
import { startChecksumFake } from '../support/s3/checksum-fake.ts'
import { createClient, gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { findSignatureFault } from '../support/sigv4.ts'

const MIB = 2 ** 20
const ODD = [
  'a/b+c=&%~ü',
  '%2B%252f%',
  '../..//x?y#z',
  ' leading and trailing ',
  'two  spaces',
  `<"quotes'&amp;">`,
  "!'()*;:@,$[]|^`{}\\",
  '日本語🎬',
  'u\u0308 is not ü',
  '2~a.b-c_d'.repeat(40),
]

let next = ''
const fake = await startChecksumFake(() => next)
const { facts, stop } = await startGateway((_, { region, bucket }) => {
  const place = { region, bucket, addressing: 'path', credentials: 'MEDIA', endpoint: fake.origin }
  return {
    BUCKETS: { media: { provider: 'aws', ...place } },
    GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['upload'] }],
  }
}, gateway.script)
const { call } = createClient(facts)
afterAll(async () => {
  fake.stop()
  await stop()
})

/** Of every call that came: no fault in its signature, by the second implementation, over the headers that it names. */
function findFaults(): (string | null)[] {
  return fake.calls.map(({ method, url, headers }) => {
    const names = new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? []
    const sent = Object.entries(headers).filter(([name]) => name !== 'host' && names.includes(name))
    const request = { method, url, headers: Object.fromEntries(sent) }
    return findSignatureFault(request, facts.s3.secretAccessKey)
  })
}
afterEach(() => void fake.calls.splice(0))

async function open(uploadId: string): Promise<UploadAnswer> {
  next = uploadId
  const key = `users/alice/${crypto.randomUUID()}/file`
  const body = { bucket: 'media', key, size: 8 * MIB + 5, type: 'text/plain' }
  const answer = await call('alice', 'POST', '/v1/uploads', body)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

const idOf = ({ url }: UploadPart): string | null => new URL(url).searchParams.get('uploadId')

describe.each(ODD.map((uploadId) => [uploadId.slice(0, 30), uploadId] as const))(
  '%s',
  (_, uploadId) => {
    test('parts, list and completion', async () => {
      const upload = await open(uploadId)
      expect(upload.parts.map(idOf)).toEqual([uploadId, uploadId])
      const again = await call('alice', 'POST', `/v1/uploads/${upload.id}/parts`, {
        parts: [{ partNumber: 2 }, { partNumber: 1 }],
      })
      const { parts } = (await again.json()) as PartsAnswer
      expect(parts.map(idOf)).toEqual([uploadId, uploadId])
      for (const part of [...parts, ...upload.parts])
        expect((await send(part, new Uint8Array(part.size))).status).toBe(200)
      const path = `/v1/uploads/${upload.id}`
      expect(await (await call('alice', 'GET', path)).json()).toMatchObject({
        state: 'open',
        parts: [{ partNumber: 2 }, { partNumber: 1 }],
      })
      expect((await call('alice', 'POST', `${path}/complete`)).status).toBe(200)
      expect([...fake.uploads.keys()]).toEqual([])
      const faults = findFaults()
      expect(faults.length).toBeGreaterThanOrEqual(9)
      expect(faults.filter((fault) => fault !== null)).toEqual([])
    })

    test('abort', async () => {
      const { id } = await open(uploadId)
      expect([...fake.uploads.keys()]).toEqual([uploadId])
      expect((await call('alice', 'DELETE', `/v1/uploads/${id}`)).status).toBe(204)
      expect([...fake.uploads.keys()]).toEqual([])
      expect(findFaults().filter((fault) => fault !== null)).toEqual([])
    })
  },
)

test('housekeeping finds them page by page, and aborts them all', async () => {
  for (const uploadId of ODD) await open(uploadId)
  expect([...fake.uploads.keys()]).toEqual(ODD)
  const { region, bucket, accessKeyId, secretAccessKey } = facts.s3
  const place = { region, bucket, accessKeyId, secretAccessKey, endpoint: fake.origin }
  const policy = await policyOf({ ...place, addressing: 'path' })
  const store = createObjectStore(systemClock, new Map())
  const swept = await sweepUploads(store, policy, Date.now())
  expect(swept).toMatchObject([{ aborted: ODD.length, failed: 0 }])
  expect([...fake.uploads.keys()]).toEqual([])
  expect(findFaults().filter((fault) => fault !== null)).toEqual([])
})
