// Clocks that are five minutes off: the gateway's own, and that of who signs tokens; what is refused, and that no URL lives too long.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/adapters/clock.ts'
import { bearer, createGateway, tokenOf } from '../../support/worker.ts'

const MINUTES = 60_000
const skewed = (ms: number) =>
  createGateway({}, { clock: { ...systemClock, now: () => Date.now() + ms } })
const PATH = '/o/media/users/alice/x'
const now = Math.floor(Date.now() / 1000)

async function statusOf(skewMs: number, claims: Record<string, unknown>): Promise<number> {
  const headers = { Authorization: `Bearer ${await tokenOf('alice', claims)}` }
  return (await skewed(skewMs).request(PATH, { headers })).status
}

describe.each([
  ['five minutes ahead', 5 * MINUTES],
  ['right', 0],
  ['five minutes behind', -5 * MINUTES],
])('a clock that is %s', (_, skewMs) => {
  const isBehind = skewMs < 0
  test.each([
    // 30 seconds of leeway: a token that was signed just now is of a future that far off.
    ['signed now, for an hour', { iat: now, exp: now + 3600 }, isBehind ? 401 : 302],
    ['signed six minutes ago, for an hour', { iat: now - 360, exp: now + 3600 }, 302],
    ['without iat, for an hour', { iat: undefined, exp: now + 3600 }, 302],
    ['that ends in four minutes', { iat: now - 360, exp: now + 240 }, skewMs > 0 ? 401 : 302],
    ['that ended a minute ago', { iat: now - 3600, exp: now - 60 }, isBehind ? 302 : 401],
    ['that ended six minutes ago', { iat: now - 3600, exp: now - 360 }, 401],
  ])('a token %s', async (_name, claims, status) => {
    expect(await statusOf(skewMs, claims)).toBe(status)
  })

  test('a URL is dated by it, and lives no longer for that', async () => {
    const claims = { iat: now - 360, exp: now + 3600 }
    const headers = { Authorization: `Bearer ${await tokenOf('alice', claims)}` }
    const answer = await skewed(skewMs).request(`${PATH}?expiresIn=300`, { headers })
    const { searchParams } = new URL(answer.headers.get('Location') ?? '')
    const [, ...date] =
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? []
    const [year = 0, month = 0, ...rest] = date.map(Number)
    const offMs = Date.UTC(year, month - 1, ...rest) - (Date.now() + skewMs)
    expect(offMs).toBeLessThanOrEqual(0)
    expect(offMs).toBeGreaterThan(-MINUTES)
    expect(searchParams.get('X-Amz-Expires')).toBe('300')
  })
})

test('an issuer whose clock is five minutes ahead is refused, and nobody else', async () => {
  const { request, log } = skewed(0)
  const token = await tokenOf('alice', { iat: now + 300, exp: now + 3900 })
  const headers = { Authorization: `Bearer ${token}` }
  expect((await request(PATH, { headers })).status).toBe(401)
  expect(log.at(-1)).toMatchObject({ code: 'invalid_token', reason: 'not yet valid' })
  expect((await request(PATH, { headers: await bearer() })).status).toBe(302)
})
