// What S3 holds against what a ticket declared, and named parts against its plan.
import { describe, expect, test } from 'vitest'
import { judgeNamedParts } from '../../../src/core/upload/parts.ts'
import { type Ticket, toMaxBytes } from '../../../src/core/upload/ticket.ts'
import { judgeStored, type Known } from '../../../src/core/upload/verify.ts'
import type { StoredObject } from '../../../src/ports.ts'

const MIB = 2 ** 20
const ticket: Ticket = {
  issuer: 'i',
  subject: 's',
  bucket: 'b',
  key: 'k',
  size: 5,
  type: 'text/plain',
  overwrite: false,
  multipart: null,
  nonce: 'ours',
  createdAtSeconds: 1,
  resumableUntilSeconds: 2,
}
const crc = (value: string) => ({ algorithm: 'crc32', value }) as const
const stored: StoredObject = {
  size: 5,
  type: 'text/plain',
  etag: 'e',
  uploadNonce: 'ours',
  checksums: [crc('right')],
  metadata: new Map(),
}
const unknown = { size: null, budget: 5 } as const

describe('what is stored', () => {
  const rows: readonly (readonly [
    string,
    Partial<Ticket>,
    Partial<StoredObject>,
    Known,
    string,
  ])[] = [
    ['is as declared', {}, {}, {}, 'complete'],
    ['is another upload’s', {}, { uploadNonce: 'theirs' }, {}, 'foreign'],
    ['is nobody’s upload', {}, { uploadNonce: '' }, {}, 'foreign'],
    ['is foreign, however wrong', {}, { uploadNonce: 'theirs', size: 9, type: 'x' }, {}, 'foreign'],
    ['is a byte short', {}, { size: 4 }, {}, 'size'],
    ['is a byte long', {}, { size: 6 }, {}, 'size'],
    ['has no size', {}, { size: Number.NaN }, {}, 'size'],
    ['is of another type', {}, { type: 'text/html' }, {}, 'type'],
    ['is of unknown size, at its budget', unknown, {}, {}, 'complete'],
    ['is of unknown size, below it', unknown, { size: 0 }, {}, 'complete'],
    ['is of unknown size, over it', unknown, { size: 6 }, {}, 'size'],
    ['is not the sum of its parts', unknown, { size: 4 }, { size: 5 }, 'size'],
    ['has the ETag of its parts', {}, {}, { etag: 'e' }, 'complete'],
    ['has another ETag than its parts', {}, {}, { etag: 'f' }, 'checksum'],
    ['has the checksum declared', { checksum: crc('right') }, {}, {}, 'complete'],
    ['has another than declared', { checksum: crc('wrong') }, {}, {}, 'checksum'],
    ['was to have one, not yet named', { checksum: { algorithm: 'crc32' } }, {}, {}, 'complete'],
    ['has another than named', {}, {}, { checksum: crc('wrong') }, 'checksum'],
    ['reports none', { checksum: crc('wrong') }, { checksums: [] }, {}, 'complete'],
    [
      'reports one of another kind',
      { checksum: { algorithm: 'sha1', value: 'x' } },
      {},
      {},
      'complete',
    ],
  ]
  test.each(rows)('%s', (_, declared, changed, known, expected) => {
    const verdict = judgeStored({ ...ticket, ...declared }, { ...stored, ...changed }, known)
    expect(verdict.kind === 'mismatch' ? verdict.of : verdict.kind).toBe(expected)
  })

  test('is nothing', () => {
    expect(judgeStored(ticket, null)).toEqual({ kind: 'absent' })
  })
})

describe('named parts, where S3 lists none', () => {
  const multipart = { uploadId: 'u', partSize: 8 * MIB }
  const of = (...numbers: readonly number[]) =>
    numbers.map((partNumber) => ({ partNumber, etag: `e${partNumber}` }))
  const rows: readonly (readonly [
    string,
    number | null,
    readonly number[],
    readonly number[] | 'ready',
  ])[] = [
    ['all of the plan', 17 * MIB, [1, 2, 3], 'ready'],
    ['in any order', 17 * MIB, [3, 1, 2], 'ready'],
    ['one missing', 17 * MIB, [1, 3], [2]],
    ['none', 17 * MIB, [], [1, 2, 3]],
    ['of an unknown size, without a gap', null, [2, 1], 'ready'],
    ['of an unknown size, with one', null, [1, 3], [2]],
    ['of an unknown size, none', null, [], [1]],
  ]
  test.each(rows)('%s', (_, size, numbers, expected) => {
    const verdict = judgeNamedParts(
      { ...ticket, size, budget: 80 * MIB, multipart },
      of(...numbers),
    )
    if (expected === 'ready')
      expect(verdict).toEqual({ kind: 'ready', parts: of(...numbers.toSorted((a, b) => a - b)) })
    else expect(verdict).toEqual({ kind: 'parts', of: 'missing', partNumbers: expected })
  })
})

test('most bytes are the size, the budget, or none', () => {
  expect(toMaxBytes(ticket)).toBe(5)
  expect(toMaxBytes({ ...ticket, size: 0, budget: 9 })).toBe(0)
  expect(toMaxBytes({ ...ticket, size: null, budget: 9 })).toBe(9)
  expect(toMaxBytes({ ...ticket, size: null })).toBe(0)
})
