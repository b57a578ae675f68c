// File names as segments of a key: whatever they are, a key comes out, and a plain name stays as it is.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseObjectKey } from '../../../src/core/policy/key.ts'
import { toSafeName } from '../../../src/core/upload/name.ts'

test.each([
  ["Grüße & <Küsse> +(1)'!*~ 100%.txt", "Grüße & <Küsse> +(1)'!*~ 100%.txt"],
  ['日本語 🎬.mp4', '日本語 🎬.mp4'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\fakepath\\photo.png', 'photo.png'],
  ['a/..', 'file'],
  ['%2E%2e', 'file'],
  ['', 'file'],
  [' \u0000\u0007 ', 'file'],
  ['${filename}', '$filename}'],
  ['x'.repeat(5000), 'x'.repeat(200)],
])('%j', (name, expected) => {
  expect(toSafeName(name)).toBe(expected)
})

test('every text becomes one segment of a key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const safe = toSafeName(name)
      expect(parseObjectKey(`prefix/${safe}`).ok && !safe.includes('/')).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
