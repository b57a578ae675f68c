// Which texts and raw paths are object keys, row by row.
import { expect, test } from 'vitest'
import { parseKeyPrefix, parseObjectKey, parseRawObjectKey } from '../../../src/core/policy/key.ts'

test.each([
  '../x',
  'a/../b',
  'a/./b',
  '.',
  '%2e%2e/x',
  'a/%2E%2e/x',
  'a/.%2e/x',
  '%252e%252e',
  'a//b',
  '/a',
  'a/',
  'a\\b',
  'a%5Cb',
  'a%00b',
  'a\u007fb',
  '%ff',
  '%ed%a0%80',
  '%zz',
  '',
  'a'.repeat(1025),
  'ü'.repeat(513),
])('%j in a raw path is refused', (raw) => {
  expect(parseRawObjectKey(raw)).toMatchObject({ ok: false })
})

test.each([
  'a',
  '...',
  '..a',
  'a..',
  '.hidden',
  'a b',
  'Grüße',
  "!*'()+",
  'ü'.repeat(512),
  'a'.repeat(1024),
])('%j is a key exactly as given', (text) => {
  expect(parseObjectKey(text)).toEqual({ ok: true, value: text })
})

test('a raw path is decoded once', () => {
  expect(parseRawObjectKey('a%2520b+c')).toEqual({ ok: true, value: 'a%20b+c' })
})

test('a prefix is empty or ends with a slash', () => {
  expect([parseKeyPrefix('').ok, parseKeyPrefix('a/b/').ok]).toEqual([true, true])
  for (const text of ['a', '/', '../', 'a//', '/a/']) expect(parseKeyPrefix(text).ok).toBe(false)
})
