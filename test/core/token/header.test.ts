// JOSE headers against their issuer: members that are refused, algorithms, key ids, types.
import { describe, expect, test } from 'vitest'
import { describeTokenFault, type TokenFault } from '../../../src/core/token/fault.ts'
import { judgeHeader } from '../../../src/core/token/header.ts'
import type { Issuer } from '../../../src/core/token/issuer.ts'

const issuer: Issuer = {
  issuer: 'iss',
  audiences: ['aud'],
  algorithms: ['ES256', 'RS256'],
  subjectClaim: 'sub',
  leewaySeconds: 0,
  onRevocationError: 'deny',
  keys: { find: () => Promise.resolve({ kind: 'keys', keys: [] }) },
}
const judge = (header: object, typ?: string) =>
  judgeHeader({ alg: 'ES256', ...header }, typ === undefined ? issuer : { ...issuer, typ })

test.for([{}, { alg: 'RS256' }, { kid: '' }, { kid: 'a' }, { typ: 'JWT' }, { other: [1] }])(
  '%j is sound',
  (header) => {
    expect(judge(header)).toBeNull()
  },
)

test.for(['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'enc'])(
  '%s is refused whatever it holds, before anything else is looked at',
  (member) => {
    for (const value of [undefined, null, '', [], {}, 'JWT', false])
      expect(judge({ [member]: value, alg: 'none', kid: 5 })).toEqual({ reason: 'header', member })
  },
)

test.for([undefined, null, '', 'none', 'None', 'es256', 'ES384', 'HS256', 'ES256 ', 5, ['ES256']])(
  'alg %j',
  (alg) => {
    expect(judge({ alg })).toEqual({ reason: 'algorithm' })
  },
)

test.for([null, 5, ['a'], { a: 1 }, true])('kid and typ %j are no text', (value) => {
  expect(judge({ kid: value })).toEqual({ reason: 'header', member: 'kid' })
  expect(judge({ typ: value })).toEqual({ reason: 'header', member: 'typ' })
  expect(judge({ typ: value }, 'at+jwt')).toEqual({ reason: 'header', member: 'typ' })
})

describe('typ', () => {
  const fault = { reason: 'header', member: 'typ' }
  test.for([
    [undefined, undefined, true],
    [undefined, 'JWT', true],
    [undefined, 'jwt', true],
    [undefined, 'application/jwt', true],
    [undefined, 'APPLICATION/JWT', true],
    [undefined, '', false],
    [undefined, 'at+jwt', false],
    [undefined, 'postern-link+jwt', false],
    [undefined, 'JWT ', false],
    [undefined, 'xapplication/jwt', false],
    [undefined, 'japplication/wt', false],
    [undefined, 'application/application/jwt', false],
    ['at+jwt', 'at+jwt', true],
    ['at+jwt', 'AT+JWT', true],
    ['at+jwt', 'application/at+jwt', true],
    ['application/AT+jwt', 'at+jwt', true],
    ['at+jwt', undefined, false],
    ['at+jwt', 'JWT', false],
    ['at+jwt', 'undefined', false],
    ['JWT', undefined, false],
    ['JWT', 'jwt', true],
  ] as const)('issuer %j, token %j: %j', ([wanted, typ, isSound]) => {
    expect(judge(typ === undefined ? {} : { typ }, wanted)).toEqual(isSound ? null : fault)
  })
})

test('every fault has a line for the log, and no two the same', () => {
  const faults: readonly TokenFault[] = [
    { reason: 'scheme' },
    { reason: 'cookie' },
    { reason: 'malformed', part: 'payload' },
    { reason: 'header', member: 'kid' },
    { reason: 'unknown_issuer' },
    { reason: 'algorithm' },
    { reason: 'no_key' },
    { reason: 'keys_unavailable' },
    { reason: 'signature' },
    { reason: 'claim', claim: 'exp' },
    { reason: 'audience' },
    { reason: 'expired' },
    { reason: 'not_yet_valid' },
    { reason: 'too_old' },
    { reason: 'revoked' },
    { reason: 'revocation_unknown' },
  ]
  expect(faults.map(describeTokenFault)).toEqual([
    'authorization is not Bearer with one token',
    'the cookie was not sealed here',
    'malformed payload',
    'header member kid refused',
    'unknown issuer',
    'algorithm',
    'no key',
    'keys unavailable',
    'signature',
    'claim exp missing or of the wrong type',
    'audience',
    'expired',
    'not yet valid',
    'too old',
    'revoked',
    'revocation unknown',
  ])
})
