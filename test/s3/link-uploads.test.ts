// Uploads by a link, from plan to verified object: what is stored, what is told of it, and how many files there can be.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSigningJwk } from '../../src/cli/signing-jwk.ts'
import type { CompleteAnswer, UploadAnswer } from '../../src/contract/upload.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { gateway, send } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { bytesOf, createRequests, MIB, TERMS } from '../support/s3/requests.ts'
import { WEBHOOK_SECRET } from '../support/webhook-secret.ts'

const signingKey = JSON.stringify(await createSigningJwk())
const events: { type: string; data: Record<string, unknown> }[] = []
let heard: () => void
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    // As the gateway wrote it.
    events.push(JSON.parse(body) as (typeof events)[number])
    response.end()
    heard()
  })
})
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
const address = receiver.address()
if (address === null || typeof address === 'string') throw new Error('no port')
const WEBHOOK = { url: `http://127.0.0.1:${address.port}/hook` }
const { facts, stop } = await startGateway(
  () => ({ POSTERN_SIGNING_KEY: signingKey, WEBHOOK, WEBHOOK_SECRET }),
  gateway.script,
)
const { make, visit, begin, open, sendAll, sendParts, complete, put, read, call } =
  createRequests(facts)
const bucket = createBucket(facts)
const isEmbedded = facts.s3.kind === 'embedded'

beforeAll(() => {
  heard = () => undefined
})
afterAll(async () => {
  await stop()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

describe('a file', () => {
  test('arrives below the prefix under its own name, with a receipt, and the owner hears of it', async () => {
    const link = await make({ label: 'Papers' })
    const arrival = new Promise<void>((resolve) => (heard = resolve))
    const name = 'Grüße & 日本.txt'
    const done = await put(link.id, 'hello', { filename: name })
    expect(done.key).toMatch(new RegExp(`^${link.prefix}[\\w-]{22}/${name.normalize('NFC')}$`))
    expect(await (await bucket.get(done.key)).text()).toBe('hello')
    const [, claims = ''] = done.receipt?.split('.') ?? []
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      key: done.key,
      sub: link.id.slice(0, 8),
      sub_id: { iss: `${facts.url}/l` },
    })
    expect(done.receipt).not.toContain(Buffer.from(link.id).toString('base64url'))
    await arrival
    expect(events.at(-1)).toMatchObject({
      type: 'upload.completed',
      data: { key: done.key, sub: 'alice', link: link.id.slice(0, 8), label: 'Papers' },
    })
    expect(JSON.stringify(events)).not.toContain(link.id)
    expect(await read(link.id)).toMatchObject({ upload: TERMS, uploaded: 1, used: 0 })
  })
  test('in parts, gone on with, read and completed again and again', async () => {
    const { id } = await make()
    const content = new Uint8Array(9 * MIB).map((_, at) => at % 251)
    const upload = await open(id, { filename: 'big.png', type: 'image/png', size: content.length })
    expect([upload.strategy, upload.partCount]).toEqual(['multipart', 2])
    const again = await visit(id, 'POST', `/uploads/${upload.id}/parts`, {
      parts: [{ partNumber: 2 }],
    })
    // Its shape is checked by the walk over the document.
    const { parts: more } = (await again.json()) as Pick<UploadAnswer, 'parts'>
    const [first] = upload.parts
    if (first === undefined) throw new Error('no part')
    const parts = await sendParts([first, ...more], content, upload.partSize)
    const state = await visit(id, 'GET', `/uploads/${upload.id}`)
    expect(state.status).toBe(isEmbedded ? 501 : 200)
    for (let times = 0; times < 3; times += 1) {
      const completed = await complete(id, upload.id, parts)
      expect(completed.status).toBe(200)
      expect(await completed.json()).toMatchObject({ key: upload.key, size: content.length })
    }
    expect(new Uint8Array(await (await bucket.get(upload.key)).arrayBuffer())).toEqual(content)
    expect((await read(id)).uploaded).toBe(1)
    expect((await visit(id, 'DELETE', `/uploads/${upload.id}`)).status).toBe(409)
  })
  test('of one name twice: both stay', async () => {
    const { id } = await make()
    const [one, two] = [await put(id, 'one'), await put(id, 'two')]
    expect(one.key).not.toBe(two.key)
    expect(await (await bucket.get(one.key)).text()).toBe('one')
  })
  test('is verified before it is published where the bucket says so; what pretends frees its place', async () => {
    const prefix = `sent/${crypto.randomUUID()}/`
    const terms = { bucket: 'staged', prefix, upload: { ...TERMS, maxFiles: 1 } }
    const { id } = await make(terms)
    const content = bytesOf('no picture')
    const lie = await open(id, { filename: 'a.png', type: 'image/png', size: content.length })
    const parts = await sendAll(lie, content)
    expect(await bucket.keys(prefix)).toEqual([])
    expect((await complete(id, lie.id, parts)).status).toBe(415)
    expect(await bucket.keys(prefix)).toEqual([])
    expect((await read(id)).uploaded).toBe(0)
    const { key } = await put(id)
    expect(await bucket.keys(prefix)).toEqual([key])
    expect((await begin(id)).status).toBe(410)
  })
  test('asked for twice with one Idempotency-Key is one upload, of this link alone', async () => {
    const [{ id }, other] = [await make(), await make()]
    const headers = { 'Idempotency-Key': 'again' }
    const plans = await Promise.all([1, 2, 3].map(() => begin(id, {}, headers)))
    const ids = await Promise.all(
      plans.map(async (plan) => ((await plan.json()) as UploadAnswer).id),
    )
    expect(new Set(ids).size).toBe(1)
    expect((await begin(id, { size: 6 }, headers)).status).toBe(409)
    expect(((await (await begin(other.id, {}, headers)).json()) as UploadAnswer).id).not.toBe(
      ids[0],
    )
    expect((await visit(id, 'GET', '')).status).toBe(200)
    expect(await (await visit(id, 'GET', '')).json()).toMatchObject({ left: 2 })
  })
})

describe('the count', () => {
  test('fifty at once for three files: three, whichever way they end', async () => {
    const { id, prefix = '' } = await make()
    const answers = await Promise.all(Array.from({ length: 50 }, () => begin(id)))
    const opened = answers.filter(({ status }) => status === 201)
    expect(opened).toHaveLength(3)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(47)
    const uploads = await Promise.all(
      opened.map(async (answer) => (await answer.json()) as UploadAnswer),
    )
    const [one, two, three] = uploads
    if (one === undefined || two === undefined || three === undefined) throw new Error('not three')
    // Given back once, however often it is asked.
    await Promise.all([1, 2, 3, 4].map(() => visit(id, 'DELETE', `/uploads/${one.id}`)))
    const next = await Promise.all(Array.from({ length: 10 }, () => begin(id)))
    expect(next.filter(({ status }) => status === 201)).toHaveLength(1)
    const content = bytesOf('bytes')
    for (const upload of [two, three]) {
      const parts = await sendAll(upload, content)
      const done = await Promise.all([1, 2, 3].map(() => complete(id, upload.id, parts)))
      expect(done.map(({ status }) => status)).toContain(200)
    }
    expect(await read(id)).toMatchObject({ uploaded: 2, state: 'active' })
    const last = next.find(({ status }) => status === 201)
    const upload = (await last?.json()) as UploadAnswer
    const parts = await sendAll(upload, content)
    expect((await complete(id, upload.id, parts)).status).toBe(200)
    expect(await read(id)).toMatchObject({ uploaded: 3, state: 'spent' })
    expect((await begin(id)).status).toBe(410)
    // What was complete is answered again, also when nothing more is taken.
    expect((await complete(id, upload.id, parts)).status).toBe(200)
    expect(await bucket.keys(prefix)).toHaveLength(3)
    expect((await visit(id, 'DELETE', `/uploads/${two.id}`)).status).toBe(409)
    expect((await read(id)).uploaded).toBe(3)
  })
  test('a dropped upload can be neither sent nor completed', async () => {
    const { id, prefix = '' } = await make()
    const upload = await open(id)
    const parts = await sendAll(upload, bytesOf('bytes'))
    expect((await visit(id, 'DELETE', `/uploads/${upload.id}`)).status).toBe(204)
    expect((await complete(id, upload.id, parts)).status).toBe(409)
    expect(await bucket.keys(prefix)).toEqual([])
    expect(await (await visit(id, 'GET')).json()).toMatchObject({ left: 3 })
  })
  test('what is completed while it is dropped is an object or a free place, never both', async () => {
    const { id, prefix = '' } = await make({ upload: { ...TERMS, maxFiles: 10 } })
    const content = bytesOf('bytes')
    for (let times = 0; times < 8; times += 1) {
      const upload = await open(id)
      const parts = await sendAll(upload, content)
      await Promise.all([
        complete(id, upload.id, parts),
        visit(id, 'DELETE', `/uploads/${upload.id}`),
      ])
    }
    const { left } = (await (await visit(id, 'GET')).json()) as { left: number }
    expect((await bucket.keys(prefix)).length + left).toBeLessThanOrEqual(10)
  })
})

describe('what ends it midway', () => {
  const content = bytesOf('bytes')
  test('revoked: nothing is completed, and nothing of it is left', async () => {
    const { id, prefix = '' } = await make()
    const upload = await open(id)
    const parts = await sendAll(upload, content)
    if (!isEmbedded) expect(await bucket.openUploads(prefix)).toHaveLength(1)
    expect((await call('alice', 'DELETE', `/v1/links/${id}`)).status).toBe(204)
    expect((await complete(id, upload.id, parts)).status).toBe(410)
    expect(await bucket.keys(prefix)).toEqual([])
    if (!isEmbedded) expect(await bucket.openUploads(prefix)).toEqual([])
    // Its parts are gone: no other gate completes it, either.
    expect((await begin(id)).status).toBe(410)
    const state = await call('alice', 'POST', `/v1/uploads/${upload.id}/complete`, { parts })
    expect(state.status).toBe(404)
  })
  test('frozen: refused until it is thawed', async () => {
    const { id, prefix = '' } = await make()
    const upload = await open(id)
    const parts = await sendAll(upload, content)
    await call('alice', 'PATCH', `/v1/links/${id}`, { frozen: true })
    expect((await complete(id, upload.id, parts)).status).toBe(403)
    expect(await bucket.keys(prefix)).toEqual([])
    await call('alice', 'PATCH', `/v1/links/${id}`, { frozen: false })
    expect((await complete(id, upload.id, parts)).status).toBe(200)
    expect(await bucket.keys(prefix)).toEqual([upload.key])
  })
  test('expired: refused, and nothing of it is left', async () => {
    const { id, prefix = '' } = await make()
    const upload = await open(id)
    const parts = await sendAll(upload, content)
    // Ended by its owner's word: in a moment it is over, whatever was promised before.
    const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1000)
    const ended = await call('alice', 'PATCH', `/v1/links/${id}`, { expiresAt: soon.toISOString() })
    expect(ended.status).toBe(200)
    let state = ''
    while (state !== 'expired') ({ state } = await read(id))
    expect((await complete(id, upload.id, parts)).status).toBe(410)
    expect(await bucket.keys(prefix)).toEqual([])
    if (!isEmbedded) expect(await bucket.openUploads(prefix)).toEqual([])
  })
})

describe('S3 holds what was signed', () => {
  test('a part of another size is refused there, and an incomplete upload here', async () => {
    const { id, prefix = '' } = await make()
    const upload = await open(id, { size: 5 })
    const [part] = upload.parts
    if (part === undefined) throw new Error('no part')
    expect((await send(part, 'more than five')).status).toBe(403)
    expect((await complete(id, upload.id, [])).status).toBe(409)
    expect(await bucket.keys(prefix)).toEqual([])
  })
  test('the exact bound passes, one byte more does not', async () => {
    const { id } = await make({ upload: { ...TERMS, maxBytes: 5 } })
    expect((await begin(id, { size: 6 })).status).toBe(413)
    expect((await put(id, '12345')).size).toBe(5)
  })
})

describe('names', () => {
  test.each([
    ['../../bob/secret.txt', 'secret.txt'],
    ['..\\..\\secret.txt', 'secret.txt'],
    ['a/b/../c.txt', 'c.txt'],
    ['..', 'file'],
    ['%2e%2e', 'file'],
    ['tab\tnew\nline\u0000.txt', 'tabnewline.txt'],
    ['${filename}', '$filename}'],
    [' ', 'file'],
    ['x'.repeat(1024), 'x'.repeat(200)],
    ['C:\\fakepath\\a+b c%20.txt', 'a+b c%20.txt'],
    ['\ud800.txt', '\ufffd.txt'],
  ])('%j becomes the last segment, and no more', async (filename, name) => {
    const link = await make()
    const { key } = await put(link.id, 'bytes', { filename })
    const [folder = '', last = '', ...more] = key.slice(link.prefix?.length).split('/')
    expect([key.startsWith(link.prefix ?? '?'), /^[\w-]{22}$/.test(folder), last, more]).toEqual([
      true,
      true,
      name,
      [],
    ])
    expect(await (await bucket.get(key)).text()).toBe('bytes')
  })
  test('one that makes the key too long is 400, and takes no place', async () => {
    const { id } = await make({ prefix: `users/alice/${'p'.repeat(700)}/` })
    expect((await begin(id, { filename: '\u{1F600}'.repeat(200) })).status).toBe(400)
    expect(await (await visit(id, 'GET')).json()).toMatchObject({ left: 3 })
  })
})

test('the answer of a completion says no more than that of a session', async () => {
  const { id } = await make()
  const done: CompleteAnswer = await put(id)
  expect(Object.keys(done).toSorted()).toEqual([
    'bucket',
    'etag',
    'key',
    'receipt',
    'size',
    ...('versionId' in done ? ['versionId'] : []),
  ])
  expect((await call('alice', 'GET', `/v1/links/${id}`)).status).toBe(200)
})
