// What an upload is to become before anything is opened: in one PUT or in parts, how large, with which checksum.
import { describe, expect, test } from 'vitest'
import { capabilitiesOf, type Provider } from '../../../src/core/sign/provider.ts'
import { planWanted, toContentHeader, type Wanted } from '../../../src/core/upload/open.ts'
import { countParts } from '../../../src/core/upload/plan.ts'
import { toBounded } from '../../../src/core/upload/upload.ts'
import { EXAMPLE, keyOf, permitOf, policyOf } from '../../support/permit.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const policy = await policyOf(EXAMPLE)
const permit = permitOf(policy, {
  action: 'upload',
  bucket: 'media',
  key: keyOf('a'),
  size: 0,
  type: 'text/plain',
  options: [],
})

function permitAt(provider: Provider, maxBytes?: number): Wanted['permit'] {
  const { bucket, grant } = permit
  return {
    ...permit,
    bucket: { ...bucket, can: capabilitiesOf(provider, '') },
    grant: { ...grant, ...(maxBytes !== undefined && { maxBytes }) },
  }
}

/** In short: the strategy, bytes of a part, parts, budget; or why there is no plan. */
function plan(
  wanted: Partial<Wanted>,
  {
    provider = 'aws' as Provider,
    maxBytes = undefined as number | undefined,
    quota = undefined as number | undefined,
  } = {},
): string {
  const size = 5
  const base = { size, overwrite: false, metadata: [], permit: permitAt(provider, maxBytes) }
  const planned = planWanted({ ...base, ...wanted }, quota)
  if (!planned.ok)
    return planned.error.kind === 'sign' ? planned.error.fault.reason : planned.error.kind
  const { plan: made, budget } = planned.value
  return [made.strategy, made.partSize, made.partCount, budget]
    .filter((one) => one !== undefined)
    .join(' ')
}

describe('the plan', () => {
  test.each([
    ['small', {}, {}, 'put 5 1'],
    ['empty', { size: 0 }, {}, 'put 0 1'],
    ['8 MiB', { size: 8 * MIB }, {}, `put ${8 * MIB} 1`],
    ['a byte more', { size: 8 * MIB + 1 }, {}, `multipart ${8 * MIB} 2`],
    ['to replace', { overwrite: true }, {}, `multipart ${8 * MIB} 1`],
    ['in parts whatever its size', { inParts: true }, {}, `multipart ${8 * MIB} 1`],
    ['where no PUT is conditional', {}, { provider: 'b2' }, `multipart ${8 * MIB} 1`],
    ['under a byte quota', {}, { quota: 100 }, `multipart ${8 * MIB} 1`],
    [
      'unknown, under a grant',
      { size: 'unknown' },
      { maxBytes: 20 * MIB },
      `multipart ${8 * MIB} 3 ${20 * MIB}`,
    ],
    [
      'unknown, under a smaller quota',
      { size: 'unknown' },
      { maxBytes: GIB, quota: 9 * MIB },
      `multipart ${8 * MIB} 2 ${9 * MIB}`,
    ],
    [
      'unknown, without a bound',
      { size: 'unknown' },
      {},
      `multipart ${64 * MIB} 10000 ${640_000 * MIB}`,
    ],
    [
      'measured, up to the grant',
      { size: 'measured' },
      { maxBytes: 20 * MIB },
      `multipart ${8 * MIB} 3 ${20 * MIB}`,
    ],
    [
      'measured, up to the store’s most',
      { size: 'measured' },
      {},
      `multipart ${64 * MIB} 10000 50000000000000`,
    ],
    ['over what the store takes', { size: 50e12 + 1 }, {}, 'object_too_large'],
    ['of the largest parts', { size: 49e12 }, {}, `multipart ${5 * GIB} 9127`],
    ['a sum that a PUT verifies', { checksum: { algorithm: 'sha1', value: 'x' } }, {}, 'put 5 1'],
    [
      'MD5 of a PUT, anywhere',
      { checksum: { algorithm: 'md5', value: 'x' } },
      { provider: 'ceph' },
      'put 5 1',
    ],
    [
      'a sum that nobody verifies',
      { checksum: { algorithm: 'crc32', value: 'x' } },
      { provider: 'ceph' },
      'unsupported',
    ],
    [
      'a sum of sums',
      { size: 9 * MIB, checksum: { algorithm: 'sha1', value: 'x' } },
      {},
      'unsupported',
    ],
    [
      'MD5 of parts',
      { size: 9 * MIB, checksum: { algorithm: 'md5', value: 'x' } },
      {},
      'unsupported',
    ],
    ['a PUT’s sum without its value', { checksum: { algorithm: 'crc32' } }, {}, 'shape'],
    [
      'parts’ sum without its value yet',
      { size: 9 * MIB, checksum: { algorithm: 'crc32' } },
      {},
      `multipart ${8 * MIB} 2`,
    ],
  ] as const)('%s', (_, wanted, at, expected) => {
    expect(plan(wanted, at)).toBe(expected)
  })
})

test.each([
  [0, 5, 1],
  [1, 5, 1],
  [5, 5, 1],
  [6, 5, 2],
  [10, 5, 2],
  [11, 5, 3],
])('%i bytes in parts of %i are %i', (size, partSize, count) => {
  expect(countParts(size, partSize)).toBe(count)
})

test('a checksum is a header by its name', () => {
  expect(toContentHeader({ algorithm: 'md5', value: 'x' })).toEqual(['content-md5', 'x'])
  expect(toContentHeader({ algorithm: 'crc64nvme', value: 'y' })).toEqual([
    'x-amz-checksum-crc64nvme',
    'y',
  ])
})

test('what is granted now bounds an unknown size, never above what was sealed', () => {
  const sealed = {
    issuer: 'i',
    subject: 's',
    bucket: 'media',
    key: 'a',
    size: null,
    budget: 9,
    type: 'text/plain',
    overwrite: false,
    multipart: { uploadId: 'u', partSize: 8 * MIB },
    nonce: 'n',
    createdAtSeconds: 1,
    resumableUntilSeconds: 2,
  }
  for (const [maxBytes, budget] of [
    [4, 4],
    [9, 9],
    [20, 9],
    [undefined, 9],
  ] as const)
    expect(toBounded({ ticket: sealed, permit: permitAt('aws', maxBytes) }).budget).toBe(budget)
  const known = { ...sealed, size: 7 }
  expect(toBounded({ ticket: known, permit: permitAt('aws', 4) })).toBe(known)
})
