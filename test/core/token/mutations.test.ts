// A valid token with anything changed is never accepted: 100,000 mutations here, more by `npm run fuzz`.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLocalKeySet } from '../../../src/core/token/keys.ts'
import { verifyToken } from '../../../src/core/token/verify.ts'
import { mintHmac } from '../../support/mint.ts'

const RUNS = Number(process.env['MUTATIONS'] ?? 100_000)
/** The same walk each time, unless a longer one is asked for. */
const SEED = process.env['MUTATIONS'] === undefined ? { seed: 20_261_124 } : {}
const NOW_MS = 1_800_000_000_000
const secret = Uint8Array.from(new TextEncoder().encode('a secret of thirty-two bytes or more'))
const keys = await createLocalKeySet({ kind: 'secret', bytes: secret }, ['HS256'])
if (!keys.ok) throw new Error('no keys')
const issuers = new Map([
  [
    'iss',
    {
      issuer: 'iss',
      audiences: ['aud'],
      algorithms: ['HS256'] as const,
      subjectClaim: 'sub',
      leewaySeconds: 30,
      onRevocationError: 'deny' as const,
      keys: keys.value,
    },
  ],
])
const claims = { iss: 'iss', aud: 'aud', sub: 'alice', exp: NOW_MS / 1000 + 60, jti: '1' }
const token = await mintHmac({ header: { alg: 'HS256', typ: 'JWT' }, claims }, secret)
const [head = '', body = '', signature = ''] = token.split('.')

const encode = (text: string): string => Buffer.from(text).toString('base64url')
const character = fc.constantFrom(
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ %\n\0é',
)
const at = fc.nat(token.length)
const part = fc.constantFrom(head, body, signature)
const json = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(fc.nat(text.length), fc.string({ maxLength: 3 }))
    .map(([place, inserted]) => encode(text.slice(0, place) + inserted + text.slice(place + 1)))

const mutation = fc.oneof(
  fc
    .tuple(at, character)
    .map(([place, char]) => token.slice(0, place) + char + token.slice(place + 1)),
  fc.tuple(at, character).map(([place, char]) => token.slice(0, place) + char + token.slice(place)),
  at.map((place) => token.slice(0, place)),
  fc.tuple(at, at).map(([from, to]) => token.slice(0, from) + token.slice(to)),
  fc.tuple(at, fc.nat(7)).map(([place, bit]) => {
    const bytes = Buffer.from(token)
    const target = place % bytes.length
    bytes[target] = (bytes[target] ?? 0) ^ (1 << bit)
    return bytes.toString('latin1')
  }),
  fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.')),
  json('{"alg":"HS256","typ":"JWT"}').map((header) => `${header}.${body}.${signature}`),
  json(JSON.stringify(claims)).map((payload) => `${head}.${payload}.${signature}`),
  fc
    .uint8Array({ minLength: 0, maxLength: 64 })
    .map((bytes) => `${head}.${body}.${Buffer.from(bytes).toString('base64url')}`),
  fc.string({ maxLength: 40 }).map((text) => token + text),
)

test('the token itself is accepted', async () => {
  expect((await verifyToken(token, issuers, NOW_MS)).ok).toBe(true)
})

test(`${RUNS} mutations are not`, { timeout: 24 * 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(mutation, async (text) => {
      fc.pre(text !== token)
      expect((await verifyToken(text, issuers, NOW_MS)).ok).toBe(false)
    }),
    { numRuns: RUNS, ...SEED },
  )
})
