// A storage that fails in every way it can, at every call that the gateway makes to it: a fault of its own, nothing sent twice, nothing lost.
import { AwsClient } from 'aws4fetch'
import { afterAll, describe, expect, test } from 'vitest'
import type { PartsAnswer, UploadAnswer } from '../../../src/contract/upload.ts'
import { createClient, gateway, send } from '../../support/s3/client.ts'
import { S3_FAULTS, startFaultProxy } from '../../support/s3/fault-proxy.ts'
import { startGateway } from '../../support/s3/gateway.ts'

/** Begins as PNG does, so that what stands in its place is told by its first bytes. */
const CONTENT = '\x89PNG\r\n\x1a\n exactly once'
const bytes = new Uint8Array(Buffer.from(CONTENT, 'latin1'))
const proxy = await startFaultProxy()
const { facts, stop } = await startGateway((_, { kind, endpoint, region, bucket }) => {
  const provider = kind === 'embedded' ? 'r2' : 'ceph'
  const place = { provider, region, bucket, addressing: 'path', credentials: 'MEDIA' }
  const media = { ...place, endpoint: proxy.origin + new URL(endpoint).pathname.replace(/\/$/, '') }
  return { BUCKETS: { media, staged: { ...media, staging: 'incoming/' } } }
}, gateway.script)
proxy.aim(facts.s3.endpoint)
const { call } = createClient(facts)
const s3 = new AwsClient({ ...facts.s3, service: 's3', retries: 0 })
afterAll(async () => {
  proxy.stop()
  await stop()
})

const KINDS = {
  put: { bucket: 'media', size: bytes.length },
  parts: { bucket: 'media' },
  'staged put': { bucket: 'staged', size: bytes.length },
  'staged parts': { bucket: 'staged' },
} as const
type Kind = keyof typeof KINDS

/** How a call is made: once, or through a fault and then again. */
type Control = (act: () => Promise<Response>) => Promise<Response>
const once: Control = (act) => act()

function create(kind: Kind, key: string): Promise<Response> {
  return call('alice', 'POST', '/v1/uploads', { key, type: 'image/png', ...KINDS[kind] })
}

interface Sent {
  readonly id: string
  readonly parts: readonly { readonly partNumber: number; readonly etag: string }[]
}

/** Opens an upload and sends all of it. */
async function upload(kind: Kind, key: string, control: Control): Promise<Sent> {
  const created = await control(() => create(kind, key))
  expect(created.status).toBe(201)
  // Answers are validated against the document elsewhere.
  const { id } = (await created.json()) as UploadAnswer
  const wanted = { parts: [{ partNumber: 1, size: bytes.length }] }
  const signed = await call('alice', 'POST', `/v1/uploads/${id}/parts`, wanted)
  const [part] = ((await signed.json()) as PartsAnswer).parts
  if (part === undefined) throw new Error('no part')
  const sent = await send(part, bytes)
  expect(sent.status).toBe(200)
  return { id, parts: [{ partNumber: 1, etag: sent.headers.get('ETag') ?? '' }] }
}

const complete = ({ id, parts }: Sent): Promise<Response> =>
  call('alice', 'POST', `/v1/uploads/${id}/complete`, { parts })

/** What S3 holds under the key. */
async function read(key: string): Promise<string | number> {
  const answer = await s3.fetch(`${facts.s3.endpoint}/${facts.s3.bucket}/${key}`)
  return answer.ok ? Buffer.from(await answer.arrayBuffer()).toString('latin1') : answer.status
}

/** Repeats what failed of a storage's fault; everything else is the answer. */
function createControl(fault: (typeof S3_FAULTS)[number], at: number) {
  const seen = { isReached: false, statuses: [] as number[] }
  const control: Control = async (act) => {
    proxy.plan({ at, fault })
    const first = await act()
    const calls = proxy.calls()
    seen.isReached = calls.length > at
    seen.statuses.push(first.status)
    // The gateway itself sends nothing twice that does something: whoever asked decides, by his own deadline.
    const failed = calls[at] ?? ''
    if (!failed.startsWith('HEAD')) expect(calls.slice(at + 1)).not.toContain(failed)
    proxy.plan(null)
    if (first.ok) return first
    expect([fault, at, first.status, await first.clone().json()]).toMatchObject([
      fault,
      at,
      502,
      { code: 'upstream_error', detail: 'The storage failed; try again later.' },
    ])
    return act()
  }
  return { control, seen }
}

const counts: string[] = []
afterAll(() => process.stdout.write(`calls to S3 that failed, each once: ${counts.join(', ')}\n`))

describe.each(S3_FAULTS)('%s', (fault) => {
  test.each(Object.keys(KINDS) as Kind[])('%s, opened', { timeout: 120_000 }, async (kind) => {
    for (let at = 0, isReached = true; isReached; at += 1) {
      const key = `${KINDS[kind].bucket === 'staged' ? 'published' : 'users/alice'}/${crypto.randomUUID()}`
      const { control, seen } = createControl(fault, at)
      const sent = await upload(kind, key, control)
      expect((await complete(sent)).status).toBe(200)
      expect(await read(key)).toBe(CONTENT)
      ;({ isReached } = seen)
    }
  })

  test.each(Object.keys(KINDS) as Kind[])('%s, completed', { timeout: 120_000 }, async (kind) => {
    for (let at = 0, isReached = true; isReached; at += 1) {
      const key = `${KINDS[kind].bucket === 'staged' ? 'published' : 'users/alice'}/${crypto.randomUUID()}`
      const { control, seen } = createControl(fault, at)
      const sent = await upload(kind, key, once)
      const done = await control(() => complete(sent))
      expect([at, done.status]).toEqual([at, 200])
      expect(await done.json()).toMatchObject({ key, size: bytes.length })
      expect(await read(key)).toBe(CONTENT)
      ;({ isReached } = seen)
      if (!isReached) counts.push(`${fault}, ${kind} ${at}`)
    }
  })

  test('an object deleted, a folder listed: never said to be done when it is not', async () => {
    const key = `users/alice/${crypto.randomUUID()}`
    const sent = await upload('put', key, once)
    expect((await complete(sent)).status).toBe(200)
    const listing = createControl(fault, 0)
    const list = await listing.control(() =>
      call('alice', 'GET', `/v1/objects?bucket=media&prefix=${key}`.replace(/[^/]+$/, '')),
    )
    expect(list.status).toBe(200)
    expect(JSON.stringify(await list.json())).toContain(key)
    const removing = createControl(fault, 0)
    const removed = await removing.control(() =>
      call('alice', 'DELETE', `/v1/objects/media/${key}`),
    )
    expect(removed.status).toBe(204)
    expect(await read(key)).toBe(404)
  })
})

test('a streamed link that broke off in the middle is not kept so: the next visitor gets the whole', async () => {
  for (let round = 0; round < 5; round += 1) {
    const key = `users/alice/${crypto.randomUUID()}`
    const sent = await upload('put', key, once)
    expect((await complete(sent)).status).toBe(200)
    const body = { bucket: 'media', key, expiresIn: 600, delivery: 'stream' }
    const made = await call('alice', 'POST', '/v1/links', body)
    // Answers are validated against the document elsewhere.
    const { id } = (await made.json()) as { id: string }
    proxy.plan({ at: 0, fault: 'reset in the answer' })
    const broken = await fetch(`${facts.url}/l/${id}`)
      .then(
        (answer) => answer.text(),
        () => 'cut',
      )
      .catch(() => 'cut')
    expect(broken).toBe('cut')
    proxy.plan(null)
    const whole = await fetch(`${facts.url}/l/${id}`)
    const got = Buffer.from(await whole.arrayBuffer()).toString('latin1')
    expect([whole.status, got]).toEqual([200, CONTENT])
  }
})

test('a batch before a storage that never answers ends with its request’s deadline: what is not begun by then is not', async () => {
  proxy.plan({ at: 'HEAD', fault: 'silence' })
  const requests = Array.from({ length: 60 }, () => ({
    bucket: 'media',
    key: `users/alice/${crypto.randomUUID()}`,
    type: 'image/png',
    size: bytes.length,
  }))
  const answer = await call('alice', 'POST', '/v1/uploads', { requests })
  const { results } = (await answer.json()) as { results: { status: number; code: string }[] }
  expect(results.map(({ status, code }) => `${status} ${code}`)).toEqual(
    Array<string>(60).fill('504 upstream_timeout'),
  )
  // Six at a time, ten seconds each: three rounds of thirty seconds, and none of the other seven.
  expect(proxy.calls()).toHaveLength(18)
  proxy.plan(null)
  const again = await call('alice', 'POST', '/v1/uploads', { requests })
  expect(JSON.stringify(await again.json()).match(/"status":201/g)).toHaveLength(60)
})
