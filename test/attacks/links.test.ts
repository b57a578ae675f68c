// Attacks on links as tables: tokens that are no link tokens, and names that would lead somewhere else.
import { beforeAll, describe, expect, test } from 'vitest'
import { createLinks, mintLink, BROWSER } from '../support/links.ts'
import { mintHmac } from '../support/mint.ts'
import { BASE, claimsOf, type Problem, secretBytes, tokenOf } from '../support/worker.ts'

const { make, open, request } = createLinks()
const now = Math.floor(Date.now() / 1000)
const outcome = async (answer: Response): Promise<string> =>
  `${answer.status} ${(await answer.json<Problem>()).code}`

describe('link tokens', () => {
  test('a good one opens what its issuer’s grants allow', async () => {
    expect((await open(await mintLink())).status).toBe(302)
    const album = await mintLink({ key: undefined, prefix: 'users/alice/album/' })
    expect((await open(`${album}/a.jpg`)).status).toBe(302)
    expect((await open(`${album}/..%2fb`)).status).toBe(404)
    const listed = await open(
      await mintLink({ key: undefined, keys: ['users/alice/1', 'users/alice/2'] }),
    )
    expect(listed.status).toBe(200)
  })
  const past = { exp: now - 60, iat: now - 600 }
  test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
    ['expired', '410 link_gone', past, {}],
    ['within leeway only', '410 link_gone', { exp: now - 5, iat: now - 600 }, {}],
    ['future nbf', '403 link_denied', { nbf: now + 600 }, {}],
    ['future iat', '403 link_denied', { iat: now + 600, exp: now + 900 }, {}],
    ['no iat', '404 not_found', { iat: undefined }, {}],
    ['no exp', '404 not_found', { exp: undefined }, {}],
    ['older than max_link_life', '410 link_gone', { iat: now - 31 * 86_400 }, {}],
    ['typ of a session', '404 not_found', {}, { typ: 'JWT' }],
    ['no typ', '404 not_found', {}, { typ: undefined }],
    ['typ of a receipt', '404 not_found', {}, { typ: 'postern-receipt+jwt' }],
    ['aud of a session', '404 not_found', { aud: BASE }, {}],
    ['aud of another gateway', '404 not_found', { aud: 'https://other.test/l' }, {}],
    ['aud with a slash', '404 not_found', { aud: `${BASE}/l/` }, {}],
    ['alg none', '404 not_found', {}, { alg: 'none' }],
    ['alg of another family', '404 not_found', {}, { alg: 'RS256' }],
    ['alg of another size', '404 not_found', {}, { alg: 'HS512' }],
    ['a key of its own', '404 not_found', {}, { jwk: { kty: 'oct', k: 'AAAA' } }],
    ['unknown issuer', '404 not_found', { iss: 'https://evil.test' }, {}],
    ['no bucket', '404 not_found', { bucket: undefined }, {}],
    ['no key', '404 not_found', { key: undefined }, {}],
    ['two targets', '404 not_found', { prefix: 'users/alice/' }, {}],
    ['a key with dots', '404 not_found', { key: 'users/alice/../bob/x' }, {}],
    ['an empty list', '404 not_found', { key: undefined, keys: [] }, {}],
    ['a condition of another type', '404 not_found', { maxDownloads: '1' }, {}],
    ['a password, which cannot be minted', '404 not_found', { password: 'open sesame' }, {}],
    ['expiresAt beside exp', '404 not_found', { expiresAt: '2099-01-01T00:00:00Z' }, {}],
    ['another’s key', '403 forbidden', { key: 'users/bob/x' }, {}],
    ['a key that is not shared', '403 forbidden', { key: 'unshared/x' }, {}],
    ['unknown bucket', '403 forbidden', { bucket: 'other' }, {}],
    ['a condition that fails', '403 link_denied', { cidrs: ['192.0.2.0/24'] }, {}],
    ['a malformed network', '403 link_denied', { cidrs: ['192.0.2.0/99'] }, {}],
  ])('%s: %s', async (_, expected, claims, header) => {
    expect(await outcome(await open(await mintLink(claims, header)))).toBe(expected)
  })
  test('tampered in any of its parts, or under another secret', async () => {
    const token = await mintLink()
    for (let at = 0; at < token.length; at += 7) {
      const other = token[at] === 'A' ? 'B' : 'A'
      const tampered = token.slice(0, at) + other + token.slice(at + 1)
      expect([at, (await open(tampered)).status]).toEqual([at, 404])
    }
    const foreign = await mintLink(
      {},
      {},
      new TextEncoder().encode('another secret of 32 bytes or so'),
    )
    expect((await open(foreign)).status).toBe(404)
  })
  test('a session token opens no link, a link token no session', async () => {
    expect(await outcome(await open(await tokenOf('alice')))).toBe('404 not_found')
    const both = { aud: [BASE, `${BASE}/l`], bucket: 'media', key: 'users/alice/x' }
    expect(await outcome(await open(await tokenOf('alice', both)))).toBe('404 not_found')
    for (const token of [await mintLink(), await mintLink({ aud: [BASE, `${BASE}/l`] })]) {
      const answer = await request('/v1/session', { headers: { Authorization: `Bearer ${token}` } })
      expect(await outcome(answer)).toBe('401 invalid_token')
    }
    const claims = { ...claimsOf('alice'), aud: BASE }
    const typed = await mintHmac(
      { header: { alg: 'HS256', typ: 'postern-link+jwt' }, claims },
      secretBytes,
    )
    expect(
      (await request('/v1/session', { headers: { Authorization: `Bearer ${typed}` } })).status,
    ).toBe(401)
  })
})

const ELSEWHERE = [
  '//evil.test',
  '///evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  'https://evil.test',
  'https:evil.test',
  'http:/evil.test',
  '%2f%2fevil.test',
  '%5cevil.test',
  '/%09/evil.test',
  '/%0d%0aLocation:%20//evil.test',
  '..%2f..%2fevil.test',
  '.evil.test',
  '@evil.test',
  '%40evil.test',
  ':80@evil.test',
  ';@evil.test',
  '?next=//evil.test',
  '?url=https://evil.test',
  '?redirect=//evil.test',
  '?file=//evil.test',
  '?file=https://evil.test',
  '?file=1&file=//evil.test',
  '?file=1%0d%0aLocation:%20//evil.test',
  '#//evil.test',
  '/session//evil.test',
  '/session?to=//evil.test',
  '/https://evil.test',
  '/https:%2f%2fevil.test',
  '/%2e%2e/%2e%2e//evil.test',
  '/..;/evil.test',
  '/.%2e/evil.test',
  '/javascript:alert(1)',
  '/data:text/html,x',
  'javascript:alert(1)',
  '/%E3%80%82evil.test',
  '/%00evil.test',
  '/evil.test%00',
  '/%ff',
  '/%c0%af%c0%afevil.test',
  '/\u2044evil.test',
  '/﹨evil.test',
  '?Location=//evil.test',
  '?X-Amz-Expires=604800',
  '?response-content-disposition=inline',
  '?host=evil.test',
  '?bucket=evil',
  '?key=users/bob/x',
  '?versionId=x',
  '?X-Amz-Security-Token=x',
  '/?url=//evil.test',
  '?filename=//evil.test',
  '/%252f%252fevil.test',
  '/..%5c..%5cevil.test',
]

describe('no way leads elsewhere', () => {
  test('the table is long enough', () => expect(ELSEWHERE.length).toBeGreaterThanOrEqual(50))
  let [single, album, locked, stream] = ['', '', '', '']
  beforeAll(async () => {
    single = (await make({ strict: true })).id
    album = (await make({ prefix: 'users/alice/album/' })).id
    const password = 'open sesame'
    stream = (await make({ prefix: 'users/alice/album/', delivery: 'stream', password })).id
    locked = (await make({ keys: ['users/alice/a', 'users/alice/b'], password: 'open sesame' })).id
  })
  test.each(ELSEWHERE)('%s', async (tail) => {
    const post = { method: 'POST', headers: BROWSER, body: 'password=open+sesame' }
    const visits: [string, RequestInit][] = [
      [single, {}],
      [single, { headers: BROWSER }],
      // Without a path it would list the bucket.
      ...(/^\/[^?]/.test(tail) ? [[album, {}] as [string, RequestInit]] : []),
      [locked, post],
      [stream, post],
    ]
    for (const [id, init] of visits) {
      const answer = await open(`${id}${tail}`, init)
      const location = answer.headers.get('Location')
      const own = location?.startsWith(`${BASE}/l/${id}`)
      const bucket = location?.startsWith(
        'https://acme-media.s3.eu-west-1.amazonaws.com/users/alice/',
      )
      expect([tail, location === null || own || bucket]).toEqual([tail, true])
      if (location === null || own) continue
      const query = new URL(location).searchParams
      const names = [...query.keys()].filter((name) => !name.startsWith('X-Amz-'))
      expect(names).toEqual(['response-content-disposition'])
      expect(query.get('response-content-disposition')).toBe('attachment')
      expect(Number(query.get('X-Amz-Expires'))).toBeLessThanOrEqual(60)
    }
  })
})
