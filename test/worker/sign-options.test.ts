// POST /v1/sign with every option: what is signed, what each provider and grant refuses, and forms.
import { describe, expect, test } from 'vitest'
import { bearer, createGateway, type Problem, SETTINGS } from '../support/worker.ts'

const OPTIONS = ['storageClass', 'tagging', 'serverSideEncryption', 'versionId-delete', 'overwrite']
const [GRANT] = SETTINGS.GRANTS
const endpoint = 'https://s3.example.com'

function gatewayOf(provider: string, grant: Record<string, unknown> = { options: OPTIONS }) {
  const place = provider === 'aws' ? {} : { endpoint, region: 'auto' }
  return createGateway({
    BUCKETS: { media: { ...SETTINGS.BUCKETS.media, ...place, provider } },
    GRANTS: [{ ...GRANT, ...grant }],
  })
}

async function sign(gateway: ReturnType<typeof createGateway>, body: Record<string, unknown>) {
  const answer = await gateway.request('/v1/sign', {
    method: 'POST',
    headers: await bearer(),
    body: JSON.stringify({ bucket: 'media', key: 'users/alice/a.png', ...body }),
  })
  // Either shape; what is compared below tells them apart.
  const json = (await answer.json()) as Problem & {
    url: string
    headers: Record<string, string>
    fields: Record<string, string>
    expiresAt: string
  }
  return { status: answer.status, ...json }
}

const PUT = { method: 'PUT', size: 3, type: 'image/png' }
const SHA256 = 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek='

/** Each option of a PUT, and the header that carries it. */
const ROWS: readonly [name: string, value: unknown, header: string, text: string][] = [
  ['checksum', { algorithm: 'crc32', value: 'DUoRhQ==' }, 'x-amz-checksum-crc32', 'DUoRhQ=='],
  ['checksum', { algorithm: 'crc32c', value: 'yZRlqg==' }, 'x-amz-checksum-crc32c', 'yZRlqg=='],
  [
    'checksum',
    { algorithm: 'crc64nvme', value: 'jSnVw/bqjr4=' },
    'x-amz-checksum-crc64nvme',
    'jSnVw/bqjr4=',
  ],
  [
    'checksum',
    { algorithm: 'sha1', value: 'Kq5sNclPz7QV2+lfQIuc6R7oRu0=' },
    'x-amz-checksum-sha1',
    'Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
  ],
  ['checksum', { algorithm: 'sha256', value: SHA256 }, 'x-amz-checksum-sha256', SHA256],
  ['overwrite', false, 'if-none-match', '*'],
  ['ifMatch', 'abc', 'if-match', '"abc"'],
  ['ifMatch', '"abc"', 'if-match', '"abc"'],
  ['metadata', { author: 'Alice B' }, 'x-amz-meta-author', 'Alice B'],
  ['metadata', { author: 'Zoë' }, 'x-amz-meta-author', '=?UTF-8?B?Wm/Dqw==?='],
  ['metadata', { author: ' spaced ' }, 'x-amz-meta-author', '=?UTF-8?B?IHNwYWNlZCA=?='],
  ['cacheControl', 'private, max-age=60', 'cache-control', 'private, max-age=60'],
  ['contentDisposition', 'inline', 'content-disposition', 'inline'],
  [
    'contentDisposition',
    'attachment; filename="Zoë.png"',
    'content-disposition',
    `attachment; filename="Zo_.png"; filename*=UTF-8''Zo%C3%AB.png`,
  ],
  ['contentEncoding', 'gzip', 'content-encoding', 'gzip'],
  ['storageClass', 'STANDARD_IA', 'x-amz-storage-class', 'STANDARD_IA'],
  [
    'tagging',
    { team: 'web / co', kind: 'photo' },
    'x-amz-tagging',
    'team=web%20%2F%20co&kind=photo',
  ],
  ['tagging', 'team=web&kind=a+b', 'x-amz-tagging', 'team=web&kind=a%20b'],
  ['serverSideEncryption', 'AES256', 'x-amz-server-side-encryption', 'AES256'],
]

test.each(ROWS)('%s %j is the signed header %s', async (name, value, header, text) => {
  const signed = await sign(gatewayOf('aws'), { ...PUT, [name]: value })
  expect(signed.headers).toMatchObject({
    'content-length': '3',
    'content-type': 'image/png',
    [header]: text,
  })
  const names = new URL(signed.url).searchParams.get('X-Amz-SignedHeaders')?.split(';')
  expect(names).toEqual(['host', ...Object.keys(signed.headers)].toSorted())
})

test('only what replaces an object goes without If-None-Match', async () => {
  const gateway = gatewayOf('aws')
  expect((await sign(gateway, { ...PUT, overwrite: true })).headers).not.toHaveProperty(
    'if-none-match',
  )
  expect((await sign(gateway, { ...PUT, ifMatch: 'x' })).headers).not.toHaveProperty(
    'if-none-match',
  )
})

test.each([
  { overwrite: true },
  { ifMatch: 'abc' },
  { storageClass: 'GLACIER' },
  { tagging: { a: 'b' } },
  { serverSideEncryption: 'aws:kms' },
])('%j needs its option in the grant', async (option) => {
  expect((await sign(gatewayOf('aws', { options: [] }), { ...PUT, ...option })).status).toBe(403)
  expect((await sign(gatewayOf('aws'), { ...PUT, ...option })).status).toBe(200)
})

test.each([
  [{ checksum: { algorithm: 'crc32', value: 'DUoRhQ' } }, '/checksum'],
  [{ checksum: { algorithm: 'crc32', value: SHA256 } }, '/checksum'],
  [{ checksum: { algorithm: 'md5', value: 'DUoRhQ==' } }, '/checksum/algorithm'],
  [{ metadata: { 'postern-upload': 'x' } }, '/metadata/postern-upload'],
  // MinIO and RustFS would unpack the object as an archive, to keys of its own choice.
  [{ metadata: { 'snowball-auto-extract': 'true' } }, '/metadata/snowball-auto-extract'],
  [{ metadata: { 'minio-snowball-prefix': 'x' } }, '/metadata/minio-snowball-prefix'],
  [{ metadata: { Author: 'x' } }, '/metadata/Author'],
  [{ metadata: { 'a:b': 'x' } }, '/metadata'],
  [{ metadata: { a: 'x\ny' } }, '/metadata/a'],
  [{ metadata: { a: 'x'.repeat(2048) } }, '/metadata'],
  [{ tagging: 'a=1&a=2' }, '/tagging'],
  [{ tagging: { a: 'b\u0000' } }, '/tagging'],
  [
    { tagging: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, '1'])) },
    '/tagging',
  ],
  [{ cacheControl: 'a\r\nx-amz-acl: public-read' }, '/cacheControl'],
  [{ contentDisposition: 'attachment; filename="a\r\nb"' }, '/contentDisposition'],
  [{ contentEncoding: 'gzip ' }, '/contentEncoding'],
  [{ storageClass: 'glacier' }, '/storageClass'],
  [{ serverSideEncryption: 'none' }, '/serverSideEncryption'],
  [{ ifMatch: 'a"b' }, '/ifMatch'],
  [{ acl: 'public-read' }, '/acl'],
])('%j is malformed', async (option, pointer) => {
  const answer = await sign(gatewayOf('aws'), { ...PUT, ...option })
  expect([answer.status, answer.errors?.[0]?.pointer]).toEqual([400, pointer])
})

/** What providers do not do, and say so instead of signing a header that would be ignored. */
describe('501', () => {
  test.each([
    ['r2', { ...PUT, tagging: { a: 'b' } }],
    ['r2', { ...PUT, serverSideEncryption: 'AES256' }],
    ['r2', { method: 'GET', versionId: 'v1' }],
    ['r2', { method: 'POST', overwrite: true, maxBytes: 9, type: 'image/png' }],
    ['b2', PUT],
    ['b2', { ...PUT, overwrite: true, checksum: { algorithm: 'sha256', value: SHA256 } }],
    ['b2', { ...PUT, ifMatch: 'x' }],
    ['b2', { ...PUT, overwrite: true, storageClass: 'X' }],
    ['b2', { method: 'POST', overwrite: true, maxBytes: 9, type: 'image/png' }],
    ['wasabi', PUT],
    ['gcs', { method: 'DELETE', versionId: 'v1' }],
    ['gcs', { method: 'POST', overwrite: true, maxBytes: 9, type: 'image/png' }],
    ['ceph', { ...PUT, checksum: { algorithm: 'crc64nvme', value: 'jSnVw/bqjr4=' } }],
    ['generic', { ...PUT, serverSideEncryption: 'AES256' }],
    ['minio', { ...PUT, serverSideEncryption: 'aws:kms:dsse' }],
  ])('%s: %j', async (provider, body) => {
    const answer = await sign(gatewayOf(provider), body)
    expect([answer.status, answer.code]).toEqual([501, 'unsupported_by_provider'])
    expect(answer.detail).toMatch(/^The provider of this bucket does not support .+\.$/)
  })

  test('its own condition stands in where the provider has one', async () => {
    const { headers } = await sign(gatewayOf('gcs'), PUT)
    expect(headers).toMatchObject({ 'x-goog-if-generation-match': '0' })
    expect(headers).not.toHaveProperty('if-none-match')
  })
})

describe('forms', () => {
  const POST = {
    method: 'POST',
    key: undefined,
    prefix: 'users/alice/in/',
    maxBytes: 1000,
    type: 'image/png',
  }
  const policyOf = (
    fields: Record<string, string>,
  ): { conditions: unknown[]; expiration: string } =>
    JSON.parse(
      new TextDecoder().decode(
        Uint8Array.from(atob(fields['policy'] ?? ''), (c) => c.charCodeAt(0)),
      ),
    )

  test('below a prefix: a fresh key, and every field in the policy', async () => {
    const gateway = gatewayOf('aws')
    const [one, two] = [await sign(gateway, { ...POST, minBytes: 1 }), await sign(gateway, POST)]
    expect(one).toMatchObject({
      status: 200,
      method: 'POST',
      url: 'https://acme-media.s3.eu-west-1.amazonaws.com/',
    })
    expect(one.fields['key']).toMatch(/^users\/alice\/in\/[\w-]{22}$/)
    expect(two.fields['key']).not.toBe(one.fields['key'])
    const { conditions, expiration } = policyOf(one.fields)
    expect(expiration).toBe(one.expiresAt)
    const { policy, 'x-amz-signature': signature, ...bound } = one.fields
    expect([policy, signature]).toEqual([
      expect.any(String),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
    expect(conditions).toEqual([
      { bucket: 'acme-media' },
      ...Object.entries(bound).map(([name, value]) => ({ [name]: value })),
      ['content-length-range', 1, 1000],
    ])
    expect(gateway.log.at(-1)).toMatchObject({
      signature: two.fields['x-amz-signature']?.slice(0, 16),
    })
  })

  test('a family of types is left to the form', async () => {
    const { fields } = await sign(gatewayOf('aws'), { ...POST, type: 'image/*' })
    expect(fields).not.toHaveProperty('Content-Type')
    expect(policyOf(fields).conditions).toContainEqual(['starts-with', '$Content-Type', 'image/'])
  })

  test.each([
    [{ key: 'users/alice/a.png', prefix: undefined }, 400, '/overwrite'],
    [{ key: 'users/alice/a.png', prefix: undefined, overwrite: true }, 200, undefined],
    [{ key: 'users/alice/${filename}', prefix: undefined, overwrite: true }, 400, '/key'],
    [{ prefix: 'users/alice/${filename}/' }, 400, '/prefix'],
    [{ key: 'users/alice/a.png' }, 400, ''],
    [{ prefix: undefined }, 400, ''],
    [{ prefix: 'users/alice' }, 400, '/prefix'],
    [{ prefix: 'users/bob/' }, 403, undefined],
    [{ minBytes: 1001 }, 400, '/minBytes'],
    [{ maxBytes: 11 * 2 ** 30 }, 413, undefined],
    [{ maxBytes: 6 * 2 ** 30 }, 413, undefined],
    [{ type: 'video/mp4' }, 415, undefined],
    [{ type: 'video/*' }, 415, undefined],
    [{ type: '*/*' }, 400, '/type'],
    [{ size: 3 }, 400, '/size'],
  ])('%j is %i', async (change, status, pointer) => {
    const answer = await sign(gatewayOf('aws'), { ...POST, ...change })
    expect([answer.status, answer.errors?.[0]?.pointer]).toEqual([status, pointer])
  })

  test('in a batch beside other methods', async () => {
    const requests = [
      { bucket: 'media', ...POST },
      { bucket: 'media', key: 'users/alice/a', method: 'GET' },
    ]
    const answer = await gatewayOf('aws').request('/v1/sign', {
      method: 'POST',
      headers: await bearer(),
      body: JSON.stringify({ requests }),
    })
    expect(await answer.json()).toMatchObject({
      results: [
        { status: 200, method: 'POST' },
        { status: 200, method: 'GET' },
      ],
    })
  })
})

describe('stable URLs', () => {
  test('reads of an object within the window have one URL that lives long enough; writes have not', async () => {
    const gateway = gatewayOf('aws', { options: OPTIONS, stable_urls: '10m' })
    const signed = await sign(gateway, { method: 'GET' })
    const query = new URL(signed.url).searchParams
    const [, y, mo, d, h, mi, s] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '') ?? []
    const signedAt = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
    expect([signedAt % 600_000, query.get('X-Amz-Expires')]).toEqual([0, '900'])
    expect(Date.parse(signed.expiresAt)).toBe(signedAt + 900_000)
    const put = await sign(gateway, PUT)
    expect(Date.parse(put.expiresAt)).toBeGreaterThan(Date.now() + 890_000)
  })

  test('a life that is too short for the window is signed as of now', async () => {
    const gateway = gatewayOf('aws', { stable_urls: '10m' })
    const signed = await sign(gateway, { method: 'GET', expiresIn: 60 })
    expect(Date.parse(signed.expiresAt)).toBeGreaterThan(Date.now() + 50_000)
  })

  test('a window over two thirds of max_expires is a fault', async () => {
    const answer = await gatewayOf('aws', { stable_urls: '41m' }).request('/readyz')
    expect(await answer.json()).toMatchObject({ errors: [{ pointer: 'GRANTS[0].stable_urls' }] })
  })
})
