// Revocation records: how they are named, what stands in them, and which tokens they end.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isRevoked,
  toCutName,
  toCutRecord,
  toRevocationName,
} from '../../../src/core/token/revocation.ts'

describe('names', () => {
  test('are the SHA-256 of a JSON list behind their kind', async () => {
    // printf '["iss","alice"]' | openssl dgst -sha256 -binary | basenc --base64url
    const hash = '_RSiqbGHTF8nqc6jX9GESrmIZz33ZB-oJ0H_zWC94KQ'
    expect(await toCutName('iss', 'alice')).toBe(`cut:${hash}`)
    expect(await toRevocationName('iss', 'alice')).toBe(`rev:${hash}`)
  })
  test('tell apart what would be one text when joined', async () => {
    const names = [
      await toCutName('a', 'bc'),
      await toCutName('ab', 'c'),
      await toCutName('a,b', 'c'),
      await toCutName('a', 'b,c'),
    ]
    expect(new Set(names).size).toBe(4)
  })
})

test('a cut is whole seconds', () => {
  expect([toCutRecord(100), toCutRecord(100.9)]).toEqual(['100', '100'])
})

describe('a session', () => {
  test.each([
    [{}, null, null, false],
    [{ issuedAtSeconds: 5 }, null, null, false],
    [{ issuedAtSeconds: 5 }, '1', null, true],
    [{ issuedAtSeconds: 5 }, '', null, true],
    [{ issuedAtSeconds: 99 }, null, '100', true],
    [{ issuedAtSeconds: 100 }, null, '100', true],
    [{ issuedAtSeconds: 101 }, null, '100', false],
    [{ issuedAtSeconds: 101 }, '1', '100', true],
    [{}, null, '100', true],
    [{}, null, '0', true],
    [{ issuedAtSeconds: 0 }, null, '0', true],
    // A record that is no number of seconds cuts everything.
    [{ issuedAtSeconds: 101 }, null, '', true],
    [{ issuedAtSeconds: 101 }, null, '-1', true],
    [{ issuedAtSeconds: 101 }, null, '1e1', true],
    [{ issuedAtSeconds: 101 }, null, ' 1', true],
    [{ issuedAtSeconds: 101 }, null, '1 ', true],
    [{ issuedAtSeconds: 1e13 }, null, '1234567890123', true],
    [{ issuedAtSeconds: 1e12 }, null, '123456789012', false],
  ] as const)('%# %j, rev %j, cut %j: ended %j', (session, revocation, cut, ended) => {
    expect(isRevoked(session, revocation, cut)).toBe(ended)
  })

  test('that was issued before the cut never outlives it, whatever the fractions of its second', () => {
    const moment = fc.double({ min: 0, max: 4e9, noNaN: true })
    fc.assert(
      fc.property(moment, fc.double({ min: 0, max: 2, noNaN: true }), (issuedAt, later) => {
        expect(isRevoked({ issuedAtSeconds: issuedAt }, null, toCutRecord(issuedAt + later))).toBe(
          true,
        )
        const isLater = isRevoked(
          { issuedAtSeconds: Math.floor(issuedAt) + 1 },
          null,
          toCutRecord(issuedAt),
        )
        expect(isLater).toBe(false)
      }),
    )
  })
})
