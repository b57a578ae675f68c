// An issuer whose keys cannot be had: tokens are not checked, and nobody is taken for a forger or let in for that.
import { afterEach, expect, test, vi } from 'vitest'
import { mintEs256 } from '../../support/mint.ts'
import { claimsOf, createGateway, ISSUER, BASE, type Problem } from '../../support/worker.ts'

afterEach(() => void vi.restoreAllMocks())

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
if (!('privateKey' in pair)) throw new Error('no pair')
const header = { alg: 'ES256', kid: 'a' }
const token = await mintEs256({ header, claims: claimsOf('alice') }, pair.privateKey)

test.each([
  ['is dead', () => Promise.reject(new Error('connection refused'))],
  ['answers 500', async () => new Response('', { status: 500 })],
  ['answers with a page', async () => new Response('<p>Back soon.', { status: 200 })],
  ['publishes no key', async () => Response.json({ keys: [] })],
])('an issuer that %s, and was never seen: 503, and it is asked once', async (name, answer) => {
  const jwks_url = `https://login.example.com/${encodeURIComponent(name)}`
  const issuer = { issuer: ISSUER, audience: BASE, algorithms: ['ES256'], jwks_url }
  const { request, log } = createGateway({ ISSUERS: [issuer] })
  const asked = vi.spyOn(globalThis, 'fetch').mockImplementation(answer)
  const headers = { Authorization: `Bearer ${token}` }
  for (let times = 0; times < 3; times += 1) {
    const refused = await request('/v1/session', { headers })
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '5'])
    expect((await refused.json<Problem>()).code).toBe('unavailable')
  }
  expect(asked).toHaveBeenCalledTimes(1)
  expect(log.at(-1)).toMatchObject({ status: 503, code: 'unavailable' })
})
