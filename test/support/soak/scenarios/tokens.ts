// Scenarios of tokens: those that are none, and those that were ended before their time.
import { toCutName, toCutRecord, toRevocationName } from '../../../../src/core/token/revocation.ts'
import { FOREIGN_SECRET, ISSUER, mint, SESSION_SECRET, type Stage } from '../stage.ts'

type Route = readonly [method: string, target: string]
const REFUSED = { status: 401, code: 'invalid_token', needs: [] } as const

/** Nothing that is broken lets one of them in, or makes another answer of it. */
export async function badTokens(stage: Stage): Promise<void> {
  const { subject, token, chance } = stage
  const now = Math.floor(Date.now() / 1000)
  const [head = '', claims = '', signature = ''] = token.split('.')
  const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
  const bad: readonly (string | null)[] = [
    null,
    'nothing',
    `${head}.${claims}.`,
    `${head}.${claims}.${flipped}`,
    `${head}.${claims.slice(0, -2)}.${signature}`,
    await mint(subject, {}, FOREIGN_SECRET),
    await mint(subject, {}, SESSION_SECRET, { alg: 'none' }),
    await mint(subject, {}, SESSION_SECRET, { alg: 'HS512' }),
    await mint(subject, {}, SESSION_SECRET, { alg: 'HS256', crit: ['b64'] }),
    await mint(subject, { aud: 'https://other.test' }),
    await mint(subject, { iss: 'https://other.test' }),
    await mint(subject, { exp: now - 60 }),
    await mint(subject, { nbf: now + 3000 }),
    await mint(subject, { iat: now + 3000 }),
    await mint(subject, { exp: undefined }),
    await mint(subject, { sub: undefined }),
  ]
  const routes: readonly [Route, ...Route[]] = [
    ['GET', `/o/media/users/${subject}/a.txt`],
    ['GET', '/v1/session'],
    ['GET', `/v1/objects?bucket=media&prefix=users/${subject}/`],
    ['POST', '/v1/sign'],
    ['POST', '/v1/uploads'],
    ['POST', '/v1/links'],
    ['DELETE', `/v1/objects/media/users/${subject}/a.txt`],
  ]
  for (const other of bad) {
    const [method, target] = chance.pick(routes)
    const options = { token: other, ...(method === 'POST' && { body: {} }) }
    await stage.ask(method, target, REFUSED, options)
  }
  const twice = { status: 400, code: 'invalid_request', needs: [] }
  await stage.ask('GET', '/v1/session', twice, { headers: { Cookie: '__Host-postern=a' } })
}

/** Revoked before it is seen for the first time: absence is remembered for half a minute. */
export async function revoked(stage: Stage): Promise<void> {
  const { subject, sides } = stage
  const now = Math.floor(Date.now() / 1000)
  const side = 'a' as const
  const path = `/o/media/users/${subject}/a.txt`
  const ended = { ...REFUSED, needs: ['kv'] } as const
  const fine = { status: 302, needs: ['kv'] } as const
  await sides.a.putKv(await toRevocationName(ISSUER, `${subject}-1`), '1')
  await sides.a.putKv(await toCutName(ISSUER, `${subject}-cut`), toCutRecord(now - 5))
  const tokens = [
    [subject, { jti: `${subject}-1` }, ended],
    [subject, { jti: `${subject}-2` }, fine],
    [subject, {}, fine],
    [`${subject}-cut`, { iat: now - 6 }, ended],
    [`${subject}-cut`, { iat: now - 5 }, ended],
    [`${subject}-cut`, { iat: undefined }, ended],
    [`${subject}-cut`, { iat: now - 4 }, fine],
  ] as const
  for (let round = 0; round < 2; round += 1)
    for (const [who, claims, want] of tokens) {
      const token = await mint(who, claims)
      await stage.ask('GET', path.replace(subject, who), want, { side, token })
    }
}
