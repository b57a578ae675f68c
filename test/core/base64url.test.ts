// Base64url: the inverse of itself, and of what Node writes; every other text is refused.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64Url, toBase64Url } from '../../src/core/base64url.ts'

test('bytes come back, and are written as others write them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64Url(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64url'))
      expect(fromBase64Url(text)).toEqual(Uint8Array.from(bytes))
    }),
    { numRuns: 1000 },
  )
})

test('a text that is read is the one text of its bytes', () => {
  const characters = fc.constantFrom(...'AQZaz09-_+/= \néÿ\u0100'.split(''))
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 8 }), (text) => {
      const bytes = fromBase64Url(text)
      const canonical = Buffer.from(text, 'base64url').toString('base64url') === text
      expect(bytes !== null).toBe(canonical)
      if (bytes !== null) expect(toBase64Url(bytes)).toBe(text)
    }),
    { numRuns: 5000 },
  )
})
