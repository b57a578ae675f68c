// A gateway that ends in mid-upload: its workerd is killed at each call, another version with other secrets goes on, and nothing is lost.
import { randomBytes } from 'node:crypto'
import { AwsClient } from 'aws4fetch'
import { afterAll, describe, expect, test } from 'vitest'
import type { PartsAnswer, UploadAnswer } from '../../../src/contract/upload.ts'
import { createSealingKey, parsePosternKey, seal } from '../../../src/core/seal.ts'
import { openTicket } from '../../../src/core/upload/ticket.ts'
import { createClient, gateway, send } from '../../support/s3/client.ts'
import { startFaultProxy } from '../../support/s3/fault-proxy.ts'
import { type GatewayFacts, startGateway } from '../../support/s3/gateway.ts'

const CONTENT = 'exactly once'
const { s3 } = gateway
const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
const proxy = await startFaultProxy()
proxy.aim(s3.endpoint)
afterAll(() => proxy.stop())

const newKey = (): string => randomBytes(32).toString('base64url')
const FIRST = newKey()
const SECOND = newKey()
const AUDIENCE = 'https://files.test'

interface Running {
  readonly facts: GatewayFacts
  readonly call: ReturnType<typeof createClient>['call']
  readonly kill: () => Promise<void>
}

/** A gateway of its own before the storage of the suite, which outlives it. */
async function start(keys: {
  POSTERN_KEY: string
  POSTERN_KEY_PREVIOUS?: string
}): Promise<Running> {
  const started = await startGateway(() => {
    const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
    const place = { provider, region: s3.region, bucket: s3.bucket, addressing: 'path' }
    const endpoint = proxy.origin + new URL(s3.endpoint).pathname.replace(/\/$/, '')
    const media = { ...place, endpoint, credentials: 'MEDIA' }
    return {
      ...keys,
      SESSION_SECRET: gateway.sessionSecret,
      ISSUERS: [
        {
          issuer: 'https://login.test',
          audience: AUDIENCE,
          algorithms: ['HS256'],
          secret: 'SESSION_SECRET',
        },
      ],
      BUCKETS: { media, staged: { ...media, staging: 'incoming/' } },
      MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
      MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }
  }, gateway.script)
  const facts = { ...started.facts, sessionSecret: gateway.sessionSecret }
  return { facts, call: createClient(facts, AUDIENCE).call, kill: started.stop }
}

async function open({ call }: Running, key: string, bucket = 'media'): Promise<string> {
  const created = await call('alice', 'POST', '/v1/uploads', { bucket, key, type: 'text/plain' })
  expect(created.status).toBe(201)
  // Answers are validated against the document elsewhere.
  return ((await created.json()) as UploadAnswer).id
}

async function sendPart({ call }: Running, id: string): Promise<string> {
  const wanted = { parts: [{ partNumber: 1, size: CONTENT.length }] }
  const signed = await call('alice', 'POST', `/v1/uploads/${id}/parts`, wanted)
  expect(signed.status).toBe(200)
  const [part] = ((await signed.json()) as PartsAnswer).parts
  if (part === undefined) throw new Error('no part')
  return (await send(part, CONTENT)).headers.get('ETag') ?? ''
}

const complete = ({ call }: Running, id: string, etag: string): Promise<Response> =>
  call('alice', 'POST', `/v1/uploads/${id}/complete`, { parts: [{ partNumber: 1, etag }] })

async function expectWhole(answer: Response, key: string): Promise<void> {
  expect([answer.status, await answer.json()]).toMatchObject([200, { key, size: CONTENT.length }])
  const stored = await client.fetch(`${s3.endpoint}/${s3.bucket}/${key}`)
  expect([stored.status, await stored.text()]).toEqual([200, CONTENT])
}

const keyOf = (name: string): string => `users/alice/${crypto.randomUUID()}/${name}`

describe('killed while S3 does what it was asked', () => {
  test.each([
    ['media', 'POST'],
    ['staged', 'POST'],
    ['staged', 'GET'],
    ['staged', 'PUT'],
    ['staged', 'DELETE'],
  ] as const)('%s, the %s of a completion', { timeout: 120_000 }, async (bucket, at) => {
    const key = bucket === 'media' ? keyOf('killed') : `published/${crypto.randomUUID()}`
    const before = await start({ POSTERN_KEY: FIRST })
    const id = await open(before, key, bucket)
    const etag = await sendPart(before, id)
    const done = proxy.silence(at)
    const cut = complete(before, id, etag).then(
      ({ status }) => status,
      () => 'cut',
    )
    await done
    expect(proxy.calls().at(-1)).toContain(at)
    await before.kill()
    proxy.plan(null)
    // Its caller hears nothing, and asks again.
    expect(await cut).toBe('cut')
    const after = await start({ POSTERN_KEY: FIRST })
    await expectWhole(await complete(after, id, etag), key)
    await expectWhole(await complete(after, id, etag), key)
    await after.kill()
  })
})

test('a new version with a new POSTERN_KEY in the middle of twenty uploads, each at another step', async () => {
  const before = await start({ POSTERN_KEY: FIRST })
  const steps = await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      const key = keyOf(`rotated-${at}`)
      const id = await open(before, key)
      const etag = at % 3 === 0 ? null : await sendPart(before, id)
      if (at % 3 === 2) await expectWhole(await complete(before, id, etag ?? ''), key)
      return { key, id, etag }
    }),
  )
  await before.kill()
  const after = await start({ POSTERN_KEY: SECOND, POSTERN_KEY_PREVIOUS: FIRST })
  await Promise.all(
    steps.map(async ({ key, id, etag }) => {
      await expectWhole(await complete(after, id, etag ?? (await sendPart(after, id))), key)
    }),
  )
  await after.kill()
  // Once the old key is gone its tickets are none, and new ones still are: no upload of another key opens.
  const last = await start({ POSTERN_KEY: SECOND })
  const [old] = steps
  expect((await complete(last, old?.id ?? '', 'x')).status).toBe(404)
  const key = keyOf('new')
  const id = await open(last, key)
  await expectWhole(await complete(last, id, await sendPart(last, id)), key)
  await last.kill()
})

test('a ticket of the version before, sealed in its layout, goes on with this one', async () => {
  const running = await start({ POSTERN_KEY: FIRST })
  const key = keyOf('deployed')
  const bytes = parsePosternKey(FIRST)
  if (bytes === null) throw new Error('no key')
  const sealing = [await createSealingKey(bytes)]
  const body = { bucket: 'media', key, type: 'text/plain', size: CONTENT.length }
  const created = await running.call('alice', 'POST', '/v1/uploads', body)
  const ticket = await openTicket(sealing, ((await created.json()) as UploadAnswer).id)
  if (ticket === null) throw new Error('no ticket')
  // Layout 2 knew neither budget nor checksum nor headers.
  const { issuer, subject, bucket, size, type, overwrite, multipart, nonce } = ticket
  const times = [ticket.createdAtSeconds, ticket.resumableUntilSeconds]
  const fields = [
    2,
    issuer,
    subject,
    bucket,
    key,
    size,
    type,
    overwrite,
    multipart,
    nonce,
    ...times,
  ]
  const plain = new TextEncoder().encode(JSON.stringify(fields))
  const id = await seal(sealing, 'upload-ticket', plain, crypto.getRandomValues(new Uint8Array(12)))
  const etag = await sendPart(running, id)
  expect(etag).not.toBe('')
  await expectWhole(await complete(running, id, etag), key)
  await running.kill()
})

test('a storage that never answers is 504 after its deadline, and the call can be made again', async () => {
  const running = await start({ POSTERN_KEY: FIRST })
  const key = keyOf('slow')
  const id = await open(running, key)
  const etag = await sendPart(running, id)
  const done = proxy.silence('HEAD')
  const late = complete(running, id, etag)
  await done
  const answer = await late
  expect([answer.status, await answer.json()]).toMatchObject([504, { code: 'upstream_timeout' }])
  expect(proxy.calls()).toHaveLength(1)
  proxy.plan(null)
  await expectWhole(await complete(running, id, etag), key)
  await running.kill()
})
