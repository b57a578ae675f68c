// Attacks with headers that nobody signed: on a store that would act on them, a signed write is still that write alone.
import { AwsV4Signer } from 'aws4fetch'
import { beforeAll, describe, expect, test } from 'vitest'
import type { SignedRequest } from '../../src/contract/common.ts'
import type { UploadAnswer, UploadPart } from '../../src/contract/upload.ts'
import { call, freshKey, gateway, send, sign } from '../support/s3/client.ts'
import { getObject } from '../support/s3/owner.ts'

const { s3 } = gateway
const TEXT = 'written by alice'
const SECRET = 'only bob may read'
const victim = freshKey('bob', 'secret.txt')
const source = `/${s3.bucket}/${victim}`

beforeAll(async () => {
  const put = { key: victim, method: 'PUT', size: SECRET.length, type: 'text/plain' }
  const stored = await send(await sign('bob', put), SECRET)
  if (!stored.ok) throw new Error(`bob's object is not stored: ${stored.status}`)
})

async function open(body: object): Promise<UploadAnswer> {
  const key = freshKey('alice')
  const wanted = { bucket: 'media', key, type: 'text/plain', ...body }
  const answer = await call('alice', 'POST', '/v1/uploads', wanted)
  expect(answer.status).toBe(201)
  // Its shape is checked by the walk over the document.
  return (await answer.json()) as UploadAnswer
}

function firstOf({ parts: [part] }: UploadAnswer): UploadPart {
  if (part === undefined) throw new Error('no part')
  return part
}

async function openPart(): Promise<SignedRequest> {
  const { id } = await open({})
  const parts = [{ partNumber: 1, size: TEXT.length }]
  const answer = await call('alice', 'POST', `/v1/uploads/${id}/parts`, { parts })
  return firstOf((await answer.json()) as UploadAnswer)
}

/** Every way in which a client gets a URL that writes. */
const WRITES: readonly (readonly [string, () => Promise<SignedRequest>])[] = [
  ['PUT', () => sign('alice', { ...put(), key: freshKey('alice') })],
  ['PUT that replaces', () => sign('alice', { ...put(), key: shared(), overwrite: true })],
  ['put of an upload', async () => firstOf(await open({ size: TEXT.length }))],
  ['put to staging', async () => firstOf(await open({ bucket: 'staged', size: TEXT.length }))],
  ['part', openPart],
]
const put = () => ({ method: 'PUT', size: TEXT.length, type: 'text/plain' })
const shared = (): string => `shared/${crypto.randomUUID()}`

const COPIES: readonly Record<string, string>[] = [
  { 'x-amz-copy-source': source },
  { 'X-Amz-Copy-Source': source.slice(1) },
  { 'x-amz-copy-source': source, 'x-amz-metadata-directive': 'REPLACE' },
  { 'x-amz-copy-source': source, 'x-amz-copy-source-range': `bytes=0-${TEXT.length - 1}` },
]
const CHANGES: readonly Record<string, string>[] = [
  { 'x-amz-acl': 'public-read' },
  { 'x-amz-grant-read': 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' },
  { 'x-amz-object-lock-mode': 'GOVERNANCE' },
  { 'x-amz-storage-class': 'STANDARD' },
  { 'x-amz-tagging': 'a=b' },
  { 'x-amz-website-redirect-location': 'https://evil.test/' },
]

/** What stands under the key of a signed request. */
function readTarget({ url }: SignedRequest): Promise<Response> {
  const base = `${new URL(s3.endpoint).pathname.replace(/\/$/, '')}/${s3.bucket}/`
  return getObject(decodeURIComponent(new URL(url).pathname.slice(base.length)))
}

test('the attack is real: a URL that names only what is sent copies what its keys can read', async () => {
  const url = new URL(`${s3.endpoint}/${s3.bucket}/${freshKey('alice')}`)
  url.searchParams.set('X-Amz-Expires', '60')
  const aws = { ...s3, service: 's3', signQuery: true, allHeaders: true }
  const plain = await new AwsV4Signer({ ...aws, method: 'PUT', url: url.href }).sign()
  const target = { method: 'PUT', url: plain.url.href, headers: {}, expiresAt: '' } as const
  const stolen = await send({ ...target, headers: { 'x-amz-copy-source': source } })
  expect(stolen.status).toBe(200)
  expect(await (await readTarget(target)).text()).toBe(SECRET)
})

describe.each(WRITES)('%s', (name, toSigned) => {
  test.each(COPIES)('copies nothing: %o', async (added) => {
    const signed = await toSigned()
    for (const body of ['', TEXT]) {
      const headers = { ...signed.headers, ...added }
      expect((await send({ ...signed, headers }, body)).status).toBe(403)
    }
    expect((await readTarget(signed)).status).toBe(404)
    // It was the header: the same URL writes what it was signed for.
    expect((await send(signed, TEXT)).status).toBe(200)
  })

  test.runIf(name !== 'part').each(CHANGES)('decides nothing more: %o', async (added) => {
    const signed = await toSigned()
    const headers = { ...signed.headers, ...added }
    expect((await send({ ...signed, headers }, TEXT)).status).toBe(403)
    expect((await readTarget(signed)).status).toBe(404)
    expect((await send(signed, TEXT)).status).toBe(200)
  })
})

test('a DELETE passes over no retention', async () => {
  const key = shared()
  expect((await send(await sign('alice', { ...put(), key }), TEXT)).status).toBe(200)
  const signed = await sign('alice', { method: 'DELETE', key })
  const headers = { 'x-amz-bypass-governance-retention': 'true' }
  expect((await send({ ...signed, headers })).status).toBe(403)
  expect((await send(signed)).status).toBe(204)
})
