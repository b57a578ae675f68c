// POST policies on a live S3: a form may upload what the policy says, under the key that it says, and nothing else.
import { describe, expect, test } from 'vitest'
import type { SignedPost } from '../../src/contract/sign.ts'
import { call, gateway } from '../support/s3/client.ts'
import { getObject, listKeys } from '../support/s3/owner.ts'

// The embedded store has no POST policies, and the gateway says so: see below.
const isCeph = gateway.s3.kind === 'external'

function ask(body: object): Promise<Response> {
  return call('alice', 'POST', '/v1/sign', { bucket: 'media', method: 'POST', ...body })
}

async function signPost(body: object): Promise<SignedPost> {
  const answer = await ask(body)
  expect(answer.status).toBe(200)
  return (await answer.json()) as SignedPost
}

const png = (bytes: number): Blob => new Blob([new Uint8Array(bytes)], { type: 'image/png' })

/** Posts the form as a browser would: all fields, then the file. */
function post(signed: SignedPost, changes: Record<string, string>, file: Blob): Promise<Response> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ ...signed.fields, ...changes }))
    form.append(name, value)
  form.append('file', file, '../evil name.html')
  return fetch(signed.url, { method: 'POST', body: form })
}

const freshPrefix = (): string => `users/alice/${crypto.randomUUID()}/`
const LIMITS = { minBytes: 10, maxBytes: 1000, type: 'image/*' }
const TYPED = { 'Content-Type': 'image/png' }

test.skipIf(isCeph)('a store without POST policies: 501 that says what to use', async () => {
  const answer = await ask({ prefix: freshPrefix(), ...LIMITS })
  expect(answer.status).toBe(501)
  expect(await answer.json()).toMatchObject({ code: 'unsupported_by_provider' })
})

describe.skipIf(!isCeph)('a form below a prefix', () => {
  test('uploads under the key that the gateway made', async () => {
    const prefix = freshPrefix()
    const signed = await signPost({ prefix, ...LIMITS })
    const key = signed.fields['key'] ?? ''
    expect(key.startsWith(prefix)).toBe(true)
    expect((await post(signed, TYPED, png(500))).ok).toBe(true)
    expect(await listKeys(prefix)).toEqual([key])
    const stored = await getObject(key)
    expect(stored.headers.get('content-type')).toBe('image/png')
    expect((await stored.arrayBuffer()).byteLength).toBe(500)
  })

  test.each([10, 1000])('%i bytes are within the bounds', async (bytes) => {
    const signed = await signPost({ prefix: freshPrefix(), ...LIMITS })
    expect((await post(signed, TYPED, png(bytes))).ok).toBe(true)
  })

  test.each([0, 9, 1001, 100_000])('%i bytes are refused', async (bytes) => {
    const prefix = freshPrefix()
    const answer = await post(await signPost({ prefix, ...LIMITS }), TYPED, png(bytes))
    expect([400, 403]).toContain(answer.status)
    expect(await listKeys(prefix)).toEqual([])
  })

  test.each([
    ['another type', { 'Content-Type': 'text/html' }],
    ['a type that only begins alike', { 'Content-Type': 'imagex/png' }],
    ['no type', {}],
    ['another key below the prefix', { ...TYPED, key: 'PREFIXother' }],
    ['a key of the file name', { ...TYPED, key: 'PREFIX${filename}' }],
    ['a key elsewhere', { ...TYPED, key: 'users/bob/file' }],
    ['another date', { ...TYPED, 'x-amz-date': '20990101T000000Z' }],
    ['another signature', { ...TYPED, 'x-amz-signature': '0'.repeat(64) }],
    [
      'a policy of the caller',
      { ...TYPED, policy: btoa('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}') },
    ],
    ['a field that the policy does not name', { ...TYPED, 'x-amz-meta-evil': '1' }],
    ['an ACL', { ...TYPED, acl: 'public-read' }],
  ])('%s is refused', async (_, changes) => {
    const prefix = freshPrefix()
    const signed = await signPost({ prefix, ...LIMITS })
    const placed = Object.fromEntries(
      Object.entries(changes).map(([name, value]) => [name, value.replace('PREFIX', prefix)]),
    )
    const answer = await post(signed, placed, png(500))
    expect([400, 403]).toContain(answer.status)
    expect(await listKeys(prefix)).toEqual([])
    expect((await getObject('users/bob/file')).status).toBe(404)
  })
})

describe.skipIf(!isCeph)('a form for one key', () => {
  const exact = { minBytes: 0, maxBytes: 1000, type: 'image/png' }

  test('replaces what stands there, if the caller may', async () => {
    const key = `shared/${crypto.randomUUID()}/it's (1) + ü.png`
    for (const bytes of [1, 2]) {
      const signed = await signPost({ key, overwrite: true, ...exact })
      expect((await post(signed, {}, png(bytes))).ok).toBe(true)
      expect((await (await getObject(key)).arrayBuffer()).byteLength).toBe(bytes)
    }
  })

  test('brings its type along and no other', async () => {
    const key = `shared/${crypto.randomUUID()}/a.png`
    const signed = await signPost({ key, overwrite: true, ...exact })
    expect(signed.fields['Content-Type']).toBe('image/png')
    expect((await post(signed, { 'Content-Type': 'text/html' }, png(1))).status).toBe(403)
    expect((await getObject(key)).status).toBe(404)
  })

  test.each([
    ['without overwrite', { key: 'shared/a.png' }, 400],
    ['without the option in the grant', { key: 'users/alice/a.png', overwrite: true }, 403],
    ['of another user', { key: 'users/bob/a.png', overwrite: true }, 403],
    ['with the name of the file in it', { key: 'shared/${filename}', overwrite: true }, 400],
  ])('%s is not signed', async (_, target, status) => {
    expect((await ask({ ...target, ...exact })).status).toBe(status)
  })
})
