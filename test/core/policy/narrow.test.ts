// The claim `postern`: what it may hold, and what it leaves of a grant.
import { describe, expect, test } from 'vitest'
import { narrowGrant, parseNarrowing } from '../../../src/core/policy/narrow.ts'
import type { Json } from '../../../src/core/token/session.ts'
import { toGrant, toNarrowing } from '../../support/policy.ts'

const entry = { bucket: 'media', prefix: 'a/', allow: ['read'] }
const only = (change: object) => toNarrowing({ ...entry, ...change })[0]

describe('an entry', () => {
  test('has what it mentions and nothing else', () => {
    expect(toNarrowing(entry)).toStrictEqual([
      {
        bucket: 'media',
        covers: {
          kind: 'prefix',
          template: { segments: [{ kind: 'literal', text: 'a' }], head: 'a/' },
        },
        allow: new Set(['read']),
      },
    ])
    expect(
      toNarrowing({
        bucket: 'media',
        key: 'a/b',
        allow: ['read', 'delete'],
        max_bytes: '1KB',
        types: ['image/*'],
        max_expires: '10m',
        inline: ['image/png'],
        options: ['overwrite'],
      }),
    ).toStrictEqual([
      {
        bucket: 'media',
        covers: { kind: 'key', key: 'a/b' },
        allow: new Set(['read', 'delete']),
        maxBytes: 1000,
        types: ['image/*'],
        maxExpiresSeconds: 600,
        inline: new Set(['image/png']),
        options: new Set(['overwrite']),
      },
    ])
  })
  test('of nothing narrows to nothing', () => {
    expect([only({ max_bytes: 0 })?.maxBytes, only({ types: [] })?.types]).toStrictEqual([0, []])
    expect([only({ inline: [] })?.inline, only({ options: [] })?.options]).toStrictEqual([
      new Set(),
      new Set(),
    ])
    expect(toNarrowing()).toStrictEqual([])
  })
  test('may be for the whole bucket', () => {
    expect(only({ prefix: '' })?.covers).toStrictEqual({
      kind: 'prefix',
      template: { segments: [], head: '' },
    })
  })
  test('with a type of 255 characters, and no more', () => {
    expect(only({ types: ['a'.repeat(255)] })?.types).toHaveLength(1)
    for (const name of ['types', 'inline'])
      expect(parseNarrowing({ grants: [{ ...entry, [name]: ['a'.repeat(256)] }] }).ok).toBe(false)
  })
})

describe('refused', () => {
  const refused = { ok: false, error: null }
  test.for<Json>([null, 5, 'x', [], {}, { grants: null }, { grants: {} }, { grants: [], x: 1 }])(
    'the claim %j',
    (claim) => {
      expect(parseNarrowing(claim)).toStrictEqual(refused)
    },
  )
  test.for<{ [name: string]: Json }>([
    { bucket: 5 },
    { prefix: 'a' },
    { prefix: '../' },
    { prefix: null },
    { prefix: 'a/', key: 'a/b' },
    { allow: [] },
    { allow: ['all'] },
    { allow: 'read' },
    { max_bytes: -1 },
    { max_bytes: 0.5 },
    { max_bytes: '5XB' },
    { max_expires: 0 },
    { max_expires: '1y' },
    { types: 'image/png' },
    { types: [5] },
    { inline: 'x' },
    { options: ['all'] },
    { unknown: 1 },
    { when: {} },
    { issuer: 'x' },
    { max_link_life: '1d' },
  ])('an entry with %j', (change) => {
    expect(parseNarrowing({ grants: [{ ...entry, ...change }] })).toStrictEqual(refused)
    // One bad entry spoils the claim: it must not mean that less is narrowed.
    expect(parseNarrowing({ grants: [entry, { ...entry, ...change }] })).toStrictEqual(refused)
  })
  test.for<{ [name: string]: Json }>([
    { bucket: 'media', allow: ['read'] },
    { prefix: 'a/', allow: ['read'] },
    { bucket: 'media', prefix: 'a/' },
    { bucket: 'media', key: '', allow: ['read'] },
    { bucket: 'media', key: 'a/../b', allow: ['read'] },
    { bucket: 'media', key: 'a/', allow: ['read'] },
  ])('the entry %j', (grants) => {
    expect(parseNarrowing({ grants: [grants] })).toStrictEqual(refused)
  })
})

describe('a grant', () => {
  const wide = toGrant('g', '', {
    allow: new Set(['read', 'upload', 'delete']),
    maxBytes: 100,
    maxExpiresSeconds: 60,
    inline: new Set(['image/png', 'image/gif']),
    options: new Set(['overwrite']),
  })
  const left = (change: object, grant = wide) => {
    const by = only(change)
    if (by === undefined) throw new Error('refused')
    return narrowGrant(grant, by)
  }
  test('keeps what the entry does not mention, but for its actions', () => {
    expect(left({ allow: ['read', 'upload', 'delete', 'list'] })).toStrictEqual(wide)
    expect(left({ allow: ['read', 'list'] })).toStrictEqual({ ...wide, allow: new Set(['read']) })
    const { maxBytes: _none, ...boundless } = wide
    expect(left({ allow: ['read', 'upload', 'delete'] }, boundless)).toStrictEqual(boundless)
  })
  test.for([
    [{ max_bytes: 99 }, { maxBytes: 99 }],
    [{ max_bytes: 101 }, { maxBytes: 100 }],
    [{ max_bytes: 0 }, { maxBytes: 0 }],
    [{ max_expires: 59 }, { maxExpiresSeconds: 59 }],
    [{ max_expires: 61 }, { maxExpiresSeconds: 60 }],
    [{ inline: ['image/png', 'text/html'] }, { inline: new Set(['image/png']) }],
    [{ inline: [] }, { inline: new Set() }],
    [{ options: ['tagging'] }, { options: new Set() }],
    [{ options: ['overwrite', 'tagging'] }, { options: new Set(['overwrite']) }],
  ] as const)('under %j has %j', ([change, bound]) => {
    expect(left(change)).toMatchObject(bound)
  })
  test('without a bound gets that of the entry', () => {
    const { maxBytes: _none, ...boundless } = wide
    expect(left({ max_bytes: 5 }, boundless).maxBytes).toBe(5)
  })
})
