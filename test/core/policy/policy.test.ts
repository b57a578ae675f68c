// Properties of keys and decisions: whatever is granted starts with the resolved prefix and escapes nothing.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGrants } from '../../../src/core/policy/grants.ts'
import { parseObjectKey, parseRawObjectKey } from '../../../src/core/policy/key.ts'
import { encodeKey } from '../../../src/core/sign/encode.ts'
import { keyText, mayRead as isAllowed, segment, sessionOf, toGrant } from '../../support/policy.ts'

describe('properties', () => {
  test('an accepted key is encoded and decoded to itself, and has no dot or empty segment', () => {
    fc.assert(
      fc.property(keyText, (text) => {
        const key = parseObjectKey(text)
        if (!key.ok) return
        expect(parseRawObjectKey(encodeKey(text))).toEqual(key)
        expect(text.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(
          false,
        )
        expect(new URL(`https://h/b/${encodeKey(text)}`).pathname).toBe(`/b/${encodeKey(text)}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('a granted key starts byte for byte with the resolved prefix', () => {
    fc.assert(
      fc.property(segment, keyText, (subject, text) => {
        if (isAllowed([toGrant('g', 'users/${sub}/')], sessionOf(subject), text)) {
          expect(text.startsWith(`users/${subject}/`)).toBe(true)
          expect(subject).not.toMatch(/^\.{0,2}$|\//)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('decisions', () => {
  const own = toGrant('GRANTS[0]', 'users/${sub}/')
  const admin = toGrant('GRANTS[1]', '', { when: new Map([['role', ['admin']]]) })
  test.each([
    [[own], sessionOf('alice'), 'users/alice/x', true],
    [[own], sessionOf('alice'), 'users/alice2/x', false],
    [[own], sessionOf('alice'), 'users/alicex', false],
    [[own, admin], sessionOf('bob', { role: 'admin' }), 'users/alice/x', true],
    [[own, admin], sessionOf('bob', { role: ['x', 'admin'] }), 'users/alice/x', true],
    [[own, admin], sessionOf('bob', { role: 'Admin' }), 'users/alice/x', false],
    [[own, admin], sessionOf('bob'), 'users/alice/x', false],
    [[toGrant('g', '${tenant}/')], sessionOf('bob', { tenant: 't1' }), 't1/x', true],
    [[toGrant('g', '${toString}/')], sessionOf('bob'), 'x/y', false],
    [[toGrant('g', '', { issuer: 'other' })], sessionOf('bob'), 'x', false],
  ] as const)('%#', (grants, session, key, expected) => {
    expect(isAllowed(grants, session, key)).toBe(expected)
  })

  test('of a thousand grants only those on the way are looked at', () => {
    const grants = Array.from({ length: 1000 }, (_, index) =>
      toGrant(`GRANTS[${index}]`, `tenants/t${index}/`),
    )
    expect(
      createGrants(grants, () => false)
        .candidates('media', 'tenants/t7/x')
        .map(({ path }) => path),
    ).toEqual(['GRANTS[7]'])
  })
})
