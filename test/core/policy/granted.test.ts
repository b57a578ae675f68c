// What a session is shown of its grants: held ones, prefixes resolved, less what a narrowed token gives up.
import { describe, expect, test } from 'vitest'
import { listGranted } from '../../../src/core/policy/granted.ts'
import type { Grant } from '../../../src/core/policy/grant.ts'
import type { Json } from '../../../src/core/token/session.ts'
import { sessionOf, toGrant, toNarrowing, toPolicy } from '../../support/policy.ts'

const alice = sessionOf('alice', { role: 'member' })
const list = (grants: readonly Grant[], session = alice) =>
  listGranted(toPolicy(...grants), session)
const narrowed = (...entries: readonly Json[]) => ({ ...alice, narrowing: toNarrowing(...entries) })

describe('shown', () => {
  test('with its bounds where it has any', () => {
    const bounded = toGrant('b', 'in/', { maxBytes: 5, types: ['image/*'] })
    const verify = { part: 'crc64nvme', put: 'crc64nvme' }
    expect(list([toGrant('a', 'users/${sub}/'), bounded])).toStrictEqual([
      { bucket: 'media', prefix: 'users/alice/', allow: ['read', 'upload'], verify },
      {
        bucket: 'media',
        prefix: 'in/',
        allow: ['read', 'upload'],
        maxBytes: 5,
        types: ['image/*'],
        verify,
      },
    ])
  })
  test('in the form that its store keeps', () => {
    const [composed, decomposed] = ['\u00e9/', 'e\u0301/']
    expect(list([toGrant('a', decomposed, { bucket: 'folded' })])).toMatchObject([
      { prefix: composed },
    ])
    expect(list([toGrant('a', decomposed)])).toMatchObject([{ prefix: decomposed }])
  })
  test('is nothing where a claim is in a form that its store does not keep', () => {
    const grant = toGrant('a', '${sub}/', { bucket: 'folded' })
    expect(list([grant], sessionOf('e\u0301'))).toStrictEqual([])
    expect(list([grant], sessionOf('\u00e9'))).toHaveLength(1)
  })
  test('is not what is of others, of no bucket, or has no prefix', () => {
    expect(
      list([
        toGrant('a', '', { issuer: 'other' }),
        toGrant('b', '', { when: new Map([['role', ['admin']]]) }),
        toGrant('c', '', { bucket: 'off' }),
        toGrant('d', '', { bucket: 'missing' }),
        toGrant('e', '${missing}/'),
      ]),
    ).toStrictEqual([])
    expect(list([toGrant('b', '', { when: new Map([['role', ['member']]]) })])).toHaveLength(1)
  })
})

describe('of a narrowed token', () => {
  const own = toGrant('g', 'users/alice/', { maxBytes: 10 })
  const shownBy = (entry: Json) => list([own], narrowed(entry))
  test.for([
    [{ prefix: '' }, 'users/alice/'],
    [{ prefix: 'users/' }, 'users/alice/'],
    [{ prefix: 'users/${sub}/' }, 'users/alice/'],
    [{ prefix: 'users/alice/x/' }, 'users/alice/x/'],
    [{ prefix: 'users/bob/' }, null],
    [{ prefix: '${missing}/' }, null],
    [{ key: 'users/alice/x' }, 'users/alice/x'],
    [{ key: 'users/bob/x' }, null],
    [{ key: 'users' }, null],
    [{ key: 'users/alice' }, null],
  ] as const)('%j', ([covers, prefix]) => {
    const shown = shownBy({ bucket: 'media', ...covers, allow: ['read', 'delete'] })
    expect(shown).toStrictEqual(
      prefix === null ? [] : [{ bucket: 'media', prefix, allow: ['read'], maxBytes: 10 }],
    )
  })
  test('another bucket, or other actions, leave nothing', () => {
    expect(shownBy({ bucket: 'folded', prefix: '', allow: ['read'] })).toStrictEqual([])
    expect(shownBy({ bucket: 'media', prefix: '', allow: ['delete'] })).toStrictEqual([])
    expect(list([own], narrowed())).toStrictEqual([])
  })
  test('each entry by itself, under the least of the bounds', () => {
    const entry = { bucket: 'media', prefix: '', allow: ['upload'] }
    expect(
      list([own], narrowed({ ...entry, max_bytes: 5 }, { ...entry, max_bytes: 50 })),
    ).toMatchObject([{ maxBytes: 5 }, { maxBytes: 10 }])
  })
  test('types that both name', () => {
    const typesOf = (grant: readonly string[] | undefined, token: readonly string[] | undefined) =>
      list(
        [toGrant('g', '', grant && { types: grant })],
        narrowed({
          bucket: 'media',
          prefix: '',
          allow: ['upload'],
          ...(token && { types: token }),
        }),
      )[0]?.types
    expect(typesOf(undefined, undefined)).toBeUndefined()
    expect(typesOf(['image/*'], undefined)).toStrictEqual(['image/*'])
    expect(typesOf(undefined, ['image/png'])).toStrictEqual(['image/png'])
    expect(typesOf(['image/*', 'text/plain'], ['image/png', 'text/*', 'a/b'])).toStrictEqual([
      'text/plain',
      'image/png',
    ])
    expect(typesOf(['*/*'], ['image/*'])).toStrictEqual(['image/*'])
    expect(typesOf(['image/*'], ['image/*'])).toStrictEqual(['image/*'])
    expect(typesOf(['image/*'], ['a/b'])).toStrictEqual([])
  })
  test('in the form that its store keeps, however the token writes it', () => {
    const [composed, decomposed] = ['\u00e9/', 'e\u0301/']
    const grant = toGrant('g', composed, { bucket: 'folded' })
    const shown = list([grant], narrowed({ bucket: 'folded', prefix: decomposed, allow: ['read'] }))
    expect(shown).toMatchObject([{ prefix: composed }])
    const one = narrowed({ bucket: 'folded', key: `${decomposed}x`, allow: ['read'] })
    expect(list([grant], one)).toMatchObject([{ prefix: `${composed}x` }])
  })
})
