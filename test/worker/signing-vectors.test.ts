// What botocore and the AWS SDK sign, byte for byte, by our signer in workerd: committed vectors and random requests.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { signWithPresigner, signWithSdk } from '../support/aws-sdk.ts'
import { randomRequest } from '../support/random-requests.ts'
import {
  findDifferences,
  type SigningCase,
  signOurs,
  toComparable,
  toVectors,
} from '../support/signing-vectors.ts'
import { findSignatureFault } from '../support/sigv4.ts'
import text from '../vectors/botocore/vectors.json?raw'

/** R2, the embedded one too, folds keys to NFC; ours signs that form, the SDK would sign another object. */
function toStored<R extends SigningCase & { readonly key: string }>(request: R): R {
  const isFolding = request.endpoint?.endsWith('/r2/s3') ?? false
  return isFolding ? { ...request, key: request.key.normalize('NFC') } : request
}

const { requests } = toVectors(text)

test('botocore: every vector, stage by stage', { timeout: 60_000 }, async () => {
  const differences = []
  for (const vector of requests) differences.push(...(await findDifferences(vector)))
  expect(differences).toEqual([])
  expect(requests.length).toBeGreaterThanOrEqual(500)
})

test('the AWS SDK: every vector of an object', { timeout: 60_000 }, async () => {
  // Lists are the gateway's own calls; path style, the SDK ends the bucket's path with "/", botocore and we do not.
  for (const vector of requests.filter(({ key }) => key !== undefined))
    expect(toComparable(await signWithSdk(vector))).toBe(toComparable(vector.url))
})

test(
  'the AWS SDK and the second implementation: 20,000 random requests',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest, async (request) => {
        const url = await signOurs(request)
        expect(toComparable(url)).toBe(toComparable(await signWithPresigner(toStored(request))))
        expect(findSignatureFault({ ...request, url }, request.secretAccessKey)).toBeNull()
      }),
      { numRuns: 20_000 },
    )
  },
)
