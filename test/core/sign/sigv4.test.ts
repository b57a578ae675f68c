// AWS's published pre-signed URL, by our signer and by the second implementation that judges it everywhere.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { expect, test } from 'vitest'
import type { Permit } from '../../../src/core/policy/decide.ts'
import { presign } from '../../../src/core/sign/presign.ts'
import { findSignatureFault } from '../../support/sigv4.ts'

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'
const bucket = {
  origin: 'https://examplebucket.s3.amazonaws.com',
  basePath: '/',
  region: 'us-east-1',
  credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET },
}

test('the documented example', async () => {
  // Only `decide` makes permits; the example stands outside of every policy.
  const permit = {
    bucket,
    operation: { action: 'read', bucket: 'x', key: 'test.txt' },
  } as unknown as Permit
  const nowMs = Date.parse('2013-05-24T00:00:00Z')
  const request = {
    method: 'GET',
    query: new Map(),
    headers: new Map(),
    nowMs,
    expiresInSeconds: 86_400,
  } as const
  const url = await presign(permit, request, new WeakMap())
  expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(
    'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
  expect(findSignatureFault({ method: 'GET', url, headers: {} }, SECRET)).toBeNull()
  expect(findSignatureFault({ method: 'PUT', url, headers: {} }, SECRET)).toBe('signature differs')
  expect(
    findSignatureFault({ method: 'GET', url: url.replace('test', 'tess'), headers: {} }, SECRET),
  ).toBe('signature differs')
})
