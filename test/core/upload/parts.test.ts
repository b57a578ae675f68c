// Parts by arithmetic: planned sizes add up, a budget cannot be passed, and what arrived is judged by it.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeListedParts, type PartsVerdict } from '../../../src/core/upload/parts.ts'
import { planUnknown, planUpload, sizeOfPart, toPartSize } from '../../../src/core/upload/plan.ts'
import { capabilitiesOf } from '../../../src/core/sign/provider.ts'
import { type Ticket, toPartBytes, toPartCount } from '../../../src/core/upload/ticket.ts'
import type { StoredPart } from '../../../src/ports.ts'

const MIB = 2 ** 20
const TIB = 2 ** 40
const aws = capabilitiesOf('aws', '')

const ticket: Ticket = {
  issuer: 'i',
  subject: 's',
  bucket: 'b',
  key: 'k',
  size: null,
  budget: 20 * MIB,
  type: 'video/webm',
  overwrite: false,
  multipart: { uploadId: 'u', partSize: 8 * MIB },
  nonce: 'n',
  createdAtSeconds: 1,
  resumableUntilSeconds: 2,
}

const partsOf = (...sizes: readonly number[]): StoredPart[] =>
  sizes.map((size, at) => ({ partNumber: at + 1, size, etag: `etag${at + 1}` }))
const judge = (changed: Partial<Ticket>, parts: StoredPart[]): PartsVerdict =>
  judgeListedParts({ ...ticket, ...changed }, parts, [])

describe('the plan', () => {
  test('is the formula of the contract, up to 5 TiB in at most 10,000 parts', () => {
    expect(toPartSize(0)).toBe(8 * MIB)
    expect(toPartSize(32_000 * MIB)).toBe(8 * MIB)
    expect(toPartSize(32_000 * MIB + 1)).toBe(9 * MIB)
    const { partSize, partCount } = planUpload(5 * TIB, false, aws)
    expect([partSize / MIB, partCount]).toEqual([1311, 4000])
  })

  test('of any size up to 50 TB: parts are whole MiB, add up exactly, and are few enough', () => {
    const size = fc.oneof(fc.nat(64 * MIB), fc.integer({ min: 0, max: 50e12 }))
    fc.assert(
      fc.property(size, (bytes) => {
        const { partSize, partCount } = planUpload(bytes, true, aws)
        expect(partCount).toBeLessThanOrEqual(10_000)
        expect(partSize % MIB).toBe(0)
        const last = sizeOfPart(bytes, partSize, partCount)
        expect((partCount - 1) * partSize + last).toBe(bytes)
        expect(last).toBeGreaterThan(bytes === 0 ? -1 : 0)
      }),
    )
  })

  test('of an unknown size: the bounds of all parts together are the budget', () => {
    const budgets = fc.oneof(
      fc.integer({ min: 1, max: 64 * MIB }),
      fc.integer({ min: 1, max: 50e12 }),
    )
    fc.assert(
      fc.property(budgets, (maxBytes) => {
        const { budget, partSize, partCount } = planUnknown(maxBytes)
        expect(budget).toBeLessThanOrEqual(maxBytes)
        expect(partSize).toBeLessThanOrEqual(64 * MIB)
        const unknown = { ...ticket, budget, multipart: { uploadId: 'u', partSize } }
        expect(toPartCount(unknown)).toBe(partCount)
        const last = toPartBytes(unknown, partCount) ?? Number.NaN
        expect((partCount - 1) * partSize + last).toBe(budget)
      }),
    )
  })
})

describe('parts of an unknown size', () => {
  test.each([
    ['all full, the last short', partsOf(8 * MIB, 5), 'ready'],
    ['all of the budget', partsOf(8 * MIB, 8 * MIB, 4 * MIB), 'ready'],
    ['one empty part', partsOf(0), 'ready'],
    ['a short one in between', partsOf(5, 8 * MIB), 'wrong_size'],
    ['a gap', partsOf(8 * MIB, 8 * MIB, 1).toSpliced(1, 1), 'missing'],
    ['nothing', [], 'missing'],
    ['a byte more than the budget', partsOf(8 * MIB, 8 * MIB, 4 * MIB + 1), 'object_too_large'],
  ])('%s', (_, parts, expected) => {
    const verdict = judge({}, parts)
    expect(verdict.kind === 'parts' ? verdict.of : verdict.kind).toBe(expected)
  })

  test('of sizes that nobody named: whatever came, up to the budget', () => {
    const measured = { multipart: { uploadId: 'u', partSize: 0 } }
    expect(judge(measured, partsOf(5, 6 * MIB, 1))).toMatchObject({
      kind: 'ready',
      size: 6 * MIB + 6,
    })
    expect(judge(measured, partsOf(20 * MIB, 1))).toMatchObject({ kind: 'object_too_large' })
  })
})
