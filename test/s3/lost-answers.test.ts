// Lost answers, one at a time: of every control call to its client, and of every call that the gateway makes to S3.
import { AwsClient } from 'aws4fetch'
import { afterAll, describe, expect, test } from 'vitest'
import type { PartsAnswer, UploadAnswer } from '../../src/contract/upload.ts'
import { createClient, gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { startLossyProxy } from '../support/s3/lossy-proxy.ts'

const CONTENT = 'exactly once'
const proxy = await startLossyProxy()
const { facts, stop } = await startGateway((_, s3) => {
  const { region, bucket } = s3
  const path = new URL(s3.endpoint).pathname.replace(/\/$/, '')
  const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
  const place = { provider, region, bucket, addressing: 'path', credentials: 'MEDIA' }
  const media = { ...place, endpoint: proxy.origin + path }
  return { BUCKETS: { media, staged: { ...media, staging: 'incoming/' } } }
}, gateway.script)
proxy.aim(facts.s3.endpoint)
const { call } = createClient(facts)
const s3 = new AwsClient({ ...facts.s3, service: 's3', retries: 0 })
afterAll(async () => {
  proxy.stop()
  await stop()
})

/** Kinds of uploads, each of another way through S3. */
const KINDS = {
  put: { bucket: 'media', size: CONTENT.length },
  parts: { bucket: 'media' },
  'staged put': { bucket: 'staged', size: CONTENT.length },
  'staged parts': { bucket: 'staged' },
} as const
type Kind = keyof typeof KINDS

interface Run {
  readonly kind: Kind
  readonly key: string
  /** Does this once, or with its answer lost and then again; the answer that counts. */
  readonly control: (name: string, act: () => Promise<Response>) => Promise<Response>
}

/** The whole handshake, `control` standing between the client and each of its calls. */
async function upload({ kind, key, control }: Run): Promise<UploadAnswer> {
  const body = { key, type: 'text/plain', ...KINDS[kind] }
  const repeat = { 'Idempotency-Key': `create ${key}`.replaceAll(/[^\w]/g, '-') }
  const created = await control('create', () => call('alice', 'POST', '/v1/uploads', body, repeat))
  expect(created.status).toBe(201)
  // Answers are validated against the document elsewhere.
  const answer = (await created.json()) as UploadAnswer
  const wanted = { parts: [{ partNumber: 1, size: CONTENT.length }] }
  const signed = await control('parts', () =>
    call('alice', 'POST', `/v1/uploads/${answer.id}/parts`, wanted),
  )
  expect(signed.status).toBe(200)
  const { parts } = (await signed.json()) as PartsAnswer
  const [part] = parts
  if (part === undefined) throw new Error('no part')
  const sent = await send(part, CONTENT)
  expect(sent.status).toBe(200)
  return { ...answer, parts: [{ ...part, headers: { etag: sent.headers.get('ETag') ?? '' } }] }
}

function complete(answer: UploadAnswer): Promise<Response> {
  const parts = answer.parts.map(({ partNumber, headers }) => ({
    partNumber,
    etag: headers['etag'],
  }))
  return call('alice', 'POST', `/v1/uploads/${answer.id}/complete`, { parts })
}

/** Keys and contents that S3 holds below a folder. */
async function read(folder: string): Promise<string[]> {
  const base = `${facts.s3.endpoint}/${facts.s3.bucket}`
  const query = new URLSearchParams({ 'list-type': '2', prefix: folder })
  const list = await (await s3.fetch(`${base}?${query}`)).text()
  const keys = [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key)
  return Promise.all(
    keys.map(async (key) => `${key} ${await (await s3.fetch(`${base}/${key}`)).text()}`),
  )
}

/** Repeats the call named, of which the answer of the nth call to S3 is lost; tells whether there was an nth. */
function createControl(target: string, at: number) {
  const seen = { calls: 0, statuses: [] as number[] }
  const control: Run['control'] = async (name, act) => {
    if (name !== target) return act()
    proxy.lose(at)
    const first = await act()
    seen.calls = proxy.calls().length
    seen.statuses.push(first.status)
    proxy.lose(null)
    // Whatever the first answer was, it was lost as well: the client asks again.
    return act()
  }
  return { control, seen }
}

const counts: string[] = []
afterAll(() => process.stdout.write(`answers of S3 lost, each once: ${counts.join(', ')}\n`))

describe.each(Object.keys(KINDS) as Kind[])('%s', (kind) => {
  const subject = kind.startsWith('staged') ? 'published' : 'users/alice'

  test.each(['create', 'parts', 'complete'])(
    '%s, each answer of S3 lost in turn',
    { timeout: 120_000 },
    async (target) => {
      for (let at = 0, isReached = true; isReached; at += 1) {
        const folder = `${subject}/${crypto.randomUUID()}/`
        const { control, seen } = createControl(target, at)
        const answer = await upload({ kind, key: `${folder}file`, control })
        const done = await control('complete', () => complete(answer))
        expect(done.status).toBe(200)
        expect(await done.json()).toMatchObject({ key: `${folder}file`, size: CONTENT.length })
        expect(await read(folder)).toEqual([`${folder}file ${CONTENT}`])
        // Lost inside, it is S3's failure or no failure at all; never a bug, never a refusal.
        expect([200, 201, 502]).toContain(seen.statuses[0])
        isReached = seen.calls > at
        if (!isReached) counts.push(`${kind} ${target} ${at}`)
      }
    },
  )

  test('abort', { timeout: 120_000 }, async () => {
    for (let at = 0, isReached = true; isReached; at += 1) {
      const folder = `${subject}/${crypto.randomUUID()}/`
      const { control, seen } = createControl('abort', at)
      const plain: Run['control'] = (_, act) => act()
      const answer = await upload({ kind, key: `${folder}file`, control: plain })
      const aborted = await control('abort', () =>
        call('alice', 'DELETE', `/v1/uploads/${answer.id}`),
      )
      // The one URL of a put has done all there is to do: the object is there, and stays.
      expect(aborted.status).toBe(kind === 'put' ? 409 : 204)
      expect(await read(folder)).toHaveLength(kind === 'put' ? 1 : 0)
      expect([204, 409, 502]).toContain(seen.statuses[0])
      isReached = seen.calls > at
      if (!isReached) counts.push(`${kind} abort ${at}`)
    }
  })
})

test('the same key for another body is refused, at once and together only one is opened', async () => {
  const key = `users/alice/${crypto.randomUUID()}/file`
  const body = { bucket: 'media', key, type: 'text/plain' }
  const repeat = { 'Idempotency-Key': crypto.randomUUID() }
  const open = (more: object, sub = 'alice'): Promise<Response> =>
    call(sub, 'POST', '/v1/uploads', { ...body, ...more }, repeat)
  const answers = await Promise.all(Array.from({ length: 8 }, () => open({})))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(201))
  const ids = await Promise.all(answers.map(async (one) => ((await one.json()) as UploadAnswer).id))
  expect(new Set(ids).size).toBe(1)
  expect((await open({ type: 'image/png' })).status).toBe(409)
  // Another subject's key is another key.
  const other = await open({ key: `users/bob/${crypto.randomUUID()}` }, 'bob')
  expect(other.status).toBe(201)
  const bad = await call('alice', 'POST', '/v1/uploads', body, { 'Idempotency-Key': 'a b' })
  expect(bad.status).toBe(400)
})
