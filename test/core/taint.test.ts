// The taint checks themselves find what they look for, in every spelling.
import { expect, test } from 'vitest'
import { countTainted, expectUntainted } from '../support/taint.ts'

const SECRET = 'marked/secret+of~this test?'
const OTHER = 'another secret of this test'

test.each([
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('hex'),
  Buffer.from(SECRET).toString('hex').toUpperCase(),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('base64url'),
  Buffer.from(`x${SECRET}`).toString('base64'),
  Buffer.from(`xy${SECRET}yx`).toString('base64url'),
])('%s', (spelling) => {
  expect(() => expectUntainted(`before ${spelling} after`, [SECRET])).toThrow(
    'expected true to be false',
  )
  expect(() => expectUntainted('before and after', [SECRET])).not.toThrow()
  const secrets = new Set([OTHER, SECRET])
  expect(countTainted(`before ${spelling} after`, secrets)).toBe(1)
  expect(countTainted(`${spelling}${OTHER}`, secrets)).toBe(2)
  expect(countTainted(`before ${spelling.slice(0, -6)} after`, secrets)).toBe(0)
})

test('a mark that any text could hold is refused', () => {
  expect(() => countTainted('', new Set(['short']))).toThrow('too short')
})
