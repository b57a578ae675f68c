// Decisions, row by row: which grant allows what, what it objects to, and how that is explained.
import { describe, expect, test } from 'vitest'
import { decide, explainDecision } from '../../../src/core/policy/decide.ts'
import type { Grant } from '../../../src/core/policy/grant.ts'
import { isHeldBy, isTypeMatching } from '../../../src/core/policy/judge.ts'
import type { Operation } from '../../../src/core/policy/operation.ts'
import type { Json } from '../../../src/core/token/session.ts'
import {
  listing,
  reading,
  sessionOf,
  toGrant,
  toNarrowing,
  toObjectKey,
  toPolicy,
  uploading,
} from '../../support/policy.ts'

const alice = sessionOf('alice')
const own = toGrant('own', 'users/${sub}/')

/** The path of the grant that allows it, or why none does. */
function judge(grants: readonly Grant[], operation: Operation, session = alice): unknown {
  const permit = decide(toPolicy(...grants), session, operation)
  return permit.ok ? permit.value.grant.path : permit.error
}
const explain = (grants: readonly Grant[], operation: Operation, session = alice) =>
  explainDecision(toPolicy(...grants), session, operation)

const noGrant = { reason: 'no_grant' }

describe('where', () => {
  test('there is no such bucket, or it is disabled', () => {
    const all = toGrant('g', '', { bucket: 'off' })
    expect(judge([all], reading('a', 'other'))).toStrictEqual({ reason: 'unknown_bucket' })
    expect(judge([all], reading('a', 'off'))).toStrictEqual({ reason: 'bucket_disabled' })
    expect(explain([all], reading('a', 'other'))).toStrictEqual(['no such bucket'])
    expect(explain([all], reading('a', 'off'))).toStrictEqual(['the bucket is disabled'])
  })
  test('the grant is of another bucket', () => {
    expect(judge([toGrant('g', '', { bucket: 'folded' })], reading('a'))).toStrictEqual(noGrant)
    expect(explain([toGrant('g', '', { bucket: 'folded' })], reading('a'))).toStrictEqual([
      'no grant of this bucket reaches there',
    ])
  })
  test.for([
    ['users/alice/x', 'own'],
    ['users/alice/x/y', 'own'],
    ['users/alice2/x', noGrant],
    ['users/alice', noGrant],
    ['users/bob/x', noGrant],
    ['Users/alice/x', noGrant],
    ['x/users/alice/x', noGrant],
  ] as const)('%s', ([key, expected]) => {
    expect(judge([own], reading(key))).toStrictEqual(expected)
  })
  test('a prefix is listed that is granted, or below one', () => {
    const lists = toGrant('g', 'users/${sub}/', { allow: new Set(['list']) })
    expect(judge([lists], listing('users/alice/'))).toBe('g')
    expect(judge([lists], listing('users/alice/x/'))).toBe('g')
    expect(judge([lists], listing('users/'))).toStrictEqual(noGrant)
    expect(judge([lists], listing(''))).toStrictEqual(noGrant)
    expect(judge([toGrant('g', '', { allow: new Set(['list']) })], listing(''))).toBe('g')
  })
})

describe('a store that folds keys to NFC', () => {
  const [composed, decomposed] = ['\u00e9', 'e\u0301']
  const grant = toGrant('g', `${decomposed}/`, { bucket: 'folded' })
  test('is asked for, and granted, the form that it keeps', () => {
    for (const form of [composed, decomposed]) {
      const permit = decide(toPolicy(grant), alice, reading(`${form}/${decomposed}`, 'folded'))
      expect(permit.ok && permit.value.operation).toStrictEqual(
        reading(`${composed}/${composed}`, 'folded'),
      )
    }
    const lists = { ...grant, allow: new Set(['list'] as const) }
    const permit = decide(toPolicy(lists), alice, listing(`${decomposed}/`, 'folded'))
    expect(permit.ok && permit.value.operation).toStrictEqual(listing(`${composed}/`, 'folded'))
  })
  test('and others keep every byte', () => {
    const exact = toGrant('g', `${decomposed}/`)
    expect(judge([exact], reading(`${decomposed}/x`))).toBe('g')
    expect(judge([exact], reading(`${composed}/x`))).toStrictEqual(noGrant)
    expect(judge([toGrant('g', '')], reading(decomposed))).toBe('g')
  })
  test('gives no prefix to a claim in another form: two subjects would share one', () => {
    const folded = toGrant('g', 'u/${sub}/', { bucket: 'folded' })
    const as = (sub: string) => sessionOf(sub)
    expect(judge([folded], reading(`u/${composed}/x`, 'folded'), as(composed))).toBe('g')
    expect(judge([folded], reading(`u/${composed}/x`, 'folded'), as(decomposed))).toStrictEqual(
      noGrant,
    )
    expect(judge([folded], reading(`u/${decomposed}/x`, 'folded'), as(decomposed))).toStrictEqual(
      noGrant,
    )
    const plain = toGrant('g', 'u/${sub}/')
    expect(judge([plain], reading(`u/${decomposed}/x`), as(decomposed))).toBe('g')
  })
  test('also where a narrowed token names a key', () => {
    const session = {
      ...alice,
      narrowing: toNarrowing(
        { bucket: 'folded', key: `${decomposed}/x`, allow: ['read'] },
        { bucket: 'folded', prefix: `${composed}/y/`, allow: ['read'] },
        { bucket: 'media', key: `${decomposed}/x`, allow: ['read'] },
      ),
    }
    const grants = [grant, toGrant('m', '')]
    expect(judge(grants, reading(`${composed}/x`, 'folded'), session)).toBe('g')
    expect(judge(grants, reading(`${decomposed}/y/z`, 'folded'), session)).toBe('g')
    expect(judge(grants, reading(`${decomposed}/x`), session)).toBe('m')
    expect(judge(grants, reading(`${composed}/x`), session)).toStrictEqual(noGrant)
  })
})

describe('who', () => {
  test('has another issuer', () => {
    const other = toGrant('g', '', { issuer: 'other' })
    expect(judge([other], reading('a'))).toStrictEqual(noGrant)
    expect(explain([other], reading('a'))).toStrictEqual(['g: other issuer'])
    expect([isHeldBy(other, alice), isHeldBy(own, alice)]).toStrictEqual([false, true])
  })
  const when = new Map([['role', ['member', 'admin', 5, true]]])
  test.for([
    [{ role: 'member' }, true],
    [{ role: 'admin' }, true],
    [{ role: 5 }, true],
    [{ role: true }, true],
    [{ role: ['x', 'admin'] }, true],
    [{ role: '5' }, false],
    [{ role: 'true' }, false],
    [{ role: 'Member' }, false],
    [{ role: [] }, false],
    [{ role: ['x'] }, false],
    [{ role: [['admin']] }, false],
    [{ role: { admin: true } }, false],
    [{ role: null }, false],
    [{}, false],
  ] as const)('has the claims %j: %j', ([claims, isAllowed]) => {
    const grant = toGrant('g', '', { when })
    const session = sessionOf('alice', claims)
    expect(judge([grant], reading('a'), session)).toStrictEqual(isAllowed ? 'g' : noGrant)
    expect(isHeldBy(grant, session)).toBe(isAllowed)
    expect(explain([grant], reading('a'), session)).toStrictEqual([
      isAllowed ? 'g: allows it' : 'g: other when',
    ])
  })
  test('needs every claim', () => {
    const grant = toGrant('g', '', { when: new Map([...when, ['team', ['x']]]) })
    expect(judge([grant], reading('a'), sessionOf('a', { role: 'admin' }))).toStrictEqual(noGrant)
    expect(judge([grant], reading('a'), sessionOf('a', { role: 'admin', team: 'x' }))).toBe('g')
  })
  test('is asked of own claims only', () => {
    const inherited: unknown = Object.prototype.toString
    const grant = toGrant('g', '', { when: new Map([['toString', [String(inherited)]]]) })
    expect(judge([grant], reading('a'))).toStrictEqual(noGrant)
  })
})

describe('what', () => {
  const bounded = toGrant('b', '', { maxBytes: 10, types: ['image/*', 'text/plain'] })
  const optional = toGrant('o', '', { options: new Set(['overwrite']) })
  test.for([
    [uploading('a', { size: 10 }), 'b'],
    [uploading('a', { size: 11 }), { reason: 'over_max_bytes', grant: 'b', maxBytes: 10 }],
    [uploading('a', { type: 'text/plain; charset=utf-8' }), 'b'],
    [uploading('a', { type: 'text/html' }), { reason: 'type_not_granted', grant: 'b' }],
    [
      uploading('a', { type: 'text/html', size: 11 }),
      { reason: 'over_max_bytes', grant: 'b', maxBytes: 10 },
    ],
    [
      uploading('a', { size: 11, options: ['overwrite'] }),
      { reason: 'option_not_granted', grant: 'b' },
    ],
    [{ ...reading('a'), action: 'delete', options: [] } as Operation, noGrant],
  ] as const)('%j', ([operation, expected]) => {
    expect(judge([bounded], operation)).toStrictEqual(expected)
  })
  test('options are asked for one by one', () => {
    expect(judge([optional], uploading('a', { options: ['overwrite'] }))).toBe('o')
    expect(judge([optional], uploading('a', { options: ['overwrite', 'tagging'] }))).toStrictEqual({
      reason: 'option_not_granted',
      grant: 'o',
    })
  })
  test('deleting a version needs its option, deleting does not', () => {
    const deletes = toGrant('d', '', { allow: new Set(['delete']) })
    const remove = (...options: 'versionId-delete'[]): Operation => ({
      action: 'delete',
      bucket: 'media',
      key: toObjectKey('a'),
      options,
    })
    expect(judge([deletes], remove())).toBe('d')
    expect(judge([deletes], remove('versionId-delete'))).toMatchObject({
      reason: 'option_not_granted',
    })
  })
  test.for([
    ['image/png', 'image/png', true],
    ['IMAGE/PNG', 'image/png', true],
    ['image/png;a=b', 'image/png', true],
    ['image/png ; a=b', 'image/png', true],
    ['image/png', 'image/*', true],
    ['Image/PNG', 'image/*', true],
    ['image/png', '*/*', true],
    ['imagex/png', 'image/*', false],
    ['image/pngx', 'image/png', false],
    ['text/plain;image/png', 'image/png', false],
    ['text/plain', 'image/*', false],
    ['image/png', '*', false],
    ['', 'image/png', false],
  ] as const)('%j against %j: %j', ([type, pattern, matches]) => {
    expect(isTypeMatching(type, pattern)).toBe(matches)
  })
})

describe('of several grants', () => {
  const small = toGrant('small', '', { maxBytes: 1 })
  const large = toGrant('large', 'a/', { maxBytes: 100 })
  const plain = toGrant('plain', '', { types: ['text/plain'] })
  test('the first that allows all of it wins, in configured order', () => {
    expect(judge([small, large], uploading('a/x', { size: 1 }))).toBe('small')
    expect(judge([large, small], uploading('a/x', { size: 1 }))).toBe('large')
    expect(judge([small, large], uploading('a/x', { size: 2 }))).toBe('large')
  })
  test('the nearest miss is told', () => {
    const big = uploading('a/x', { size: 1000 })
    const options = uploading('a/x', { size: 1000, options: ['tagging'] })
    const may = toGrant('may', '', { maxBytes: 1, options: new Set(['tagging']) })
    expect(judge([small, plain], big)).toStrictEqual({ reason: 'type_not_granted', grant: 'plain' })
    expect(judge([plain, small], big)).toStrictEqual({ reason: 'type_not_granted', grant: 'plain' })
    expect(judge([small, large], big)).toStrictEqual({
      reason: 'over_max_bytes',
      grant: 'large',
      maxBytes: 100,
    })
    expect(judge([may, plain], options)).toMatchObject({ reason: 'over_max_bytes', grant: 'may' })
    expect(judge([plain, may], options)).toMatchObject({ reason: 'over_max_bytes', grant: 'may' })
    expect(judge([toGrant('x', 'x/'), plain], big)).toMatchObject({ grant: 'plain' })
  })
  test('all that were looked at are explained, ten by name', () => {
    const lists = toGrant('lists', '', { allow: new Set(['list']) })
    const elsewhere = toGrant('claim', '${sub}/')
    const grants = [small, lists, elsewhere, plain, own]
    expect(explain(grants, uploading('x', { size: 2 }))).toStrictEqual([
      'small: over max bytes',
      'lists: other action',
      'claim: other prefix',
      'plain: type not granted',
    ])
    const many = (count: number) => Array.from({ length: count }, (_, at) => toGrant(`g${at}`, ''))
    expect(explain(many(10), reading('x'))).toHaveLength(10)
    expect(explain(many(12), reading('x')).slice(9)).toStrictEqual(['g9: allows it', 'and 2 more'])
  })
  test('those on the way to the key are looked at, in their order', () => {
    const grants = ['', 'a/', 'a/b/', 'a/b/c/', 'a/x/', 'b/', '${sub}/', 'a/${sub}/'].map(
      (prefix) => toGrant(prefix, prefix),
    )
    const { grants: index } = toPolicy(...grants.toReversed())
    const pathsOf = (key: string) => index.candidates('media', key).map(({ path }) => path)
    expect(pathsOf('a/b/c')).toStrictEqual(['a/${sub}/', '${sub}/', 'a/b/', 'a/', ''])
    expect(pathsOf('a/b/')).toStrictEqual(['a/${sub}/', '${sub}/', 'a/b/', 'a/', ''])
    expect(pathsOf('c')).toStrictEqual(['${sub}/', ''])
    expect(pathsOf('')).toStrictEqual(['${sub}/', ''])
    expect(index.candidates('folded', 'a/b/c')).toStrictEqual([])
    expect(index.all).toHaveLength(8)
  })
})

describe('a narrowed token', () => {
  const narrowed = (...entries: readonly Json[]) => ({
    ...alice,
    narrowing: toNarrowing(...entries),
  })
  const one = { bucket: 'media', key: 'users/alice/a', allow: ['read'] }
  test.for([
    [one, 'own'],
    [{ ...one, key: 'users/alice/b' }, noGrant],
    [{ ...one, bucket: 'folded' }, noGrant],
    [{ ...one, allow: ['upload'] }, noGrant],
    [{ bucket: 'media', prefix: 'users/', allow: ['read'] }, 'own'],
    [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read'] }, 'own'],
    [{ bucket: 'media', prefix: '', allow: ['read'] }, 'own'],
    [{ bucket: 'media', prefix: 'users/alice/a/', allow: ['read'] }, noGrant],
    [{ bucket: 'media', prefix: '${missing}/', allow: ['read'] }, noGrant],
  ] as const)('with %j', ([entry, expected]) => {
    expect(judge([own], reading('users/alice/a'), narrowed(entry))).toStrictEqual(expected)
  })
  test('never has more than its grant', () => {
    const all = narrowed({ bucket: 'media', prefix: '', allow: ['read', 'delete'] })
    expect(judge([own], reading('users/bob/a'), all)).toStrictEqual(noGrant)
    expect(judge([], reading('users/alice/a'), all)).toStrictEqual(noGrant)
    expect(explain([own], reading('users/alice/a'), narrowed())).toStrictEqual([
      'own: other narrowed',
    ])
  })
  test('of one key lists nothing', () => {
    const lists = toGrant('g', '', { allow: new Set(['list']) })
    expect(judge([lists], listing('a/'), narrowed({ ...one, allow: ['list'] }))).toStrictEqual(
      noGrant,
    )
  })
  test('has the least of both bounds, and of its types', () => {
    const grant = toGrant('g', '', { maxBytes: 10, types: ['image/*'] })
    const session = narrowed({
      bucket: 'media',
      prefix: '',
      allow: ['upload'],
      max_bytes: 5,
      types: ['image/png', 'text/plain'],
    })
    expect(judge([grant], uploading('a', { size: 5 }), session)).toBe('g')
    expect(judge([grant], uploading('a', { size: 6 }), session)).toMatchObject({ maxBytes: 5 })
    for (const type of ['image/gif', 'text/plain'])
      expect(judge([grant], uploading('a', { type }), session)).toMatchObject({
        reason: 'type_not_granted',
      })
    const permit = decide(toPolicy(grant), session, uploading('a'))
    expect(permit.ok && permit.value.grant).toMatchObject({
      maxBytes: 5,
      allow: new Set(['upload']),
    })
  })
  test('is allowed by any of its entries, and told the first objection', () => {
    const entry = { bucket: 'media', prefix: '', allow: ['upload'] }
    const grant = toGrant('g', '')
    const session = narrowed({ ...entry, max_bytes: 5 }, { ...entry, types: ['text/plain'] })
    expect(judge([grant], uploading('a', { size: 5 }), session)).toBe('g')
    expect(judge([grant], uploading('a', { size: 6, type: 'text/plain' }), session)).toBe('g')
    expect(judge([grant], uploading('a', { size: 6 }), session)).toMatchObject({
      reason: 'over_max_bytes',
    })
  })
})

test('a permit holds who asked, for what, where and by which grant', () => {
  const permit = decide(toPolicy(own), alice, reading('users/alice/x'))
  expect(permit).toMatchObject({
    ok: true,
    value: {
      operation: reading('users/alice/x'),
      bucket: { alias: 'media' },
      grant: own,
      session: alice,
    },
  })
})
