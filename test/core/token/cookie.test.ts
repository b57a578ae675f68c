// Session cookies: attributes, length, whose seal opens them, and which requests a browser may make by them.
import { describe, expect, test } from 'vitest'
import { createSealingKey, seal } from '../../../src/core/seal.ts'
import {
  isCookieRequestAllowed,
  openSessionCookie,
  toClearedCookie,
  toSessionCookie,
} from '../../../src/core/token/cookie.ts'

const NAME = '__Host-postern'
const old = await createSealingKey(new Uint8Array(32).fill(1))
const fresh = await createSealingKey(new Uint8Array(32).fill(2))
const nonce = new Uint8Array(12).fill(3)
const sealedOf = (cookie: string | null): string => /=([^;]*);/.exec(cookie ?? '')?.[1] ?? ''

describe('the cookie', () => {
  test('holds the token, sealed, for as long as it is told', async () => {
    const cookie = await toSessionCookie([old], NAME, 'a.b.c', 60, nonce)
    expect(cookie).toMatch(
      /^__Host-postern=[\w-]+; Path=\/; Max-Age=60; Secure; HttpOnly; SameSite=Lax$/,
    )
    expect(cookie).not.toContain('a.b.c')
    expect(await openSessionCookie([old], sealedOf(cookie))).toBe('a.b.c')
  })
  test('outlives a rotation of the key, and no more than that', async () => {
    const sealed = sealedOf(await toSessionCookie([old], NAME, 'a.b.c', 60, nonce))
    expect(await openSessionCookie([fresh, old], sealed)).toBe('a.b.c')
    expect(await openSessionCookie([fresh], sealed)).toBeNull()
  })
  test('opens for nothing but what was sealed as a cookie', async () => {
    const bytes = new TextEncoder().encode('a.b.c')
    const ticket = await seal([old], 'upload-ticket', bytes, nonce)
    for (const text of ['', 'a.b.c', ticket, ticket.slice(1)])
      expect(await openSessionCookie([old], text)).toBeNull()
  })
  test('of over 4000 bytes is none', async () => {
    const lengthOf = async (length: number) =>
      (await toSessionCookie([old], NAME, 'x'.repeat(length), 60, nonce))?.length ?? null
    let longest = 2900
    while ((await lengthOf(longest + 1)) !== null) longest += 1
    expect(await lengthOf(longest)).toBeGreaterThan(3998)
    expect(await lengthOf(longest)).toBeLessThanOrEqual(4000)
  })
  test('of exactly 4000 bytes is kept', async () => {
    // The life's digits make up what base64url leaves open.
    const cookies = await Promise.all(
      [1, 10, 100, 1000].map((life) => toSessionCookie([old], NAME, 'x'.repeat(2888), life, nonce)),
    )
    const start = cookies[0]?.length ?? 0
    const pad = 'x'.repeat(2888 + Math.floor(((4000 - start) * 3) / 4))
    const lengths = await Promise.all(
      [1, 10, 100, 1000, 10_000].map(
        async (life) => (await toSessionCookie([old], NAME, pad, life, nonce))?.length,
      ),
    )
    expect(lengths).toContain(4000)
    expect(lengths).toContain(undefined)
  })
  test('is cleared by the same attributes', () => {
    expect(toClearedCookie(NAME)).toBe(
      '__Host-postern=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax',
    )
  })
})

describe('a request by cookie', () => {
  const origins = new Set(['https://app.example'])
  test.for(['GET', 'HEAD', 'OPTIONS'])('%s may come from anywhere', (method) => {
    expect(isCookieRequestAllowed(method, 'cross-site', 'https://evil.example', origins)).toBe(true)
    expect(isCookieRequestAllowed(method, undefined, undefined, origins)).toBe(true)
  })
  test.for([
    ['same-origin', undefined, true],
    ['same-origin', 'https://evil.example', true],
    ['cross-site', 'https://app.example', true],
    [undefined, 'https://app.example', true],
    [undefined, undefined, false],
    ['same-site', undefined, false],
    ['none', undefined, false],
    ['cross-site', undefined, false],
    ['cross-site', 'https://evil.example', false],
    ['same-site', 'null', false],
    ['Same-Origin', undefined, false],
    [undefined, 'https://app.example/', false],
    [undefined, 'https://APP.example', false],
    ['', '', false],
  ] as const)('unsafe, Sec-Fetch-Site %j, Origin %j: %j', ([site, origin, allowed]) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'get'])
      expect(isCookieRequestAllowed(method, site, origin, origins)).toBe(allowed)
  })
})
