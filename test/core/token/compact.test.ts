// Compact tokens: one way to write one token, three strict parts, two JSON objects.
import { describe, expect, test } from 'vitest'
import {
  MAX_TOKEN_CHARACTERS,
  parseCompact,
  parsePart,
  splitCompact,
} from '../../../src/core/token/compact.ts'

const encode = (text: string | Uint8Array): string => Buffer.from(text).toString('base64url')
const [H, P, S] = [encode('{"alg":"x"}'), encode('{"a":1}'), encode('signature')]
const malformed = (part: string) => ({ ok: false, error: { reason: 'malformed', part } })

test('a token is its header and payload', () => {
  expect(parseCompact(`${H}.${P}.${S}`)).toStrictEqual({
    ok: true,
    value: { header: { alg: 'x' }, payload: { a: 1 } },
  })
  expect(splitCompact(`${H}.${P}.${S}`)).toStrictEqual({
    ok: true,
    value: {
      header: Uint8Array.from(Buffer.from('{"alg":"x"}')),
      payload: Uint8Array.from(Buffer.from('{"a":1}')),
    },
  })
})

describe('parts', () => {
  test.for([
    '',
    '.',
    '..',
    H,
    `${H}.${P}`,
    `${H}.${P}.`,
    `${H}..${S}`,
    `.${P}.${S}`,
    `${H}.${P}.${S}.`,
    `${H}.${P}.${S}.${S}`,
    `.${H}.${P}.${S}`,
  ])('%j are not three', (token) => {
    expect(parseCompact(token)).toStrictEqual(malformed('token'))
  })
  test.for(['=', ' ', '\n', '+', '/', 'é', '\0', 'A'])('%j at the end of each', (end) => {
    // The three texts have lengths of which one character more is no base64url, or unused bits that are set.
    const bad = end === 'A' ? 'A' : `AA${end}`
    expect(parseCompact(`${bad}.${P}.${S}`)).toStrictEqual(malformed('header'))
    expect(parseCompact(`${H}.${bad}.${S}`)).toStrictEqual(malformed('payload'))
    expect(parseCompact(`${H}.${P}.${bad}`)).toStrictEqual(malformed('signature'))
    expect(splitCompact(`${bad}.${P}.${S}`)).toStrictEqual(malformed('header'))
    expect(splitCompact(`${H}.${bad}.${S}`)).toStrictEqual(malformed('payload'))
  })
  test('with unused bits that are set are another text for the same bytes', () => {
    expect(parseCompact(`${H}.${P}.AA`)).toMatchObject({ ok: true })
    expect(parseCompact(`${H}.${P}.AB`)).toStrictEqual(malformed('signature'))
  })
  test('are at most 8192 characters together', () => {
    const longer = encode('{"aa":1}')
    const fill = (length: number) =>
      `${H}.${longer}.${'A'.repeat(length - H.length - longer.length - 2)}`
    expect(MAX_TOKEN_CHARACTERS).toBe(8192)
    const longest = fill(8192)
    expect([longest.length, parseCompact(longest).ok]).toStrictEqual([8192, true])
    expect(parseCompact(fill(8193))).toStrictEqual(malformed('token'))
    expect(parseCompact(fill(8194))).toStrictEqual(malformed('token'))
  })
})

describe('header and payload', () => {
  const bad = [
    '[]',
    '[{}]',
    'null',
    '5',
    '"a"',
    'true',
    'x',
    '{"a":1,"a":1}',
    '\ufeff{}',
    Uint8Array.of(0x7b, 0xff, 0x7d),
    Uint8Array.of(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d),
  ]
  test.for(bad)('%j is no object', (text) => {
    expect(parseCompact(`${encode(text)}.${P}.${S}`)).toStrictEqual(malformed('header'))
    expect(parseCompact(`${H}.${encode(text)}.${S}`)).toStrictEqual(malformed('payload'))
    expect(parsePart(Uint8Array.from(Buffer.from(text)))).toBeNull()
  })
  test('may be empty objects, and hold any Unicode', () => {
    expect(parseCompact(`${encode('{}')}.${encode('{"ü":"\\ud83d\\ude00"}')}.${S}`)).toStrictEqual({
      ok: true,
      value: { header: {}, payload: { ü: '😀' } },
    })
  })
})
