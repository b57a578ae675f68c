// A completed upload leaves a receipt that anybody can verify, and an event that reaches the application.
import { execFile } from 'node:child_process'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSigningJwk } from '../../src/cli/signing-jwk.ts'
import { type IdentityKey, parseIdentityKey } from '../../src/core/identity/key.ts'
import { toReceipt } from '../../src/core/identity/receipt.ts'
import type { CompleteAnswer, UploadAnswer } from '../../src/contract/upload.ts'
import { createCaller, type Post } from '../support/s3/caller.ts'
import { freshKey, send } from '../support/s3/client.ts'
import { type GatewayFacts, startGateway } from '../support/s3/gateway.ts'
import { WEBHOOK_SECRET } from '../support/webhook-secret.ts'

const verifier = join(import.meta.dirname, '../../examples/verify-receipt/verify.mjs')
const signingKey = JSON.stringify(await createSigningJwk())
const previousKey = JSON.stringify(await createSigningJwk())

interface Message {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
let arrive: (message: Message) => void
const arrived = new Promise<Message>((resolve) => (arrive = resolve))
const receiver = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    response.end()
    arrive({ headers: request.headers, body })
  })
})
let facts: GatewayFacts
let stop: () => Promise<void>
let post: Post

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const started = await startGateway(() => ({
    POSTERN_SIGNING_KEY: signingKey,
    POSTERN_SIGNING_KEY_PREVIOUS: previousKey,
    WEBHOOK: { url: `http://127.0.0.1:${address.port}/hook` },
    WEBHOOK_SECRET,
  }))
  ;({ facts, stop } = started)
  post = createCaller(facts, [signingKey, previousKey, WEBHOOK_SECRET])
})
afterAll(async () => {
  await stop()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

/** As an auditor runs it, elsewhere and later. */
async function verify(receipt: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [verifier, facts.url, receipt])
  return JSON.parse(stdout)
}

async function toKey(jwk: string): Promise<IdentityKey> {
  const key = await parseIdentityKey(jwk)
  if (key === null) throw new Error('no key')
  return key
}
const keys = [await toKey(signingKey), await toKey(previousKey)]
const kids = keys.map(({ kid }) => kid)

test('a receipt verifies, a changed one does not, and neither opens a session; the event arrives', async () => {
  const key = freshKey('alice', 'receipt ☃.txt')
  const created = await post('/v1/uploads', { bucket: 'media', key, size: 5, type: 'text/plain' })
  const { id, parts } = (await created.json()) as UploadAnswer
  const [part] = parts
  if (part === undefined) throw new Error('no part')
  expect((await send(part, 'hello')).status).toBe(200)
  const completed = await post(`/v1/uploads/${id}/complete`, {})
  const { receipt = '', ...object } = (await completed.json()) as CompleteAnswer
  expect(object).toMatchObject({ bucket: 'media', key, size: 5 })

  const { versionId: _versionId, ...vouched } = object
  const payload = await verify(receipt)
  expect(payload).toEqual({
    ...vouched,
    iss: facts.url,
    sub: 'alice',
    sub_id: { format: 'iss_sub', iss: 'https://login.test', sub: 'alice' },
    iat: expect.any(Number),
  })
  const [head = '', body, signature] = receipt.split('.')
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ kid: kids[0] })
  const lie = Buffer.from(JSON.stringify({ ...vouched, size: 6, iss: facts.url })).toString(
    'base64url',
  )
  await expect(verify(`${head}.${lie}.${signature}`)).rejects.toThrow('not a receipt')
  const other = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
  await expect(verify(`${other}.${body}.${signature}`)).rejects.toThrow('Command failed')
  const headers = { Authorization: `Bearer ${receipt}` }
  expect((await fetch(`${facts.url}/v1/session`, { headers })).status).toBe(401)

  const message = await arrived
  expect(message.headers['webhook-id']).toMatch(/^upload_[\w-]{22}$/)
  expect(JSON.parse(message.body)).toEqual({
    type: 'upload.completed',
    timestamp: expect.stringMatching(/Z$/),
    data: { ...object, iss: 'https://login.test', sub: 'alice' },
  })
})

test('while keys are rotated the new one signs, and what the one before has signed still verifies', async () => {
  const published = await (await fetch(`${facts.url}/.well-known/jwks.json`)).json()
  expect(published).toMatchObject({ keys: kids.map((kid) => ({ kid })) })
  const object = { bucket: 'media', key: 'users/alice/before.txt', size: 5, etag: 'etag' }
  const caller = { issuer: 'https://login.test', subject: 'alice' }
  const before = await toReceipt(
    keys.slice(1),
    { issuer: facts.url, caller, ...object },
    Date.now(),
  )
  expect(await verify(before ?? '')).toMatchObject(object)
  const lost = [await toKey(JSON.stringify(await createSigningJwk()))]
  const foreign = await toReceipt(lost, { issuer: facts.url, caller, ...object }, Date.now())
  await expect(verify(foreign ?? '')).rejects.toThrow('Command failed')
})
