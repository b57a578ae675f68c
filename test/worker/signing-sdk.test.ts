// Where the AWS SDK's own pre-signed URLs differ from ours by design, each difference shown; all else is equal.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, test } from 'vitest'
import { EXAMPLE } from '../support/permit.ts'
import { type SigningCase, signOurs } from '../support/signing-vectors.ts'

const { accessKeyId, secretAccessKey, region, bucket: Bucket } = EXAMPLE
const client = new S3Client({ region, credentials: { accessKeyId, secretAccessKey } })
const options = { signingDate: new Date('2026-11-25T10:15:30Z'), expiresIn: 900 }
const request: SigningCase = {
  ...EXAMPLE,
  name: 'by design',
  datetime: '20261125T101530Z',
  expiresIn: 900,
  method: 'GET',
  key: 'a b.txt',
  query: {},
  headers: {},
}

/** Query parameters of the one that are not in the other. */
function findAdded(url: string, other: string): string[] {
  const known = new URL(other).searchParams
  return [...new URL(url).searchParams]
    .filter(([name, value]) => name !== 'X-Amz-Signature' && known.get(name) !== value)
    .map(([name, value]) => `${name}=${value}`)
}

test('GET: the SDK adds x-id, its checksum mode and the payload constant; it signs nothing else', async () => {
  const theirs = await getSignedUrl(
    client,
    new GetObjectCommand({ Bucket, Key: 'a b.txt' }),
    options,
  )
  const ours = await signOurs(request)
  expect(findAdded(theirs, ours)).toEqual([
    'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD',
    'x-amz-checksum-mode=ENABLED',
    'x-id=GetObject',
  ])
  expect(findAdded(ours, theirs)).toEqual([])
})

test('PUT: the SDK leaves Content-Type unsigned and moves x-amz-* into the query, where S3 ignores them', async () => {
  const command = new PutObjectCommand({
    Bucket,
    Key: 'a b.txt',
    ContentType: 'text/plain',
    ContentLength: 5,
    ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    Metadata: { a: '1' },
  })
  const headers = {
    'content-length': '5',
    'content-type': 'text/plain',
    'x-amz-checksum-sha256': 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    'x-amz-meta-a': '1',
  }
  const theirs = await getSignedUrl(client, command, options)
  const ours = await signOurs({ ...request, method: 'PUT', headers })
  expect(findAdded(theirs, ours)).toEqual([
    'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD',
    'X-Amz-SignedHeaders=content-length;host',
    'x-amz-checksum-sha256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
    'x-amz-meta-a=1',
    'x-id=PutObject',
  ])
  expect(findAdded(ours, theirs)).toEqual([
    'X-Amz-SignedHeaders=content-length;content-type;host;x-amz-checksum-sha256;x-amz-meta-a',
  ])
})

test('PUT: without a checksum the SDK adds the CRC32 of an empty body, which no other body has', async () => {
  const command = new PutObjectCommand({ Bucket, Key: 'a b.txt' })
  const { searchParams } = new URL(await getSignedUrl(client, command, options))
  expect(searchParams.get('x-amz-checksum-crc32')).toBe('AAAAAA==')
  expect(await signOurs({ ...request, method: 'PUT' })).not.toContain('checksum')
})
