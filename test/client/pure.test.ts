// The client's pure files: checksums against another implementation, rules against the gateway's own, patience, parts.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCrc64 } from '../../src/client/crc64.ts'
import { isPassing, PosternError, toRetryAfterMs } from '../../src/client/error.ts'
import { createMd5 } from '../../src/client/md5.ts'
import { createParts } from '../../src/client/parts.ts'
import { createPatience } from '../../src/client/patience.ts'
import { isKey, isTypeIn } from '../../src/client/rules.ts'
import { toSum } from '../../src/client/sum.ts'
import { isTypeMatching } from '../../src/core/policy/judge.ts'
import { parseObjectKey } from '../../src/core/policy/key.ts'

describe('checksums', () => {
  test('MD5 equals that of OpenSSL, whole and in pieces, aligned or not', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 })
    fc.assert(
      fc.property(pieces, fc.integer({ min: 0, max: 3 }), (given, shift) => {
        const sum = createMd5()
        const whole = createHash('md5')
        for (const piece of given) {
          const shifted = new Uint8Array(piece.length + shift)
          shifted.set(piece, shift)
          sum.add(shifted.subarray(shift))
          whole.update(piece)
        }
        expect(Buffer.from(sum.end()).toString('hex')).toBe(whole.digest('hex'))
      }),
    )
  })

  test('CRC64NVME has its check value, and is the same in pieces', () => {
    const hex = (...pieces: Uint8Array[]): string => {
      const sum = createCrc64()
      for (const piece of pieces) sum.add(piece)
      return Buffer.from(sum.end()).toString('hex')
    }
    expect(hex(Buffer.from('123456789'))).toBe('ae8b14860a799888')
    expect(hex()).toBe('0000000000000000')
    const bytes = randomBytes(1000)
    for (const cut of [0, 1, 7, 8, 9, 500, 999])
      expect(hex(bytes.subarray(0, cut), bytes.subarray(cut))).toBe(hex(bytes))
  })

  test('of a Blob in base64', async () => {
    const bytes = randomBytes(2 ** 20 + 5)
    const md5 = createHash('md5').update(bytes).digest('base64')
    expect(await toSum(new Blob([bytes]), 'md5')).toBe(md5)
    expect(await toSum(new Blob([Buffer.from('123456789')]), 'crc64nvme')).toBe('rosUhgp5mIg=')
  })

  test('null where the file has changed since it was chosen', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'postern-sum-')), 'file')
    writeFileSync(path, 'before')
    const bytes = await openAsBlob(path)
    expect(await toSum(bytes, 'md5')).toBe(createHash('md5').update('before').digest('base64'))
    writeFileSync(path, 'and after')
    expect(await toSum(bytes, 'md5')).toBe(null)
    rmSync(dirname(path), { recursive: true })
  })
})

describe('rules are those of the gateway', () => {
  const odd = fc.constantFrom(
    '',
    '.',
    '..',
    '%2e',
    '%2E.',
    'a',
    'ä',
    '\u0000',
    '\\',
    '\ud800',
    ' ',
    '+',
  )
  const segments = fc.array(fc.oneof(odd, fc.string({ unit: 'binary', maxLength: 8 })), {
    maxLength: 5,
  })
  const keys = fc.oneof(
    segments.map((parts) => parts.join('/')),
    fc.string({ maxLength: 20 }),
  )
  test('keys', () => {
    fc.assert(
      fc.property(keys, (text) => {
        expect(isKey(text)).toBe(parseObjectKey(text).ok)
      }),
      { numRuns: 3000 },
    )
    for (const length of [1024, 1025, 512, 513])
      for (const letter of ['a', 'ä'])
        expect(isKey(letter.repeat(length))).toBe(parseObjectKey(letter.repeat(length)).ok)
  })
  test('types', () => {
    const types = fc.constantFrom('image/png', 'IMAGE/PNG; q=1', 'text/plain ;a=b', 'x', '')
    const patterns = fc.constantFrom('*/*', 'image/*', 'image/png', 'text/plain', 'text/*')
    fc.assert(
      fc.property(types, patterns, (type, pattern) => {
        expect(isTypeIn(type, [pattern])).toBe(isTypeMatching(type, pattern))
      }),
    )
  })
})

describe('patience', () => {
  test('waits are full jitter below 300 ms doubled up to 20 s, and never less than asked', () => {
    for (const chance of [0, 0.5, 0.999]) {
      const patience = createPatience(() => chance)
      for (let failures = 0; failures < 12; failures += 1)
        expect(patience.fail(0, 0)).toBe(chance * Math.min(20_000, 300 * 2 ** failures))
      expect(patience.count()).toBe(12)
      patience.progress()
      expect(patience.fail(0, 0)).toBe(chance * 300)
      expect(patience.fail(0, 9000)).toBe(9000)
    }
  })
  test('it ends after ten minutes, of which a sleeping machine counts one at most', () => {
    const patience = createPatience(() => 0)
    expect(patience.fail(8 * 3_600_000, 0)).toBe(0)
    for (let minutes = 2; minutes <= 10; minutes += 1) expect(patience.fail(60_000, 0)).toBe(0)
    expect(() => patience.fail(1, 0)).toThrow(new PosternError('timeout'))
  })
  test.each([
    [null, 0],
    ['', 0],
    ['7', 7000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 9000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', 0],
  ])('Retry-After %s', (value, ms) => expect(toRetryAfterMs(value, 1000)).toBe(ms))
})

test('errors say whether a retry makes sense', () => {
  const retryable = [408, 429, 500, 502, 503, 504]
  for (const status of [
    400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 429, 500, 501, 502, 503, 504,
  ]) {
    expect([status, isPassing(status)]).toEqual([status, retryable.includes(status)])
    expect(new PosternError('internal', status).retryable).toBe(retryable.includes(status))
  }
  expect(new PosternError('misconfigured', 503).retryable).toBe(false)
  const own = [
    'network',
    'timeout',
    'storage',
    'cors',
    'unreadable',
    'aborted',
    'too_large',
  ] as const
  expect(own.filter((code) => new PosternError(code).retryable)).toEqual(['network', 'timeout'])
})

test('bytes of parts add up, whatever happens to them', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('start', 'move', 'store', 'drop'), fc.integer({ min: 1, max: 5 })),
  )
  fc.assert(
    fc.property(fc.integer({ min: 33, max: 40 }), steps, (size, given) => {
      const file = new Blob([new Uint8Array(size)])
      const parts = createParts(file, { partSize: 8, partCount: 5 })
      const stored = new Set<number>()
      for (const [step, part] of given) {
        if (step === 'start' && !stored.has(part)) parts.start(part)
        if (step === 'store') {
          parts.store(part)
          stored.add(part)
        }
        if (step === 'drop') {
          parts.drop(part)
          stored.delete(part)
        }
      }
      const bytes = [...stored].reduce((sum, part) => sum + parts.slice(part).size, 0)
      expect(parts.sentBytes()).toBe(bytes)
      expect(parts.isStored()).toBe(stored.size === 5)
      expect(parts.todo().filter((part) => stored.has(part))).toEqual([])
      expect(parts.todo()).toEqual(parts.todo().toSorted((a, b) => a - b))
    }),
  )
})
