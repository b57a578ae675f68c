// Revoked tokens: by id, by subject and time, through tokens and cookies; and what happens when nobody can know.
import { env } from 'cloudflare:test'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { toCutName, toCutRecord, toRevocationName } from '../../src/core/token/revocation.ts'
import { createGateway, ISSUER, type Problem, SETTINGS, tokenOf } from '../support/worker.ts'

const now = Math.floor(Date.now() / 1000)
/** Each test has subjects of its own: absence is remembered for half a minute. */
let sub: string
beforeEach(() => {
  sub = crypto.randomUUID()
})

async function statusOf(
  claims: Record<string, unknown>,
  gateway = createGateway(),
): Promise<number> {
  const headers = { Authorization: `Bearer ${await tokenOf(sub, claims)}` }
  const answer = await gateway.request('/v1/session', { headers })
  return answer.status
}

describe('a revoked token', () => {
  test('by its id: that one alone, and with the public text of every other fault', async () => {
    await env.POSTERN_KV.put(await toRevocationName(ISSUER, `${sub}-1`), '1')
    const gateway = createGateway()
    const headers = { Authorization: `Bearer ${await tokenOf(sub, { jti: `${sub}-1` })}` }
    const answer = await gateway.request('/v1/session', { headers })
    expect([answer.status, (await answer.json<Problem>()).detail]).toEqual([
      401,
      'The session token is not valid.',
    ])
    expect(gateway.log[0]).toMatchObject({ reason: 'revoked' })
    expect(await statusOf({ jti: `${sub}-2` })).toBe(200)
    expect(await statusOf({})).toBe(200)
  })
  test('by subject: all that were issued up to then, or cannot say when', async () => {
    await env.POSTERN_KV.put(await toCutName(ISSUER, sub), toCutRecord(now - 100))
    expect(await statusOf({ iat: now - 101 })).toBe(401)
    expect(await statusOf({ iat: now - 100 })).toBe(401)
    expect(await statusOf({ iat: now - 99 })).toBe(200)
    expect(await statusOf({ iat: undefined })).toBe(401)
    sub = crypto.randomUUID()
    expect(await statusOf({ iat: now - 101 })).toBe(200)
  })
  test('a record that is no number cuts everything', async () => {
    await env.POSTERN_KV.put(await toCutName(ISSUER, sub), 'soon')
    expect(await statusOf({})).toBe(401)
  })
  test('of another issuer ends nothing here', async () => {
    await env.POSTERN_KV.put(await toCutName('https://other.example', sub), toCutRecord(now))
    expect(await statusOf({ iat: now - 1 })).toBe(200)
  })
  test('though it has been seen and was good: as soon as its record is read', async () => {
    const gateway = createGateway()
    const headers = { Authorization: `Bearer ${await tokenOf(sub, { jti: sub })}` }
    const ask = async () => (await gateway.request('/v1/session', { headers })).status
    expect([await ask(), await ask()]).toEqual([200, 200])
    await env.POSTERN_KV.put(await toRevocationName(ISSUER, sub), '1')
    // Absence is remembered for half a minute.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_001 })
    const status = await ask()
    vi.useRealTimers()
    expect(status).toBe(401)
  })
  test('ends its cookie session too', async () => {
    const SESSION = { cookie: '__Host-postern' }
    const token = await tokenOf(sub, { jti: sub })
    const begun = await createGateway({ SESSION }).request('/v1/session', {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
    })
    const Cookie = (begun.headers.get('Set-Cookie') ?? '').split(';', 1)[0] ?? ''
    await env.POSTERN_KV.put(await toRevocationName(ISSUER, sub), '1')
    const answer = await createGateway({ SESSION }).request('/v1/session', { headers: { Cookie } })
    expect(answer.status).toBe(401)
  })
})

describe('when the records cannot be read', () => {
  const [issuer] = SETTINGS.ISSUERS
  /** A binding is no plain table: those are taken for misspelt variables. */
  const toBinding = (get: () => Promise<unknown>): object =>
    Object.assign(Object.create(null), { get })
  const broken = toBinding(() => Promise.reject(new Error('KV is down')))
  const silent = toBinding(() => new Promise(() => undefined))
  test.each([
    ['deny', broken, 503],
    ['allow', broken, 200],
    ['deny', silent, 503],
    ['allow', silent, 200],
  ])('%s', async (on_revocation_error, kv, status) => {
    const ISSUERS = [{ ...issuer, on_revocation_error }]
    const gateway = createGateway({ ISSUERS, POSTERN_KV: kv, LIMITS: [] })
    expect(await statusOf({ jti: '1' }, gateway)).toBe(status)
  })
  test.each(['rev:', 'cut:'])(
    'a %s record that was read counts, though the other was not',
    async (kind) => {
      const half = Object.assign(Object.create(null), {
        get: (name: string) =>
          name.startsWith(kind) ? Promise.resolve(String(now)) : Promise.reject(new Error('down')),
      })
      const ISSUERS = [{ ...issuer, on_revocation_error: 'allow' }]
      const gateway = createGateway({ ISSUERS, POSTERN_KV: half, LIMITS: [] })
      expect(await statusOf({ jti: sub, iat: now }, gateway)).toBe(401)
    },
  )
  test('the default is to refuse, with a time to come back', async () => {
    const gateway = createGateway({ POSTERN_KV: broken, LIMITS: [] })
    const headers = { Authorization: `Bearer ${await tokenOf(sub)}` }
    const answer = await gateway.request('/v1/session', { headers })
    expect(answer.headers.get('Retry-After')).toBe('5')
    expect(await answer.json()).toMatchObject({ status: 503, code: 'unavailable' })
  })
})
