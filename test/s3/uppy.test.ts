// Uppy's two protocols call by call: what each answer holds, what nobody can do with them, and what a provider cannot.
import { describe, expect, test } from 'vitest'
import type { UppySignAnswer } from '../../src/contract/uppy.ts'
import { createBucket } from '../support/s3/bucket.ts'
import { call, gateway } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'
import { createClient } from '../support/s3/client.ts'

const isEmbedded = gateway.s3.kind === 'embedded'
const s3 = createBucket(gateway)
const PART = 'x'.repeat(5 * 2 ** 20)

interface Opened {
  readonly key: string
  readonly uploadId: string
  readonly bucket: string
}

async function open(filename = 'film.mp4', sub = 'alice', metadata: object = {}): Promise<Opened> {
  const body = { filename, type: 'video/mp4', metadata }
  const answer = await call(sub, 'POST', '/s3/multipart', body)
  expect(answer.status).toBe(200)
  return (await answer.json()) as Opened
}

async function urlOf({ uploadId, key }: Opened, number: number): Promise<string> {
  const query = new URLSearchParams({ key })
  const answer = await call('alice', 'GET', `/s3/multipart/${uploadId}/${number}?${query}`)
  expect(answer.status).toBe(200)
  const { url, expires } = (await answer.json()) as { url: string; expires: number }
  expect(expires).toBeGreaterThan(0)
  return url
}

async function put(url: string, body: string): Promise<string> {
  const sent = await fetch(url, { method: 'PUT', body })
  expect(sent.status).toBe(200)
  return sent.headers.get('ETag')?.replaceAll('"', '') ?? ''
}

function complete({ uploadId }: Opened, etags: readonly string[]): Promise<Response> {
  const parts = etags.map((ETag, at) => ({ PartNumber: at + 1, ETag }))
  return call('alice', 'POST', `/s3/multipart/${uploadId}/complete`, { parts })
}

async function send(file: Opened, bodies: readonly string[]): Promise<string[]> {
  const etags: string[] = []
  for (const [at, body] of bodies.entries()) etags.push(await put(await urlOf(file, at + 1), body))
  return etags
}

describe('Companion mode', () => {
  test('an upload of two parts, listed, completed once and again', async () => {
    const file = await open('Grüße & "Küsse" (1).mp4', 'alice', { Author: 'Zoë', none: null })
    expect(file.key).toMatch(/^users\/alice\/uppy\/[\w-]{16}\/Grüße & "Küsse" \(1\)\.mp4$/)
    const etags = await send(file, [PART, 'the end'])
    const listed = await call('alice', 'GET', `/s3/multipart/${file.uploadId}`)
    expect(await listed.json()).toEqual(
      isEmbedded
        ? []
        : [
            { PartNumber: 1, ETag: etags[0], Size: PART.length },
            { PartNumber: 2, ETag: etags[1], Size: 7 },
          ],
    )
    for (const _ of ['once', 'again']) {
      const done = await complete(file, etags)
      expect([done.status, await done.clone().text()]).toEqual([200, expect.any(String)])
      const location = `${gateway.url}/o/media/${encodeURI(file.key).replaceAll('(', '%28').replaceAll(')', '%29').replaceAll('&', '%26')}`
      expect(await done.json()).toEqual({ location, key: file.key, bucket: 'media' })
    }
    const stored = await s3.get(file.key)
    expect((await stored.text()).length).toBe(PART.length + 7)
    expect(stored.headers.get('Content-Type')).toBe('video/mp4')
    expect(stored.headers.get('x-amz-meta-author')).toBe('=?UTF-8?B?Wm/Dqw==?=')
    // Whoever lost that answer lists, sends nothing and completes again.
    const again = await call('alice', 'GET', `/s3/multipart/${file.uploadId}`)
    const parts = (await again.json()) as { PartNumber: number; ETag: string }[]
    expect(parts.map(({ PartNumber }) => PartNumber)).toEqual([1, 2])
    const done = await complete(
      file,
      parts.map(({ ETag }) => ETag),
    )
    expect(done.status).toBe(200)
    expect((await call('alice', 'DELETE', `/s3/multipart/${file.uploadId}`)).status).toBe(409)
  })

  test('what was cancelled is gone, again and again, and S3 lists no upload', async () => {
    const file = await open()
    await send(file, ['part'])
    for (const _ of ['once', 'again']) {
      const answer = await call('alice', 'DELETE', `/s3/multipart/${file.uploadId}?key=any`)
      expect([answer.status, await answer.text()]).toEqual([200, '{}'])
    }
    if (!isEmbedded) expect(await s3.openUploads(file.key)).toEqual([])
    expect(await s3.keys(file.key)).toEqual([])
    const listed = await call('alice', 'GET', `/s3/multipart/${file.uploadId}`)
    expect(listed.status).toBe(isEmbedded ? 200 : 404)
  })

  test('parts in a batch, each URL good for its part', async () => {
    const file = await open()
    const path = `/s3/multipart/${file.uploadId}/batch`
    const answer = await call('alice', 'GET', `${path}?partNumbers=2,1&key=any`)
    const { presignedUrls } = (await answer.json()) as { presignedUrls: Record<string, string> }
    expect(Object.keys(presignedUrls)).toEqual(['1', '2'])
    const etags = [
      await put(presignedUrls['1'] ?? '', PART),
      await put(presignedUrls['2'] ?? '', ''.padEnd(9)),
    ]
    expect((await complete(file, etags)).status).toBe(200)
    for (const bad of ['', '0', '1,x', '10001', Array(101).fill(1).join(',')])
      expect((await call('alice', 'GET', `${path}?partNumbers=${bad}`)).status).toBe(400)
  })

  test('nobody goes on with the upload of another, nor with what is no ticket', async () => {
    const file = await open()
    const etags = await send(file, ['mine'])
    const parts = { parts: [{ PartNumber: 1, ETag: etags[0] }] }
    const ids = [
      ['bob', file.uploadId],
      ['alice', `${file.uploadId.slice(0, -1)}_`],
      ['alice', file.uploadId.slice(0, 40)],
      ['alice', '..%2f%2e'],
    ] as const
    for (const [sub, id] of ids) {
      for (const [method, path, body] of [
        ['GET', '', undefined],
        ['GET', '/1', undefined],
        ['GET', '/batch?partNumbers=1', undefined],
        ['POST', '/complete', parts],
        ['DELETE', '', undefined],
      ] as const) {
        const answer = await call(sub, method, `/s3/multipart/${id}${path}`, body)
        expect([id, method, path, answer.status]).toEqual([id, method, path, 404])
      }
    }
  })

  test('a credential of STS would grant the bucket: refused', async () => {
    expect((await call('alice', 'GET', '/s3/sts')).status).toBe(404)
  })

  test.runIf(isEmbedded)('one request without a size is 501, and says what to do', async () => {
    const answer = await call('alice', 'GET', '/s3/params?filename=a.txt&type=text/plain')
    expect([answer.status, await answer.text()]).toEqual([
      501,
      expect.stringContaining('shouldUseMultipart: true'),
    ])
  })

  test.runIf(!isEmbedded)('one request is a form, with metadata, for one key', async () => {
    const query = 'filename=a%20b.txt&type=text/plain&metadata[name]=a%20b.txt&metadata[n]=1'
    const answer = await call('alice', 'GET', `/s3/params?${query}`)
    const form = (await answer.json()) as { url: string; fields: Record<string, string> }
    const post = async (fields: object, content: string): Promise<number> => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ ...form.fields, ...fields }))
        body.set(name, String(value))
      body.set('file', new Blob([content]))
      return (await fetch(form.url, { method: 'POST', body })).status
    }
    expect(await post({ key: 'users/alice/uppy/other' }, 'x')).toBe(403)
    expect(await post({ 'Content-Type': 'text/html' }, 'x')).toBe(403)
    expect(await post({}, 'hello')).toBe(204)
    const stored = await s3.get(form.fields['key'] ?? '')
    expect(await stored.text()).toBe('hello')
    expect(stored.headers.get('x-amz-meta-name')).toBe('a b.txt')
  })
})

describe('signRequest mode', () => {
  async function ask(body: object, sub = 'alice'): Promise<UppySignAnswer> {
    const answer = await call(sub, 'POST', '/v1/uppy/sign', body)
    expect([answer.status, await answer.clone().text()]).toEqual([200, expect.any(String)])
    return (await answer.json()) as UppySignAnswer
  }
  /** A control call, as Uppy makes it: to the URL, with what its page adds. */
  async function control(method: string, { url }: UppySignAnswer, body?: string, sub = 'alice') {
    expect(url.startsWith(`${gateway.url}/v1/uppy/uploads`)).toBe(true)
    const headers = { 'Content-Type': body === undefined ? 'image/png' : 'application/xml' }
    const answer = await call(sub, method, url.slice(gateway.url.length), body, headers)
    return {
      status: answer.status,
      type: answer.headers.get('Content-Type'),
      text: await answer.text(),
    }
  }
  const idOf = (xml: string): string => /<UploadId>([^<]+)/.exec(xml)?.[1] ?? ''
  const toXml = (etags: readonly string[]): string =>
    `<CompleteMultipartUpload>${etags.map((etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`).join('')}</CompleteMultipartUpload>`

  test('create, parts, list, complete: each again gives the same', async () => {
    const creating = await ask({ method: 'POST', key: 'uuid-<&>.png' })
    const { key = '' } = creating
    expect(key).toMatch(/^users\/alice\/uppy\/[\w-]{16}\/uuid-<&>\.png$/)
    const first = await control('POST', creating)
    expect(first).toMatchObject({ status: 200, type: 'application/xml' })
    const uploadId = idOf(first.text)
    expect(idOf((await control('POST', creating)).text)).toBe(uploadId)
    const part = await ask({ method: 'PUT', key, uploadId, partNumber: 1 })
    const etag = await put(part.url, 'content')
    const listing = await control('GET', await ask({ method: 'GET', key, uploadId }))
    expect(
      listing.text.includes(`<PartNumber>1</PartNumber><ETag>${etag}</ETag><Size>7</Size>`),
    ).toBe(!isEmbedded)
    const completing = await ask({ method: 'POST', key, uploadId })
    for (const _ of ['once', 'again']) {
      const done = await control('POST', completing, toXml([`&quot;${etag}&quot;`]))
      expect(done.status).toBe(200)
      expect(done.text).toContain(`<Key>${key.replace('<&>', '&lt;&amp;&gt;')}</Key>`)
    }
    const stored = await s3.get(key)
    expect(stored.headers.get('Content-Type')).toBe('image/png')
    expect(await stored.text()).toBe('content')
  })

  test('abort; and what fails is an error as S3 writes it', async () => {
    const { key = '', ...creating } = await ask({ method: 'POST', key: 'a.png' })
    const uploadId = idOf((await control('POST', creating)).text)
    const aborting = await ask({ method: 'DELETE', key, uploadId })
    expect((await control('DELETE', aborting)).status).toBe(204)
    expect((await control('DELETE', aborting)).status).toBe(204)
    const late = await control('POST', await ask({ method: 'POST', key, uploadId }), toXml(['a']))
    expect(late).toMatchObject({ status: 409, type: 'application/xml' })
    expect(late.text).toMatch(/<Error><Code>conflict<\/Code><Message>[^<]+<\/Message>/)
    const foreign = await control(
      'GET',
      await ask({ method: 'GET', key, uploadId }),
      undefined,
      'bob',
    )
    expect(foreign.status).toBe(404)
  })

  test('a size that is told is planned: parts bind their length, more is refused', async () => {
    const size = 9 * 2 ** 20
    const { key = '', ...creating } = await ask({ method: 'POST', key: 'a.png', size })
    const uploadId = idOf((await control('POST', creating)).text)
    const part = await ask({ method: 'PUT', key, uploadId, partNumber: 2 })
    expect((await fetch(part.url, { method: 'PUT', body: 'short' })).status).toBe(403)
    expect((await fetch(part.url, { method: 'PUT', body: PART.slice(0, 2 ** 20) })).status).toBe(
      200,
    )
    const third = { method: 'PUT', key, uploadId, partNumber: 3 }
    expect((await call('alice', 'POST', '/v1/uppy/sign', third)).status).toBe(400)
    const large = await ask({ method: 'POST', key: 'a.png', size: 2 ** 40 })
    expect((await control('POST', large)).text).toContain('<Code>too_large</Code>')
  })

  test('a small file in parts is one part, however small', async () => {
    const { key = '', ...creating } = await ask({ method: 'POST', key: 'a.png', size: 7 })
    const uploadId = idOf((await control('POST', creating)).text)
    const part = await ask({ method: 'PUT', key, uploadId, partNumber: 1 })
    const etag = await put(part.url, 'content')
    const completing = await ask({ method: 'POST', key, uploadId })
    expect((await control('POST', completing, toXml([etag]))).status).toBe(200)
    expect(await (await s3.get(key)).text()).toBe('content')
  })

  test.each([
    // Of an empty file the answer may be lost, and Uppy sends it again: there is nothing else that it could be.
    ['', 200],
    ['content', 412],
  ])('a small size that is told is one PUT: of "%s", and again', async (body, again) => {
    const asked = { method: 'PUT', key: 'small.txt', contentType: 'text/plain', size: body.length }
    const { url, headers = {}, key = '' } = await ask(asked)
    expect(headers).not.toHaveProperty('content-length')
    const put1 = (content: string, more = {}) =>
      fetch(url, { method: 'PUT', headers: { ...headers, ...more }, body: content })
    const s3Key = `/${gateway.s3.bucket}/${key}`
    expect((await put1('other text')).status).toBe(403)
    expect((await put1(body, { 'x-amz-copy-source': s3Key })).status).toBe(403)
    expect((await put1(body)).status).toBe(200)
    expect((await put1(body)).status).toBe(again)
    expect((await put1('other text')).status).toBe(403)
    expect(await s3.keys(key)).toEqual([key])
    expect(await (await s3.get(key)).text()).toBe(body)
  })

  test('a key that the gateway did not make, and what has no upload, are refused', async () => {
    const path = '/v1/uppy/uploads?key=users/alice/other/x'
    expect((await call('alice', 'POST', path)).status).toBe(400)
    expect((await call('alice', 'POST', '/v1/uppy/uploads?key=users/bob/uppy/x')).status).toBe(400)
    for (const method of ['GET', 'DELETE'])
      expect((await call('alice', 'POST', '/v1/uppy/sign', { method, key: 'a' })).status).toBe(400)
    // What is no id of ours has no place in an address; the first of these once was a 500.
    for (const uploadId of ['\ud800', '', 'a/b', 'é']) {
      const body = { method: 'GET', key: 'a', uploadId }
      expect((await call('alice', 'POST', '/v1/uppy/sign', body)).status).toBe(400)
    }
  })
})

test.runIf(!isEmbedded)('more than a thousand parts are listed, in both protocols', async () => {
  const file = await open('many')
  const numbers = Array.from({ length: 1005 }, (_, at) => at + 1)
  for (let at = 0; at < numbers.length; at += 100) {
    const window = numbers.slice(at, at + 100)
    const path = `/s3/multipart/${file.uploadId}/batch?partNumbers=${window.join(',')}`
    const { presignedUrls } = (await (await call('alice', 'GET', path)).json()) as {
      presignedUrls: Record<string, string>
    }
    await Promise.all(window.map((number) => put(presignedUrls[number] ?? '', `${number}`)))
  }
  const listed = await call('alice', 'GET', `/s3/multipart/${file.uploadId}`)
  const parts = (await listed.json()) as { PartNumber: number }[]
  expect(parts.map(({ PartNumber }) => PartNumber)).toEqual(numbers)
  const xml = await (await call('alice', 'GET', `/v1/uppy/uploads/${file.uploadId}`)).text()
  expect(xml.match(/<PartNumber>/g)).toHaveLength(1005)
  expect((await call('alice', 'DELETE', `/s3/multipart/${file.uploadId}`)).status).toBe(200)
})

test('where nobody could publish it, nothing goes in one request, and parts are published', async () => {
  const GRANTS = [{ bucket: 'staged', prefix: 'users/${sub}/', allow: ['upload'] }]
  const UPPY = { bucket: 'staged', prefix: 'users/${sub}/' }
  const { facts, stop } = await startGateway(() => ({ UPPY, GRANTS }), gateway.script)
  try {
    const client = createClient(facts)
    const params = '/s3/params?filename=a.txt&type=text/plain'
    expect((await client.call('alice', 'GET', params)).status).toBe(501)
    for (const size of [undefined, 0, 7]) {
      const asked = { method: 'PUT', key: 'a.txt', contentType: 'text/plain', size }
      expect((await client.call('alice', 'POST', '/v1/uppy/sign', asked)).status).toBe(501)
    }
    const body = { filename: 'a.txt', type: 'text/plain' }
    const opened = await client.call('alice', 'POST', '/s3/multipart', body)
    const { key, uploadId } = (await opened.json()) as Opened
    const part = await client.call('alice', 'GET', `/s3/multipart/${uploadId}/1`)
    const ETag = await put(((await part.json()) as { url: string }).url, 'text')
    const stored = createBucket(facts)
    expect(await stored.keys('users/')).toEqual([])
    const path = `/s3/multipart/${uploadId}/complete`
    const parts = [{ PartNumber: 1, ETag }]
    expect((await client.call('alice', 'POST', path, { parts })).status).toBe(200)
    expect([await stored.keys('users/'), await stored.keys('incoming/')]).toEqual([[key], []])
  } finally {
    await stop()
  }
})

describe('more than the grant allows', () => {
  test('is measured at completion, and removed', async () => {
    const { facts, stop } = await startGateway(
      () => ({
        UPPY: { bucket: 'media', prefix: 'small/' },
        GRANTS: [{ bucket: 'media', prefix: 'small/', allow: ['upload'], max_bytes: '1MiB' }],
      }),
      gateway.script,
    )
    try {
      const client = createClient(facts)
      const body = { filename: 'film', type: 'video/mp4' }
      const opened = await client.call('alice', 'POST', '/s3/multipart', body)
      expect([opened.status, await opened.clone().text()]).toEqual([200, expect.any(String)])
      const { key, uploadId } = (await opened.json()) as Opened
      const part = await client.call('alice', 'GET', `/s3/multipart/${uploadId}/1?key=${key}`)
      const ETag = await put(((await part.json()) as { url: string }).url, PART)
      const parts = [{ PartNumber: 1, ETag }]
      const path = `/s3/multipart/${uploadId}/complete`
      const done = await client.call('alice', 'POST', path, { parts })
      expect(done.status).toBe(isEmbedded ? 422 : 413)
      expect(await createBucket(facts).keys('small/')).toEqual([])
    } finally {
      await stop()
    }
  })
})
