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

test.each([
  ['', 'is empty'],
  ['a\ud800', 'is not well-formed Unicode'],
  ['a\nb', 'holds a control character or a backslash'],
  ['a'.repeat(1025), 'is longer than 1024 bytes'],
  ['a//b', 'holds an empty segment, or begins or ends with "/"'],
  ['a/../b', 'holds a "." or ".." segment'],
])('what is wrong with %j is said without it', (text, error) => {
  expect(parseObjectKey(text)).toEqual({ ok: false, error })
})

test('so is what is wrong with a path or a prefix', () => {
  expect(parseRawObjectKey('%ff')).toEqual({
    ok: false,
    error: 'is not valid percent-encoded UTF-8',
  })
  expect(parseKeyPrefix('')).toEqual({ ok: true, value: '' })
  expect(parseKeyPrefix('a')).toEqual({ ok: false, error: 'does not end with "/"' })
})
