// Prefix templates: which texts are one, and what becomes of one for a session.
import { describe, expect, test } from 'vitest'
import { parsePrefixTemplate, resolvePrefix } from '../../../src/core/policy/prefix.ts'
import type { Json } from '../../../src/core/token/session.ts'
import { sessionOf, toTemplate } from '../../support/policy.ts'

const literal = (text: string) => ({ kind: 'literal', text })
const claim = (name: string) => ({ kind: 'claim', name })

describe('a template', () => {
  test.for([
    ['', [], ''],
    ['a/', [literal('a')], 'a/'],
    ['a/b c/', [literal('a'), literal('b c')], 'a/b c/'],
    ['${sub}/', [claim('sub')], ''],
    ['a/${sub}/b/', [literal('a'), claim('sub'), literal('b')], 'a/'],
    ['a/b/${x}/${y}/', [literal('a'), literal('b'), claim('x'), claim('y')], 'a/b/'],
    ['${https://x.example/team}/', [claim('https://x.example/team')], ''],
    ['{sub}/', [literal('{sub}')], '{sub}/'],
  ] as const)('%j', ([text, segments, head]) => {
    expect(parsePrefixTemplate(text)).toStrictEqual({ ok: true, value: { segments, head } })
  })
  const shape =
    'is neither "" nor segments that each end in "/"; a claim ${…} must be a whole segment'
  test.for([
    ['a', shape],
    ['a/b', shape],
    ['${sub}', shape],
    ['a-${sub}/', shape],
    ['${sub}-a/', shape],
    ['${sub}${x}/', shape],
    ['$sub/', shape],
    ['a/$/', shape],
    ['${sub/', shape],
    ['${a{b}/', shape],
    ['${}/', 'has an empty or malformed ${claim}'],
    ['${a b}/', 'has an empty or malformed ${claim}'],
    ['${ü}/', 'has an empty or malformed ${claim}'],
    [`\${${'a'.repeat(201)}}/`, 'has an empty or malformed ${claim}'],
    ['/', 'is empty'],
    ['a//', 'is empty'],
    ['/a/', 'is empty'],
    ['./', 'holds a "." or ".." segment'],
    ['a/../', 'holds a "." or ".." segment'],
    ['%2e%2E/', 'holds a "." or ".." segment'],
    ['a\\/', 'holds a control character or a backslash'],
    ['a\0/', 'holds a control character or a backslash'],
  ] as const)('%j is none', ([text, error]) => {
    expect(parsePrefixTemplate(text)).toStrictEqual({ ok: false, error })
  })
  test('with a claim of 200 characters', () => {
    expect(parsePrefixTemplate(`\${${'a'.repeat(200)}}/`).ok).toBe(true)
  })
  test('is read from its start, whatever was read before', () => {
    expect(parsePrefixTemplate('a/b').ok).toBe(false)
    expect(parsePrefixTemplate('a/b/')).toMatchObject({ ok: true, value: { head: 'a/b/' } })
  })
})

describe('resolved', () => {
  const of = (text: string, sub: string, claims: { readonly [name: string]: Json } = {}) =>
    resolvePrefix(toTemplate(text), sessionOf(sub, claims), false)
  test('literals and claims, each a whole segment', () => {
    expect(of('', 'alice')).toBe('')
    expect(of('a/b/', 'alice')).toBe('a/b/')
    expect(of('u/${sub}/in/${tenant}/', 'alice', { tenant: 't 1' })).toBe('u/alice/in/t 1/')
  })
  test('sub is the subject, whatever the claim of that name says', () => {
    expect(of('${sub}/', 'alice', { sub: 'bob' })).toBe('alice/')
  })
  test.for([
    [5, '5/'],
    [0, '0/'],
    [-5, '-5/'],
    [2 ** 53 - 1, '9007199254740991/'],
    ['5', '5/'],
    ['...', '.../'],
    ['é', 'é/'],
    [0.5, null],
    [2 ** 53, null],
    ['', null],
    ['.', null],
    ['..', null],
    ['%2e', null],
    ['a/b', null],
    ['/', null],
    ['a\\b', null],
    ['a\n', null],
    ['\ud800', null],
    [true, null],
    [null, null],
    [['a'], null],
    [{ a: 1 }, null],
  ] as const)('a claim of %j gives %j', ([value, prefix]) => {
    expect(of('${c}/', 'alice', { c: value })).toBe(prefix)
    expect(of('a/${c}/', 'alice', { c: value })).toBe(prefix === null ? null : `a/${prefix}`)
  })
  test('a claim that is not there, or is only inherited', () => {
    for (const name of ['missing', 'toString', '__proto__', 'constructor'])
      expect(of(`\${${name}}/`, 'alice')).toBeNull()
  })
  test('a subject that is no segment', () => {
    for (const sub of ['a/b', '..', '.']) expect(of('${sub}/', sub)).toBeNull()
  })
  test('a prefix longer than a key', () => {
    const name = 'a'.repeat(600)
    expect(of('${sub}/', name)).toBe(`${name}/`)
    expect(of('${sub}/${sub}/', name)).toBeNull()
  })
})
