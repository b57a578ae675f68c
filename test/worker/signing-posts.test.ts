// POST policies: the signature over what botocore and the AWS SDK signed, and the conditions of ours beside botocore's.
import { createPresignedPost } from '@aws-sdk/s3-presigned-post'
import { describe, expect, test } from 'vitest'
import { signPostPolicy } from '../../src/core/sign/post-policy.ts'
import { scopeOf, type SigningKeys, signWith } from '../../src/core/sign/scope.ts'
import { toClient } from '../support/aws-sdk.ts'
import { EXAMPLE, keyOf, permitOf, type Place, policyOf } from '../support/permit.ts'
import { type PostVector, toMs, toVectors } from '../support/signing-vectors.ts'
import { toSignature } from '../support/sigv4.ts'
import examplesText from '../vectors/aws/examples.json?raw'
import text from '../vectors/botocore/vectors.json?raw'

const { posts } = toVectors(text)
const keys: SigningKeys = new WeakMap()

async function bucketOf(place: Place) {
  const bucket = (await policyOf(place)).buckets.get('media')
  if (bucket === undefined) throw new Error('no bucket')
  return bucket
}

/** Our signature over a policy that somebody else wrote. */
async function signTheirs(place: Place, datetime: string, policy: string): Promise<string> {
  const bucket = await bucketOf(place)
  const credentials = await bucket.credentials.get()
  if (!credentials.ok) throw new Error('no credentials')
  return signWith(await scopeOf(bucket, credentials.value, toMs(datetime), keys), policy)
}

interface PolicyDocument {
  readonly expiration: string
  readonly conditions: readonly unknown[]
}
/** A policy as text that is equal for equal policies: order and white space say nothing in it. */
function toComparable(policy: string): readonly string[] {
  const bytes = Uint8Array.from(atob(policy), (character) => character.charCodeAt(0))
  const document = JSON.parse(new TextDecoder().decode(bytes)) as PolicyDocument
  const conditions = document.conditions.map((condition) => JSON.stringify(condition))
  return [document.expiration, ...conditions.toSorted()]
}

test('the published example', async () => {
  const { post } = JSON.parse(examplesText) as { post: { policy: string; signature: string } }
  expect(await signTheirs(EXAMPLE, '20151229T000000Z', post.policy)).toBe(post.signature)
})

test('botocore: every policy', async () => {
  expect(posts.length).toBeGreaterThanOrEqual(80)
  for (const { fields, datetime, region, secretAccessKey, ...place } of posts) {
    const whole = { ...place, region, secretAccessKey }
    const signature = fields['x-amz-signature']
    expect(await signTheirs(whole, datetime, fields.policy)).toBe(signature)
    expect(toSignature(fields.policy, secretAccessKey, datetime.slice(0, 8), region)).toBe(
      signature,
    )
  }
})

test('the AWS SDK: a policy of its own for every vector', { timeout: 60_000 }, async () => {
  for (const vector of posts) {
    const { fields } = await createPresignedPost(toClient(vector), {
      Bucket: vector.bucket,
      Key: vector.key ?? `${vector.prefix ?? ''}\${filename}`,
      Expires: vector.expiresIn,
    })
    const ours = await signTheirs(vector, fields['X-Amz-Date'] ?? '', fields['Policy'] ?? '')
    expect(ours).toBe(fields['X-Amz-Signature'])
  }
})

/** Vectors of an exact key that say a size: what our forms can say. */
const sized = posts.filter(
  ({ key, conditions }) =>
    key !== undefined &&
    conditions.length === 1 &&
    /content-length-range/.test(JSON.stringify(conditions)),
)

async function signOurs(vector: PostVector) {
  const [, minBytes = 0, maxBytes = 0] = vector.conditions.flat() as readonly (number | undefined)[]
  const permit = permitOf(await policyOf(vector), {
    action: 'write',
    bucket: 'media',
    key: keyOf(vector.key ?? ''),
    size: maxBytes,
    type: 'image/png',
    options: [],
  })
  const form = { minBytes, maxBytes, type: 'image/*', fields: new Map<string, string>() }
  return signPostPolicy(permit, form, vector.expiresIn, { keys, nowMs: toMs(vector.datetime) })
}

describe('ours beside botocore', () => {
  test('the same conditions, fields and address, and our type beside them', async () => {
    expect(sized.length).toBeGreaterThanOrEqual(40)
    for (const vector of sized) {
      // The type is ours to add, and a type that botocore's vector binds is not one that ours can bring.
      if (vector.fields['Content-Type'] !== undefined) continue
      if (Object.keys(vector.fields).some((name) => name.startsWith('x-amz-meta-'))) continue
      const signed = await signOurs(vector)
      if (!signed.ok) throw new Error(signed.error.reason)
      const { policy: mine = '', 'x-amz-signature': signature, ...fields } = signed.value.fields
      const { policy: theirs, 'x-amz-signature': _, ...expected } = vector.fields
      expect(fields).toEqual(expected)
      expect(toComparable(mine).filter((line) => !line.includes('$Content-Type'))).toEqual(
        toComparable(theirs),
      )
      expect(signature).toBe(await signTheirs(vector, vector.datetime, mine))
      expect(new URL(signed.value.url).href.replace(/\/$/, '')).toBe(
        new URL(vector.url).href.replace(/\/$/, ''),
      )
    }
  })
})
