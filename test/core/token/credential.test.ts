// The one credential of a request: which headers hold one, which hold several, and what is no credential at all.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findCredential } from '../../../src/core/token/credential.ts'

const NAME = '__Host-postern'
const several = { ok: false, error: { kind: 'several' } }
const noScheme = { ok: false, error: { kind: 'token', fault: { reason: 'scheme' } } }
const none = { ok: true, value: { kind: 'none' } }
const bearer = (token: string) => ({ ok: true, value: { kind: 'bearer', token } })
const cookie = (sealed: string) => ({ ok: true, value: { kind: 'cookie', sealed } })

describe('Authorization', () => {
  test.for([
    ['Bearer a.b.c', 'a.b.c'],
    ['bearer abc', 'abc'],
    ['BEARER abc==', 'abc=='],
    ['Bearer aZ09-._~+/=', 'aZ09-._~+/='],
  ] as const)('%j', ([header, token]) => {
    expect(findCredential(header, null, NAME)).toStrictEqual(bearer(token))
  })
  test.for([
    '',
    'Bearer',
    'Bearer ',
    'Bearer  abc',
    ' Bearer abc',
    'Bearer abc ',
    'Bearer\tabc',
    'Bearer a b',
    'Bearer a=b',
    'Bearer =',
    'Bearer "abc"',
    'Bearer abc\n',
    'xBearer abc',
    'Basic YTpi',
    'DPoP abc',
    'abc',
    'Bearer:abc',
    'Bearer ü',
  ])('%j is no bearer token', (header) => {
    expect(findCredential(header, null, NAME)).toStrictEqual(noScheme)
  })
  test.for(['Bearer a, Bearer b', 'Bearer a,b', ',', 'Basic a, Bearer b'])(
    '%j is several',
    (header) => {
      expect(findCredential(header, null, NAME)).toStrictEqual(several)
    },
  )
})

describe('cookies', () => {
  test.for([
    [`${NAME}=abc`, 'abc'],
    [`a=b; ${NAME}=abc`, 'abc'],
    [`a=b;${NAME}=abc;c=d`, 'abc'],
    [`a=b; \t ${NAME}=abc`, 'abc'],
    [`${NAME}=`, ''],
    [`${NAME}=a=b`, 'a=b'],
    [`${NAME}="abc"`, '"abc"'],
    [`${NAME}=abc `, 'abc '],
  ] as const)('%j', ([header, sealed]) => {
    expect(findCredential(null, header, NAME)).toStrictEqual(cookie(sealed))
  })
  test.for([
    null,
    '',
    'a=b',
    `${NAME}`,
    `${NAME} =abc`,
    `x${NAME}=abc`,
    `${NAME}x=abc`,
    `x=${NAME}=abc`,
    NAME.toLowerCase().concat('=abc'),
    `\u00a0${NAME}=abc`,
  ])('%j holds none', (header) => {
    expect(findCredential(null, header, NAME)).toStrictEqual(none)
  })
  test.for([`${NAME}=a; ${NAME}=a`, `${NAME}=a;x=y; ${NAME}=`, `${NAME}=a;${NAME}=b;${NAME}=c`])(
    '%j holds several',
    (header) => {
      expect(findCredential(null, header, NAME)).toStrictEqual(several)
    },
  )
  test('count only where there are cookie sessions', () => {
    expect(findCredential(null, 'undefined=abc', undefined)).toStrictEqual(none)
    expect(findCredential('Bearer a', `${NAME}=a; ${NAME}=b`, undefined)).toStrictEqual(bearer('a'))
  })
})

test('a token and a cookie are two, even where the token is none', () => {
  expect(findCredential('Bearer a', `${NAME}=a`, NAME)).toStrictEqual(several)
  expect(findCredential('', `${NAME}=a`, NAME)).toStrictEqual(several)
  expect(findCredential('Bearer a', 'a=b', NAME)).toStrictEqual(bearer('a'))
})

test('whatever the headers hold, the answer is a credential or a fault, never a throw', () => {
  const text = fc.option(
    fc
      .array(fc.constantFrom('Bearer ', NAME, '=', ';', ' ', 'abc', ',', '.', '"', '\t'))
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, text, (authorization, cookies) => {
      const found = findCredential(authorization, cookies, NAME)
      if (!found.ok || found.value.kind === 'none') return
      if (found.value.kind === 'bearer') expect(`Bearer ${found.value.token}`).toBe(authorization)
      else expect(cookies?.split(`${NAME}=`).length).toBeGreaterThan(1)
    }),
  )
})
