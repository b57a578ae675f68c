// Which headers a signed request keeps out, on which provider, and how that stands in the URL.
import { describe, expect, test } from 'vitest'
import { toAbsent } from '../../../src/core/sign/absence.ts'
import type { Bucket } from '../../../src/core/sign/bucket.ts'
import { capabilitiesOf, type Provider, PROVIDERS } from '../../../src/core/sign/provider.ts'
import {
  type Signing,
  signDelete,
  signPart,
  signPut,
  signRead,
} from '../../../src/core/sign/requests.ts'
import { keyOf, permitOf, type Place, policyOf } from '../../support/permit.ts'
import { findSignatureFault } from '../../support/sigv4.ts'

const EMBEDDED = '/cdn-cgi/local/r2/s3'
const place: Place = {
  bucket: 'bbb',
  region: 'us-east-1',
  endpoint: 'https://s3.test',
  addressing: 'path',
  accessKeyId: 'AKID',
  secretAccessKey: 'secret',
}
const policy = await policyOf(place)

/** The same permit at another provider. */
function at<P extends { readonly bucket: Bucket }>(permit: P, provider: Provider, path = ''): P {
  return { ...permit, bucket: { ...permit.bucket, can: capabilitiesOf(provider, path) } }
}
const signing = (): Signing => ({ keys: new WeakMap(), nowMs: Date.UTC(2026, 10, 28) })
const object = { bucket: 'media', key: keyOf('a b/c'), size: 3, type: 'text/plain', options: [] }
const write = permitOf(policy, { action: 'write', ...object })
const upload = permitOf(policy, { action: 'upload', ...object })
const remove = permitOf(policy, { action: 'delete', ...object })
const read = permitOf(policy, { action: 'read', ...object })

async function namesOf(signed: ReturnType<typeof signRead>): Promise<readonly string[]> {
  const request = await signed
  if (!request.ok) throw new Error(request.error.reason)
  const { searchParams } = new URL(request.value.url)
  return (searchParams.get('X-Amz-SignedHeaders') ?? '').split(';')
}

/** All four kinds of requests, at one provider. */
function signAll(provider: Provider, path = '') {
  const part = { uploadId: 'u', partNumber: 2, size: 3 }
  const headers = new Map([['x-amz-tagging', 'a=b']])
  return {
    put: signPut(at(write, provider, path), headers, 60, signing()),
    part: signPart(at(upload, provider, path), part, new Map(), signing()),
    remove: signDelete(at(remove, provider, path), undefined, 60, signing()),
    read: signRead(at(read, provider, path), 'GET', new Map(), 60, signing()),
  }
}

test.each([
  ['aws', 'refused'],
  ['minio', 'query'],
  ['ceph', 'skipped'],
  ...PROVIDERS.filter((one) => !['aws', 'minio', 'ceph'].includes(one)).map(
    (one) => [one, null] as const,
  ),
] as const)('%s: %s', async (provider, how) => {
  expect(capabilitiesOf(provider, '').unsignedHeaders).toBe(how)
  const bound = how === 'skipped' || how === 'query'
  const { put, part, remove: removal, read: reading } = signAll(provider)
  expect((await namesOf(put)).includes('x-amz-copy-source')).toBe(bound)
  expect((await namesOf(part)).includes('x-amz-copy-source')).toBe(bound)
  expect((await namesOf(put)).includes('x-amz-acl')).toBe(how === 'skipped')
  const retention = 'x-amz-bypass-governance-retention'
  expect((await namesOf(removal)).includes(retention)).toBe(how === 'skipped')
  expect(await namesOf(reading)).toEqual(['host'])
})

describe.each([
  ['ceph', '', 'skipped'],
  ['r2', EMBEDDED, 'empty'],
  // As MinIO computes it: what is no header is looked for in the query, and stands there without a value.
  ['minio', '', 'empty'],
] as const)('as %s%s verifies it', (provider, path, absence) => {
  test.each(['put', 'part', 'remove'] as const)('%s', async (kind) => {
    if (provider === 'minio' && kind === 'remove') return
    const signed = await signAll(provider, path)[kind]
    if (!signed.ok) throw new Error(signed.error.reason)
    const { url, headers } = signed.value
    expect(Object.keys(headers).some((name) => name.startsWith('x-amz-copy'))).toBe(false)
    expect(findSignatureFault(signed.value, 'secret', absence)).toBeNull()
    const parameter = new URL(url).searchParams.get('x-amz-copy-source')
    expect(parameter).toBe(provider === 'minio' ? '' : null)
    // Sent, it changes what is signed.
    const stolen = { ...headers, 'x-amz-copy-source': '/bbb/secret' }
    const fault = findSignatureFault({ ...signed.value, headers: stolen }, 'secret', absence)
    expect(fault).not.toBeNull()
  })
})

test('what is sent is not kept out', () => {
  const can = capabilitiesOf('ceph', '')
  const sent = new Map([
    ['x-amz-acl', 'private'],
    ['x-amz-tagging', 'a=b'],
  ])
  const names = toAbsent(can, 'PUT', false, sent)?.names ?? []
  expect(names).toContain('x-amz-copy-source')
  expect(names).not.toContain('x-amz-acl')
  expect(names).not.toContain('x-amz-tagging')
  const all = toAbsent(can, 'PUT', true, new Map([['x-amz-copy-source', '/a/b']]))
  expect(all).toBeNull()
})
