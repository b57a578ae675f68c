// Cookie sessions: the token sealed into a cookie, every check of a token again, and no word of foreign pages.
import { describe, expect, test } from 'vitest'
import { type Problem, claimsOf, createGateway, secretBytes, tokenOf } from '../support/worker.ts'
import { mintHmac } from '../support/mint.ts'

const SESSION = { cookie: '__Host-postern' }
const { request } = createGateway({ SESSION })

async function signIn(token: string): Promise<Response> {
  return request('/v1/session', { method: 'POST', headers: { Authorization: `Bearer ${token}` } })
}

/** `name=value` as a browser sends it back. */
async function cookieOf(token: string): Promise<string> {
  const answer = await signIn(token)
  expect(answer.status).toBe(204)
  return (answer.headers.get('Set-Cookie') ?? '').split(';', 1)[0] ?? ''
}

const sign = (headers: Record<string, string>): Promise<Response> =>
  request('/v1/sign', {
    method: 'POST',
    headers,
    body: JSON.stringify({ bucket: 'media', key: 'users/alice/x', method: 'GET' }),
  })

describe('signing in', () => {
  test('gives a cookie for this host alone, for scripts invisible, as long as the token', async () => {
    const answer = await signIn(await tokenOf('alice'))
    const [pair = '', ...attributes] = (answer.headers.get('Set-Cookie') ?? '').split('; ')
    expect(pair).toMatch(/^__Host-postern=[\w-]+$/)
    const life = Number(attributes.find((text) => text.startsWith('Max-Age='))?.slice(8))
    expect(life).toBeGreaterThan(3500)
    expect(life).toBeLessThanOrEqual(3600)
    expect(attributes.filter((text) => !text.startsWith('Max-Age='))).toEqual([
      'Path=/',
      'Secure',
      'HttpOnly',
      'SameSite=Lax',
    ])
    expect(pair).not.toContain(await tokenOf('alice'))
  })
  test('reads the bearer token alone', async () => {
    const Cookie = await cookieOf(await tokenOf('alice'))
    expect((await request('/v1/session', { method: 'POST', headers: { Cookie } })).status).toBe(401)
    expect((await signIn('x.y.z')).status).toBe(401)
  })
  test('refuses a token that is too long for a cookie', async () => {
    const claims = { ...claimsOf('alice'), x: 'a'.repeat(3500) }
    const long = await mintHmac({ header: { alg: 'HS256' }, claims }, secretBytes)
    expect((await signIn(long)).status).toBe(400)
  })
  test('is not there without SESSION', async () => {
    const bare = createGateway()
    const headers = { Authorization: `Bearer ${await tokenOf('alice')}` }
    for (const method of ['POST', 'DELETE'])
      expect((await bare.request('/v1/session', { method, headers })).status).toBe(404)
    const Cookie = await cookieOf(await tokenOf('alice'))
    expect((await bare.request('/v1/session', { headers: { Cookie } })).status).toBe(401)
  })
})

describe('a cookie session', () => {
  test('downloads by navigation, wherever the link stood', async () => {
    const Cookie = await cookieOf(await tokenOf('alice'))
    for (const site of ['none', 'cross-site', 'same-origin']) {
      const headers = { Cookie, 'Sec-Fetch-Site': site }
      expect((await request('/o/media/users/alice/x', { headers })).status).toBe(302)
    }
    expect((await request('/o/media/users/bob/x', { headers: { Cookie } })).status).toBe(403)
  })
  test.each([
    [{ 'Sec-Fetch-Site': 'same-origin' }, 200],
    [{ Origin: 'https://app.example.com', 'Sec-Fetch-Site': 'same-site' }, 200],
    [{}, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403],
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'none' }, 403],
    [{ Origin: 'null' }, 403],
    [{ Origin: 'https://evil.example' }, 403],
    [{ Origin: 'https://app.example.com.evil.example' }, 403],
    [{ Origin: 'http://app.example.com' }, 403],
  ])('acts for a page with %j: %i', async (headers, status) => {
    const Cookie = await cookieOf(await tokenOf('alice'))
    expect((await sign({ Cookie, ...headers })).status).toBe(status)
  })
  test('is one credential: two cookies, or a token beside it, are refused', async () => {
    const token = await tokenOf('alice')
    const [one, two] = [await cookieOf(token), await cookieOf(await tokenOf('bob'))]
    const rows = [
      { Cookie: `${one}; ${two}` },
      { Cookie: `${one}; ${one}` },
      { Cookie: one, Authorization: `Bearer ${token}` },
    ]
    for (const headers of rows) {
      const answer = await request('/v1/session', { headers })
      expect([answer.status, (await answer.json<Problem>()).code]).toEqual([400, 'invalid_request'])
    }
  })
  test('stands only under its exact name, unchanged', async () => {
    const pair = await cookieOf(await tokenOf('alice'))
    const value = pair.slice(pair.indexOf('=') + 1)
    for (const Cookie of [
      `__host-postern=${value}`,
      `postern=${value}`,
      `x__Host-postern=${value}`,
      `__Host-postern=${value}A`,
      `__Host-postern=${value.slice(1)}`,
      `__Host-postern="${value}"`,
      `__Host-postern=${await tokenOf('alice')}`,
      '__Host-postern=',
    ]) {
      expect((await request('/v1/session', { headers: { Cookie } })).status).toBe(401)
    }
    const among = { Cookie: `a=b;  ${pair}; c=d` }
    expect((await request('/v1/session', { headers: among })).status).toBe(200)
  })
  test('dies with its token', async () => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { ...claimsOf('alice'), exp: now + 2 }
    const token = await mintHmac({ header: { alg: 'HS256' }, claims }, secretBytes)
    const answer = await signIn(token)
    expect(answer.headers.get('Set-Cookie')).toMatch(/Max-Age=[12];/)
  })
})

describe('signing out', () => {
  test('empties the cookie, also of a session that has ended, but not for a foreign page', async () => {
    const end = (headers: Record<string, string>): Promise<Response> =>
      request('/v1/session', { method: 'DELETE', headers })
    const answer = await end({ 'Sec-Fetch-Site': 'same-origin', Cookie: '__Host-postern=old' })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('Set-Cookie')).toMatch(/^__Host-postern=; Path=\/; Max-Age=0; Secure/)
    expect((await end({ 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
  })
})

test.each(['postern', '__Secure-postern', '__Host-', '__Host-a b', '__Host-a;b'])(
  'the cookie name %j is a fault',
  async (cookie) => {
    const answer = await createGateway({ SESSION: { cookie } }).request('/readyz')
    expect(answer.status).toBe(503)
  },
)
