// The taint check itself finds what it looks for, in every spelling.
import { expect, test } from 'vitest'
import { expectUntainted } from '../support/taint.ts'

const SECRET = 'marked/secret+of~this test?'

test.each([
  SECRET,
  encodeURIComponent(SECRET),
  Buffer.from(SECRET).toString('hex'),
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('base64url'),
])('%s', (spelling) => {
  expect(() => expectUntainted(`before ${spelling} after`, [SECRET])).toThrow(
    'expected true to be false',
  )
  expect(() => expectUntainted('before and after', [SECRET])).not.toThrow()
})
