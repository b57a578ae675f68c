// Every header that a signed PUT lists is enforced by S3: another value is refused, and so is leaving it out.
import { describe, expect, test } from 'vitest'
import { gateway, send, sign } from '../support/s3/client.ts'
import { getObject } from '../support/s3/owner.ts'

const TEXT = 'hello from alice'
const isCeph = gateway.s3.kind === 'external'

const freshKey = (): string => `shared/${crypto.randomUUID()}/file.txt`

/** A PUT that binds all that the server can be bound to. */
function signPut(key: string, more: object = {}) {
  return sign('alice', {
    key,
    method: 'PUT',
    size: TEXT.length,
    type: 'text/plain',
    metadata: { plain: 'one two', unicode: 'Grüße 🚀' },
    cacheControl: 'private, max-age=60',
    contentDisposition: 'attachment; filename="a b.txt"',
    contentEncoding: 'identity',
    ...(isCeph && { storageClass: 'STANDARD', tagging: { team: 'web = co', 'a+b': 'c:d' } }),
    ...more,
  })
}

const NAMES = [
  'content-type',
  'content-disposition',
  'content-encoding',
  'cache-control',
  'if-none-match',
  'x-amz-meta-plain',
  'x-amz-meta-unicode',
  ...(isCeph ? ['x-amz-storage-class', 'x-amz-tagging'] : []),
]

test('as signed, it is stored with all of them', async () => {
  const key = freshKey()
  const signed = await signPut(key)
  expect(Object.keys(signed.headers).toSorted()).toEqual(['content-length', ...NAMES].toSorted())
  expect((await send(signed, TEXT)).status).toBe(200)
  const stored = await getObject(key)
  expect(await stored.text()).toBe(TEXT)
  for (const name of NAMES.filter((each) => !/^(if-|x-amz-(storage|tagging))/.test(each)))
    expect(stored.headers.get(name)).toBe(signed.headers[name])
})

describe.each(NAMES)('%s', (name) => {
  test('another value is refused', async () => {
    const key = freshKey()
    const signed = await signPut(key)
    const headers = { ...signed.headers, [name]: `${signed.headers[name]}x` }
    expect((await send({ ...signed, headers }, TEXT)).status).toBe(403)
    expect((await getObject(key)).status).toBe(404)
  })

  test('leaving it out is refused', async () => {
    const key = freshKey()
    const signed = await signPut(key)
    const { [name]: _, ...headers } = signed.headers
    // Bytes, since fetch gives a text a Content-Type of its own.
    const body = new Uint8Array(new TextEncoder().encode(TEXT))
    expect((await send({ ...signed, headers }, body)).status).toBe(403)
    expect((await getObject(key)).status).toBe(404)
  })
})

describe('content-length', () => {
  test.each(['', TEXT.slice(1), `${TEXT}!`])('a body of %j is refused', async (body) => {
    const key = freshKey()
    expect((await send(await signPut(key), body)).status).toBe(403)
    expect((await getObject(key)).status).toBe(404)
  })
})

test('if-match replaces only what the caller has seen', async () => {
  const key = freshKey()
  const first = await send(await signPut(key), TEXT)
  const ifMatch = first.headers.get('ETag') ?? ''
  const signed = await signPut(key, { ifMatch })
  const other = { ...signed.headers, 'if-match': '"d41d8cd98f00b204e9800998ecf8427e"' }
  expect((await send({ ...signed, headers: other }, TEXT)).status).toBe(403)
  expect((await send(signed, TEXT.toUpperCase())).status).toBe(200)
  expect((await send(signed, TEXT)).status).toBe(412)
  expect(await (await getObject(key)).text()).toBe(TEXT.toUpperCase())
})
