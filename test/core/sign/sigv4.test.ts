// AWS's published examples, stage by stage: by our signer, and by the second implementation that judges it everywhere.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html (header)
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (presigned)
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html (post)
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AwsV4Signer } from 'aws4fetch'
import { expect, test } from 'vitest'
import { EXAMPLE } from '../../support/permit.ts'
import { findDifferences, signOurs, toVectors } from '../../support/signing-vectors.ts'
import {
  findSignatureFault,
  type PresignedRequest,
  type Stages,
  toSignature,
  toStages,
} from '../../support/sigv4.ts'

const folder = join(import.meta.dirname, '../../vectors')
const examples = JSON.parse(readFileSync(join(folder, 'aws/examples.json'), 'utf8')) as {
  readonly header: readonly (PresignedRequest & Stages & { readonly name: string })[]
  readonly presigned: Stages
  readonly post: { readonly policy: string; readonly signature: string }
}
const SECRET = EXAMPLE.secretAccessKey

test.each(examples.header)('$name, signed in a header by aws4fetch', async (example) => {
  const signer = new AwsV4Signer({
    method: example.method,
    url: example.url,
    headers: { ...example.headers },
    accessKeyId: EXAMPLE.accessKeyId,
    secretAccessKey: SECRET,
    service: 's3',
    region: 'us-east-1',
    datetime: '20130524T000000Z',
    allHeaders: true,
  })
  expect(await signer.canonicalString()).toBe(example.canonicalRequest)
  expect(await signer.stringToSign()).toBe(example.stringToSign)
  expect(await signer.signature()).toBe(example.signature)
})

test('the pre-signed URL', async () => {
  const url = await signOurs({
    ...EXAMPLE,
    endpoint: 'https://s3.amazonaws.com',
    name: 'presigned',
    datetime: '20130524T000000Z',
    expiresIn: 86_400,
    method: 'GET',
    key: 'test.txt',
    query: {},
    headers: {},
  })
  const request = { method: 'GET', url, headers: {} }
  expect(toStages(request, SECRET)).toEqual(examples.presigned)
  expect(new URL(url).searchParams.get('X-Amz-Signature')).toBe(examples.presigned.signature)
  expect(findSignatureFault(request, SECRET)).toBeNull()
  expect(findSignatureFault({ ...request, method: 'PUT' }, SECRET)).toBe('signature differs')
  const other = { ...request, url: url.replace('test', 'tess') }
  expect(findSignatureFault(other, SECRET)).toBe('signature differs')
})

test('the POST policy, by the second implementation', () => {
  const { policy, signature } = examples.post
  expect(toSignature(policy, SECRET, '20151229', 'us-east-1')).toBe(signature)
})

test('every vector of botocore, in Node as in workerd', async () => {
  const text = readFileSync(join(folder, 'botocore/vectors.json'), 'utf8')
  const differences = []
  for (const vector of toVectors(text).requests)
    differences.push(...(await findDifferences(vector)))
  expect(differences).toEqual([])
})
