// Attacks on the token: every row gets the same 401, and nothing is signed.
import { describe, expect, test } from 'vitest'
import { toBase64Url } from '../../src/core/base64url.ts'
import { mintEs256, mintHmac, toSigningInput } from '../support/mint.ts'
import {
  claimsOf,
  createGateway,
  ISSUER,
  type Problem,
  secretBytes,
  tokenOf,
} from '../support/worker.ts'

const { request } = createGateway()
const now = Math.floor(Date.now() / 1000)
const good = () => claimsOf('alice')
const hs = (claims: unknown, header: unknown = { alg: 'HS256' }) =>
  mintHmac({ header, claims }, secretBytes)

const ROWS: readonly (readonly [string, () => Promise<string> | string])[] = [
  ['alg none', () => `${toSigningInput({ header: { alg: 'none' }, claims: good() })}.`],
  ['alg none with a signature', () => hs(good(), { alg: 'none' })],
  ['alg None', () => hs(good(), { alg: 'None' })],
  ['no alg', () => hs(good(), {})],
  ['alg as a list', () => hs(good(), { alg: ['HS256'] })],
  [
    'HS384 where HS256 is listed',
    () => mintHmac({ header: { alg: 'HS384' }, claims: good() }, secretBytes, 384),
  ],
  ['RS256 header over an HMAC', () => hs(good(), { alg: 'RS256' })],
  [
    'another secret',
    () => mintHmac({ header: { alg: 'HS256' }, claims: good() }, new Uint8Array(32)),
  ],
  ['an empty signature', async () => (await tokenOf('alice')).replace(/[^.]+$/, '')],
  ['padding on the signature', async () => `${await tokenOf('alice')}=`],
  ['padding on the payload', async () => (await tokenOf('alice')).replace(/\.([^.]+)\./, '.$1=.')],
  ['a fourth part', async () => `${await tokenOf('alice')}.x`],
  ['two parts', async () => (await tokenOf('alice')).replace(/\.[^.]+$/, '')],
  ['crit', () => hs(good(), { alg: 'HS256', crit: ['exp'] })],
  ['b64 false', () => hs(good(), { alg: 'HS256', b64: false })],
  ['an embedded jwk', () => hs(good(), { alg: 'HS256', jwk: { kty: 'oct', k: 'AA' } })],
  ['jku', () => hs(good(), { alg: 'HS256', jku: 'https://evil.example/keys' })],
  ['x5c', () => hs(good(), { alg: 'HS256', x5c: ['AA'] })],
  ['zip', () => hs(good(), { alg: 'HS256', zip: 'DEF' })],
  ['cty', () => hs(good(), { alg: 'HS256', cty: 'JWT' })],
  ['kid as a number', () => hs(good(), { alg: 'HS256', kid: 1 })],
  ['a link token', () => hs(good(), { alg: 'HS256', typ: 'postern-link+jwt' })],
  ['typ at+jwt unasked', () => hs(good(), { alg: 'HS256', typ: 'at+jwt' })],
  ['a duplicate alg', () => hs(good(), '{"alg":"none","alg":"HS256"}')],
  ['a duplicate sub', () => hs(JSON.stringify(good()).replace('{', '{"sub":"bob",'))],
  ['an escaped duplicate', () => hs(JSON.stringify(good()).replace('{', '{"\\u0073ub":"bob",'))],
  ['__proto__', () => hs(JSON.stringify(good()).replace('{', '{"__proto__":{"sub":"bob"},'))],
  ['expired', () => hs({ ...good(), exp: now - 60 })],
  ['no exp', () => hs({ ...good(), exp: undefined })],
  ['exp as text', () => hs({ ...good(), exp: String(now + 100) })],
  ['exp beyond time', () => hs({ ...good(), exp: 253_402_300_800 })],
  ['exp 1e999', () => hs(JSON.stringify({ ...good(), exp: 1 }).replace('"exp":1', '"exp":1e999'))],
  ['nbf in the future', () => hs({ ...good(), nbf: now + 300 })],
  ['iat in the future', () => hs({ ...good(), iat: now + 300 })],
  ['nbf null', () => hs({ ...good(), nbf: null })],
  ['wrong aud', () => hs({ ...good(), aud: 'https://other.example' })],
  ['no aud', () => hs({ ...good(), aud: undefined })],
  ['aud with a number', () => hs({ ...good(), aud: [1, 'https://files.example.com'] })],
  ['aud with a slash more', () => hs({ ...good(), aud: 'https://files.example.com/' })],
  ['wrong iss', () => hs({ ...good(), iss: 'https://evil.example' })],
  ['iss of a prototype', () => hs({ ...good(), iss: 'constructor' })],
  ['iss with a slash more', () => hs({ ...good(), iss: `${ISSUER}/` })],
  ['no sub', () => hs({ ...good(), sub: undefined })],
  ['an empty sub', () => hs({ ...good(), sub: '' })],
  ['sub as a number', () => hs({ ...good(), sub: 7 })],
  ['sub with a newline', () => hs({ ...good(), sub: 'alice\n' })],
  ['jti as a number', () => hs({ ...good(), jti: 7 })],
  ['a list as payload', () => hs('[1]')],
  ['not JSON', () => hs('{"sub":')],
  [
    'not UTF-8',
    () => `${toBase64Url(Uint8Array.of(0xff))}.${toBase64Url(Uint8Array.of(0xfe))}.AAAA`,
  ],
  ['9000 characters', () => hs({ ...good(), x: 'a'.repeat(9000) })],
]

async function expectRefused(authorization: string): Promise<void> {
  const answer = await request('/o/media/users/alice/x', {
    headers: { Authorization: authorization },
  })
  const problem = await answer.json<Problem>()
  expect([answer.status, problem.code, problem.detail]).toEqual([
    401,
    'invalid_token',
    'The session token is not valid.',
  ])
  expect(answer.headers.get('WWW-Authenticate')).toBe('Bearer error="invalid_token"')
  expect(answer.headers.get('Location')).toBeNull()
}

describe('tokens', () => {
  test('the good one is let in', async () => {
    const answer = await request('/o/media/users/alice/x', {
      headers: { Authorization: `Bearer ${await tokenOf('alice')}` },
    })
    expect(answer.status).toBe(302)
  })
  test.each(ROWS)('%s', async (_name, make) => expectRefused(`Bearer ${await make()}`))
  test.each(['Basic YTpi', 'Bearer', 'Bearer ', 'Bearer  x', 'Bearer a b', 'Token x'])(
    'scheme: %s',
    expectRefused,
  )

  test('ES256: a zero signature and a foreign key', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const [ours, theirs] = await Promise.all(
      [1, 2].map(
        () =>
          crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>,
      ),
    )
    if (ours === undefined || theirs === undefined) throw new Error('no keys')
    const jwk = await crypto.subtle.exportKey('jwk', ours.publicKey)
    const jwks = {
      keys: [{ kty: 'EC', crv: 'P-256', x: Reflect.get(jwk, 'x'), y: Reflect.get(jwk, 'y') }],
    }
    const es = createGateway({
      ISSUERS: [
        { issuer: ISSUER, audience: 'https://files.example.com', algorithms: ['ES256'], jwks },
      ],
    })
    const parts = { header: { alg: 'ES256' }, claims: good() }
    const statusOf = async (token: string) =>
      (
        await es.request('/o/media/users/alice/x', {
          headers: { Authorization: `Bearer ${token}` },
        })
      ).status
    expect(await statusOf(await mintEs256(parts, ours.privateKey))).toBe(302)
    expect(await statusOf(await mintEs256(parts, theirs.privateKey))).toBe(401)
    expect(await statusOf(`${toSigningInput(parts)}.${toBase64Url(new Uint8Array(64))}`)).toBe(401)
    // The public key's text as an HMAC secret: the classic confusion.
    const text = new TextEncoder().encode(JSON.stringify(jwk))
    expect(await statusOf(await mintHmac({ header: { alg: 'HS256' }, claims: good() }, text))).toBe(
      401,
    )
  })
})

describe('transport', () => {
  test('a token in the query is not read', async () => {
    const answer = await request(`/v1/session?access_token=${await tokenOf('alice')}`)
    expect([answer.status, answer.headers.get('WWW-Authenticate')]).toEqual([401, 'Bearer'])
  })
  test('two credentials', async () => {
    const token = await tokenOf('alice')
    const answer = await request('/v1/session', {
      headers: { Authorization: `Bearer ${token}, Bearer ${token}` },
    })
    expect(answer.status).toBe(400)
  })
})
