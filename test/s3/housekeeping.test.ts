// Housekeeping and large copies against a live S3, in a bucket of their own: what is too old goes, all else stays.
import { AwsClient } from 'aws4fetch'
import { afterAll, describe, expect, test } from 'vitest'
import { createStoreCall } from '../../src/adapters/s3-call.ts'
import { createCopyCalls } from '../../src/adapters/s3-copy.ts'
import { createMultipartCalls } from '../../src/adapters/s3-multipart.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { createObjectStore } from '../../src/adapters/s3.ts'
import { parseConfig } from '../../src/config/config.ts'
import type { UploadAnswer } from '../../src/contract/upload.ts'
import { decide } from '../../src/core/policy/decide.ts'
import { parseObjectKey } from '../../src/core/policy/key.ts'
import type { Session } from '../../src/core/token/session.ts'
import { sweepUploads } from '../../src/core/upload/sweep.ts'
import { createClient, gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'

const MIB = 2 ** 20
const DAY_MS = 86_400_000
let environment: Record<string, unknown> = {}
const { facts, stop } = await startGateway((url, s3) => {
  const { region, bucket, endpoint } = s3
  const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
  const place = { provider, region, bucket, endpoint, addressing: 'path', credentials: 'MEDIA' }
  const BUCKETS = { media: place, staged: { ...place, staging: 'incoming/' } }
  const allow = ['read', 'upload', 'list']
  const GRANTS = [
    { bucket: 'media', prefix: 'users/${sub}/', allow },
    { bucket: 'media', prefix: 'users/${sub}/deeper/', allow },
    { bucket: 'media', prefix: 'public/', allow: ['read'] },
    { bucket: 'staged', prefix: 'published/', allow },
  ]
  const issuer = { issuer: 'https://login.test', audience: url, algorithms: ['HS256'] }
  environment = {
    PUBLIC_URL: url,
    ISSUERS: [{ ...issuer, secret: 'SESSION_SECRET' }],
    BUCKETS,
    GRANTS,
    MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
    MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
    POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    SESSION_SECRET: 'a secret of this test, long enough',
  }
  const UPPY = { bucket: 'media', prefix: 'users/${sub}/uploads/' }
  return { BUCKETS, GRANTS, UPPY }
}, gateway.script)
afterAll(stop)

const unused = (): never => {
  throw new Error('no keys are fetched here, and no role is assumed')
}
const config = await parseConfig(environment, unused, unused)
if (!config.ok) throw new Error(JSON.stringify(config.error))
const { policy } = config.value
const { call } = createClient(facts)
const s3 = new AwsClient({ ...facts.s3, service: 's3', retries: 0 })
const base = `${facts.s3.endpoint}/${facts.s3.bucket}`
const canList = facts.s3.kind === 'external'
const store = createObjectStore(systemClock, new Map())

async function open(body: object): Promise<UploadAnswer> {
  const answer = await call('alice', 'POST', '/v1/uploads', { type: 'text/plain', ...body })
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

/** Keys of open uploads and of objects, as S3 itself lists them. */
async function list(what: 'uploads' | 'objects'): Promise<string[]> {
  const text = await (
    await s3.fetch(`${base}?${what === 'uploads' ? 'uploads' : 'list-type=2'}`)
  ).text()
  return [...text.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key ?? '').toSorted()
}

describe('housekeeping', () => {
  test('aborts and clears what is older than any ticket, below granted prefixes alone', async () => {
    // Where S3 cannot list uploads there is only staging to be cleared.
    if (canList) {
      await open({ bucket: 'media', key: 'users/alice/a' })
      await open({ bucket: 'media', key: 'users/alice/deeper/ö &+.bin' })
      await open({ bucket: 'staged', key: 'published/parts' })
      const other = await s3.fetch(`${base}/elsewhere/x?uploads=`, { method: 'POST' })
      expect(other.status).toBe(200)
    }
    const staged = await open({ bucket: 'staged', key: 'published/put', size: 5 })
    const [part] = staged.parts
    expect(part && (await send(part, 'hello')).status).toBe(200)
    for (const key of ['public/kept', 'incoming/report.csv'])
      await s3.fetch(`${base}/${key}`, { method: 'PUT', body: 'kept' })
    const before = [canList ? await list('uploads') : [], await list('objects')]

    const young = await sweepUploads(store, policy, Date.now() + 7 * DAY_MS)
    expect(young.map(({ aborted, removed, failed }) => [aborted, removed, failed])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ])
    expect([canList ? await list('uploads') : [], await list('objects')]).toEqual(before)

    const old = await sweepUploads(store, policy, Date.now() + 8 * DAY_MS)
    expect(old).toMatchObject([
      { bucket: 'media', aborted: canList ? 2 : 0, removed: 0, failed: 0 },
      { bucket: 'staged', aborted: canList ? 1 : 0, removed: 1, failed: 0 },
    ])
    if (canList) expect(await list('uploads')).toEqual(['elsewhere/x'])
    // What stands below the staging prefix and is not named as this gateway names it is somebody else's.
    expect(await list('objects')).toEqual(['incoming/report.csv', 'public/kept'])
  })

  test.runIf(canList)('aborts what a lost answer of Companion’s create has opened', async () => {
    const body = { filename: 'film', type: 'video/mp4' }
    const create = () => call('uppy', 'POST', '/s3/multipart', body)
    // Nobody hears of the first one; Uppy is told to try again, and cannot know of it.
    expect((await create()).status).toBe(200)
    const { key, uploadId } = (await (await create()).json()) as { key: string; uploadId: string }
    const path = `/s3/multipart/${uploadId}`
    const { url } = (await (await call('uppy', 'GET', `${path}/1`)).json()) as { url: string }
    const ETag = (await fetch(url, { method: 'PUT', body: 'whole' })).headers.get('ETag')
    const parts = [{ PartNumber: 1, ETag }]
    expect((await call('uppy', 'POST', `${path}/complete`, { parts })).status).toBe(200)
    const below = async () => (await list('uploads')).filter((name) => name.includes('/uppy/'))
    const [orphan, ...rest] = await below()
    expect([orphan === key, rest]).toEqual([false, []])

    await sweepUploads(store, policy, Date.now() + 7 * DAY_MS)
    expect(await below()).toEqual([orphan])
    await sweepUploads(store, policy, Date.now() + 8 * DAY_MS)
    expect(await below()).toEqual([])
    expect(await (await s3.fetch(`${base}/${key}`)).text()).toBe('whole')
  })

  test('a run is bounded, and the next one goes on', async () => {
    if (!canList) return
    for (let at = 0; at < 60; at += 1) {
      const made = await s3.fetch(`${base}/users/many/${at}?uploads=`, { method: 'POST' })
      expect(made.status).toBe(200)
    }
    const runs = []
    for (let run = 0; run < 2; run += 1) {
      const [media] = await sweepUploads(store, policy, Date.now() + 8 * DAY_MS)
      runs.push(media?.aborted ?? 0)
    }
    expect(runs[0]).toBeLessThan(50)
    expect(runs[0] ?? 0).toBeGreaterThan(30)
    expect((runs[0] ?? 0) + (runs[1] ?? 0)).toBe(60)
  })

  test('the cron trigger of the built Worker runs it, and leaves alone what is young', async () => {
    const upload = await open({ bucket: 'staged', key: 'published/young', size: 5 })
    const [part] = upload.parts
    expect(part && (await send(part, 'hello')).status).toBe(200)
    const run = await fetch(`${facts.url}/cdn-cgi/local/scheduled`)
    expect([run.status, await run.text()]).toEqual([200, 'ok'])
    const done = await call('alice', 'POST', `/v1/uploads/${upload.id}/complete`)
    expect(done.status).toBe(200)
  })
})

// The local R2 copies no parts either.
test.runIf(canList)(
  'an object too large for one copy is copied in parts, with its type and metadata',
  async () => {
    const content = new Uint8Array(12 * MIB + 3).map((_, at) => (at * 13 + (at >> 9)) & 255)
    const put = await s3.fetch(`${base}/users/alice/source%20%C3%B6`, {
      method: 'PUT',
      body: content,
      headers: {
        'content-type': 'video/mp4',
        'x-amz-meta-postern-upload': 'n',
        'x-amz-meta-a': 'b',
      },
    })
    expect(put.status).toBe(200)
    const caller: Session = {
      issuer: 'https://login.test',
      subject: 'alice',
      claims: { sub: 'alice' },
      issuedAtSeconds: 1,
      expiresAtSeconds: 4e9,
    }
    const toPermit = (name: string) => {
      const key = parseObjectKey(name)
      const rest = { bucket: 'media', size: 1, type: 'video/mp4', options: [] }
      const permit = key.ok
        ? decide(policy, caller, { action: 'upload', key: key.value, ...rest })
        : key
      if (!permit.ok) throw new Error('not permitted')
      return permit.value
    }
    const source = toPermit('users/alice/source ö')
    const target = toPermit("users/alice/target (1)'s")
    const object = await store.head(source)
    if (!object.ok || object.value === null) throw new Error('no source')
    const storeCall = createStoreCall(systemClock, new Map())
    const multipart = createMultipartCalls(storeCall)
    const sizes = { maxBytes: 6 * MIB, partBytes: 5 * MIB }
    const { copy } = createCopyCalls(storeCall, multipart, sizes)
    const from = { key: source.operation.key, object: object.value }
    expect(await copy(target, from, { createOnly: true })).toEqual({ ok: true, value: 'done' })
    const copied = await store.head(target)
    expect(copied).toMatchObject({
      value: {
        size: content.length,
        type: 'video/mp4',
        uploadNonce: 'n',
        etag: expect.stringMatching(/-3$/),
      },
    })
    const answer = await s3.fetch(`${base}/users/alice/target%20%281%29%27s`)
    expect(answer.headers.get('x-amz-meta-a')).toBe('b')
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(content))).toBe(true)
    // Another object than the one that was verified is not copied. Ceph 16 ignores x-amz-copy-source-if-match; there the
    // staged key, which is a nonce that no other upload has, must do.
    const other = { ...from, object: { ...object.value, size: 5, etag: '0'.repeat(32) } }
    const refused = await copy(toPermit('users/alice/other'), other, { createOnly: true })
    expect(refused).toEqual({ ok: true, value: canList ? 'done' : 'exists' })
    if (canList) expect(await list('uploads')).toEqual(['elsewhere/x'])
  },
)
