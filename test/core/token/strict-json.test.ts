// JSON that means one thing only: duplicate members, hidden names and deep nesting are refused, everything else is JSON.parse.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStrictJson } from '../../../src/core/token/strict-json.ts'

const twice = { ok: false, error: 'duplicate_member' }

describe('refused', () => {
  test.for([
    '{"a":1,"a":2}',
    '{"a":1,"b":{},"a":1}',
    '{ "a" : 1 , "a" : 1 }',
    '{"a":1,"\\u0061":2}',
    '{"a\\"":1,"a\\u0022":1}',
    '{"b":{"a":1,"a":1}}',
    '{"b":[{"a":1,"a":1}]}',
    '[{"a":"}","a":1}]',
    '{"a":[1,{"c":2}],"a":1}',
    '{"":1,"":2}',
    '{"a":"x","b":"y","a":"z"}',
    '{"__proto__":1}',
    '{"a":{"\\u005f_proto__":{}}}',
  ])('%s', (text) => {
    expect(parseStrictJson(text)).toEqual(twice)
  })
  test.for([
    '',
    'x',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '[1] 2',
    '\ufeff{}',
    'NaN',
    '{"a":\u00a01}',
    '01',
  ])('%j is not JSON', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: false, error: 'not_json' })
  })
})

describe('accepted', () => {
  test.for([
    '{"a":1,"b":1}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '{"a":["a","a","b"],"b":["a"]}',
    '{"a":"a","b":"a"}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\\\","b":"\\\\\\""}',
    '["a","a",{"a":"a"},"a"]',
    '{"a":"x,\\"a\\":1","b":"{"}',
    '{"a":"]","b":[]}',
    '"a"',
    ' null ',
    '-1.5e3',
    '[]',
  ])('%s', (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })
})

describe('depth', () => {
  const nested = (depth: number, open: string, inner: string, close: string) =>
    open.repeat(depth) + inner + close.repeat(depth)
  test.for([
    ['[', '', ']'],
    ['{"a":', '1', '}'],
  ] as const)('%j', ([open, inner, close]) => {
    expect(parseStrictJson(nested(32, open, inner, close)).ok).toBe(true)
    expect(parseStrictJson(nested(33, open, inner, close))).toEqual({
      ok: false,
      error: 'too_deep',
    })
  })
  test('is that of the deepest place, not the number of brackets', () => {
    expect(parseStrictJson(`[${Array.from({ length: 40 }, () => '[]').join(',')}]`).ok).toBe(true)
    expect(parseStrictJson(JSON.stringify('['.repeat(100))).ok).toBe(true)
  })
  test('counts before a duplicate that stands deeper', () => {
    const text = nested(40, '{"a":', '{"b":1,"b":2}', '}')
    expect(parseStrictJson(text)).toMatchObject({ error: 'too_deep' })
  })
})

test('whatever JSON.stringify writes is read as it reads, with white space or without', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const isHidden = /"__proto__"\s*:/.test(text)
      expect(parseStrictJson(text)).toEqual(
        isHidden ? twice : { ok: true, value: JSON.parse(text) },
      )
    }),
    { numRuns: 500 },
  )
})

test('a second member of one name is found wherever it stands', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 4 })
  const value = fc.jsonValue({ maxDepth: 2 }).map((json) => JSON.stringify(json))
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1 }), value, fc.nat(), (names, json, at) => {
      const again = names[at % names.length] ?? ''
      const members = [...names, again].map((each) => `${JSON.stringify(each)}:${json}`)
      expect(parseStrictJson(`{${members.join(',')}}`)).toMatchObject({ ok: false })
    }),
    { numRuns: 500 },
  )
})

test('a text of two megabytes is no trouble', () => {
  const value = { a: 'x\\"'.repeat(700_000) }
  expect(parseStrictJson(JSON.stringify(value))).toEqual({ ok: true, value })
})
