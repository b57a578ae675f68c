// A versioned bucket against a live S3: what was staged leaves no version behind, whichever way it goes.
import { AwsClient } from 'aws4fetch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createObjectStore } from '../../src/adapters/s3.ts'
import type { UploadAnswer } from '../../src/contract/upload.ts'
import { parseKeyPrefix } from '../../src/core/policy/key.ts'
import { capabilitiesOf } from '../../src/core/sign/provider.ts'
import { sweepUploads } from '../../src/core/upload/sweep.ts'
import { createClient, gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { type Place, policyOf } from '../support/permit.ts'

const PNG = '\x89PNG\r\n\x1a\n'
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))
const { facts, stop } = await startGateway(() => ({}), gateway.script)
const { call } = createClient(facts)
const s3 = new AwsClient({ ...facts.s3, service: 's3', retries: 0 })
const base = `${facts.s3.endpoint}/${facts.s3.bucket}`
// The local R2 keeps no versions.
const isVersioned = facts.s3.kind === 'external'
afterAll(stop)

beforeAll(async () => {
  if (!isVersioned) return
  const body = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
  const set = await s3.fetch(`${base}?versioning=`, { method: 'PUT', body })
  if (!set.ok) throw new Error(`not versioned: ${set.status}`)
})

/** Versions and delete markers below the staging prefix. */
async function staged(): Promise<string[]> {
  const query = new URLSearchParams({ versions: '', prefix: 'incoming/' })
  const text = await (await s3.fetch(`${base}?${query}`)).text()
  return [...text.matchAll(/<(Version|DeleteMarker)>/g)].map(([, kind = '']) => kind)
}

async function open(body: object = {}): Promise<UploadAnswer> {
  const key = `published/${crypto.randomUUID()}`
  const wanted = { bucket: 'staged', key, type: 'image/png', size: PNG.length, ...body }
  const answer = await call('alice', 'POST', '/v1/uploads', wanted)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

async function sendFirst({ parts: [part] }: UploadAnswer, content = PNG): Promise<void> {
  if (part === undefined) throw new Error('no part')
  expect((await send(part, bytesOf(content))).status).toBe(200)
}

const complete = async ({ id }: UploadAnswer): Promise<number> =>
  (await call('alice', 'POST', `/v1/uploads/${id}/complete`)).status

describe.runIf(isVersioned)('nothing is left below the staging prefix', () => {
  test('when it is published, also after a replay of its URL', async () => {
    const upload = await open()
    await sendFirst(upload)
    expect(await staged()).toEqual(['Version'])
    expect(await complete(upload)).toBe(200)
    expect(await staged()).toEqual([])
    await sendFirst(upload)
    expect(await complete(upload)).toBe(200)
    expect(await staged()).toEqual([])
  })

  test('when it is not what it is called', async () => {
    const upload = await open()
    await sendFirst(upload, 'x'.repeat(PNG.length))
    expect(await complete(upload)).toBe(415)
    expect(await staged()).toEqual([])
  })

  test('when it is dropped', async () => {
    const upload = await open()
    await sendFirst(upload)
    expect((await call('alice', 'DELETE', `/v1/uploads/${upload.id}`)).status).toBe(204)
    expect(await staged()).toEqual([])
  })

  test('when housekeeping clears it', async () => {
    await sendFirst(await open())
    const place: Place = { ...facts.s3, addressing: 'path' }
    const { buckets, grants } = await policyOf(place)
    const media = buckets.get('media')
    const staging = parseKeyPrefix('incoming/')
    if (media === undefined || !staging.ok) throw new Error('no bucket')
    const bucket = { ...media, can: capabilitiesOf('ceph', ''), staging: staging.value }
    const policy = { buckets: new Map([['media', bucket]]), grants }
    const store = createObjectStore(systemClock, new WeakMap())
    const [swept] = await sweepUploads(store, policy, Date.now() + 8 * 86_400_000)
    expect(swept).toMatchObject({ removed: 1, failed: 0 })
    expect(await staged()).toEqual([])
  })
})
