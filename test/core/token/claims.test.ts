// Claims of a verified token, row by row: audiences, times to the second, subjects, what an access token must carry.
import { describe, expect, test } from 'vitest'
import { toSession } from '../../../src/core/token/claims.ts'
import type { Issuer } from '../../../src/core/token/issuer.ts'
import type { Json } from '../../../src/core/token/session.ts'

const NOW = 1_800_000_000
const issuer: Issuer = {
  issuer: 'https://iss',
  audiences: ['aud', 'other'],
  algorithms: ['ES256'],
  subjectClaim: 'sub',
  leewaySeconds: 30,
  onRevocationError: 'deny',
  keys: { find: () => Promise.resolve({ kind: 'keys', keys: [] }) },
}
const good = { iss: 'https://iss', aud: 'aud', sub: 'alice', exp: NOW + 60 }

/** The session of these claims in place of good ones; undefined takes a claim away. */
function judge(change: { [name: string]: Json | undefined }, by: Partial<Issuer> = {}, now = NOW) {
  const claims = Object.fromEntries(
    Object.entries({ ...good, ...change }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )
  return toSession(claims, { ...issuer, ...by }, now)
}

/** Why it is refused, or null. */
function faultOf(...input: Parameters<typeof judge>) {
  const session = judge(...input)
  return session.ok ? null : session.error
}

const malformed = (claim: string) => ({ reason: 'claim', claim })

describe('a session', () => {
  test('has what the token says and nothing else', () => {
    expect(judge({})).toStrictEqual({
      ok: true,
      value: {
        issuer: 'https://iss',
        subject: 'alice',
        expiresAtSeconds: NOW + 60,
        claims: good,
      },
    })
    const claims = { ...good, iat: NOW, jti: 'id', postern: { grants: [] } }
    expect(judge(claims)).toStrictEqual({
      ok: true,
      value: {
        issuer: 'https://iss',
        subject: 'alice',
        expiresAtSeconds: NOW + 60,
        issuedAtSeconds: NOW,
        tokenId: 'id',
        narrowing: [],
        claims,
      },
    })
  })
  test.for([5, true, null, ['id'], { a: 1 }])('jti %j is refused', (jti) => {
    expect(faultOf({ jti })).toStrictEqual(malformed('jti'))
  })
  test.for([null, 5, 'x', [], {}, { grants: {} }, { grants: [{}] }, { grants: [], more: 1 }])(
    'the claim postern %j refuses the token',
    (postern) => {
      expect(faultOf({ postern })).toStrictEqual(malformed('postern'))
    },
  )
})

describe('aud', () => {
  test.for(['aud', 'other', ['aud'], ['x', 'other']])('%j is ours', (aud) => {
    expect(faultOf({ aud })).toBeNull()
  })
  test.for([
    undefined,
    null,
    '',
    'AUD',
    'aud ',
    'au',
    [],
    ['x'],
    ['aud', 5],
    [['aud']],
    5,
    { aud: 'aud' },
  ])('%j is not', (aud) => {
    expect(faultOf({ aud })).toStrictEqual({ reason: 'audience' })
  })
})

const MAX = 253_402_300_799

describe('times', () => {
  test.for([undefined, null, '1800000060', -1, MAX + 1, true, [NOW + 60]])(
    'exp %j is malformed',
    (exp) => {
      expect(faultOf({ exp })).toStrictEqual(malformed('exp'))
    },
  )
  test.for([null, '1', -1, -0.5, MAX + 1, true])('nbf and iat %j are malformed', (value) => {
    expect(faultOf({ nbf: value })).toStrictEqual(malformed('nbf'))
    expect(faultOf({ iat: value })).toStrictEqual(malformed('iat'))
  })
  test('zero and the last second that can be written are times', () => {
    expect(faultOf({ exp: MAX, nbf: 0, iat: 0 })).toBeNull()
    expect(faultOf({ exp: 0 })).toStrictEqual({ reason: 'expired' })
  })
  test.for([
    [NOW - 30.5, { reason: 'expired' }],
    [NOW - 30, { reason: 'expired' }],
    [NOW - 29.5, null],
    [NOW - 29, null],
  ] as const)('exp %d', ([exp, fault]) => {
    expect(faultOf({ exp })).toStrictEqual(fault)
  })
  test.for([
    [NOW + 30, null],
    [NOW + 30.5, { reason: 'not_yet_valid' }],
    [NOW + 31, { reason: 'not_yet_valid' }],
  ] as const)('nbf and iat %d', ([value, fault]) => {
    expect(faultOf({ nbf: value })).toStrictEqual(fault)
    expect(faultOf({ iat: value })).toStrictEqual(fault)
  })
  test.for([
    [undefined, malformed('iat')],
    [NOW - 130, null],
    [NOW - 130.5, { reason: 'too_old' }],
    [NOW - 131, { reason: 'too_old' }],
    [NOW, null],
  ] as const)('max_age 100 with iat %j', ([iat, fault]) => {
    expect(faultOf({ iat }, { maxAgeSeconds: 100 })).toStrictEqual(fault)
  })
  test('without max_age a token may be of any age, or not say it', () => {
    expect(faultOf({ iat: 1 })).toBeNull()
  })
  test('a malformed time is reported before one that is over', () => {
    expect(faultOf({ exp: 1, nbf: 'x' })).toStrictEqual(malformed('nbf'))
  })
  test('without leeway', () => {
    const strict = { leewaySeconds: 0 }
    expect(faultOf({ exp: NOW }, strict)).toStrictEqual({ reason: 'expired' })
    expect(faultOf({ exp: NOW + 1, nbf: NOW, iat: NOW }, strict)).toBeNull()
    expect(faultOf({ nbf: NOW + 1 }, strict)).toStrictEqual({ reason: 'not_yet_valid' })
  })
  test('fractions of a second count on both sides', () => {
    const strict = { leewaySeconds: 0 }
    expect(faultOf({ exp: NOW + 0.5 }, strict, NOW + 0.6)).toStrictEqual({ reason: 'expired' })
    expect(faultOf({ iat: NOW + 0.5 }, strict, NOW + 0.6)).toBeNull()
  })
})

describe('the subject', () => {
  test.for(['a', 'é', 'a'.repeat(255), 'a/b', ' '])('%j', (sub) => {
    expect(judge({ sub })).toMatchObject({ ok: true, value: { subject: sub } })
  })
  test.for([
    undefined,
    null,
    5,
    '',
    'a'.repeat(256),
    'a\0',
    '\u007f',
    'a\nb',
    'a\ud800',
    ['a'],
    { a: 1 },
  ])('%j is none', (sub) => {
    expect(faultOf({ sub })).toStrictEqual(malformed('sub'))
  })
  test('stands in the claim that the issuer names, and nowhere else', () => {
    const by = { subjectClaim: 'uid' }
    expect(judge({ uid: 'bob' }, by)).toMatchObject({ ok: true, value: { subject: 'bob' } })
    expect(faultOf({}, by)).toStrictEqual(malformed('uid'))
    expect(faultOf({}, { subjectClaim: 'toString' })).toStrictEqual(malformed('toString'))
  })
})

describe('an access token of RFC 9068', () => {
  const full = { client_id: 'app', iat: NOW, jti: 'id' }
  test.for(['at+jwt', 'AT+JWT', 'application/at+jwt'])('typ %s with all its claims', (typ) => {
    expect(faultOf(full, { typ })).toBeNull()
    for (const claim of ['client_id', 'iat', 'jti', 'sub'])
      expect(faultOf({ ...full, [claim]: undefined }, { typ })).toStrictEqual(malformed(claim))
  })
  test('needs a sub even where another claim names the subject', () => {
    const by = { typ: 'at+jwt', subjectClaim: 'uid' }
    expect(faultOf({ ...full, uid: 'bob', sub: undefined }, by)).toStrictEqual(malformed('sub'))
    expect(faultOf({ ...full, uid: 'bob' }, by)).toBeNull()
  })
  test.for([5, null, ['app'], { a: 1 }])('client_id %j is malformed', (client_id) => {
    expect(faultOf({ ...full, client_id }, { typ: 'at+jwt' })).toStrictEqual(malformed('client_id'))
  })
  test.for([undefined, 'JWT', 'xat+jwt', 'aapplication/t+jwt', 'application/application/at+jwt'])(
    'typ %j asks for none of them',
    (typ) => {
      expect(faultOf({}, typ === undefined ? {} : { typ })).toBeNull()
    },
  )
})
