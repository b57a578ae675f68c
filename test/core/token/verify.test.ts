// The gate as a whole: issuers from a fixed map, headers before keys, keys before claims, and which fault is told of each.
import { describe, expect, test } from 'vitest'
import type { Issuer } from '../../../src/core/token/issuer.ts'
import { createLocalKeySet } from '../../../src/core/token/keys.ts'
import { verifyToken } from '../../../src/core/token/verify.ts'
import { mintHmac } from '../../support/mint.ts'

const NOW = 1_800_000_000
const toBytes = (text: string) => Uint8Array.from(new TextEncoder().encode(text))
const ours = toBytes('a secret of thirty-two bytes or more')
const theirs = toBytes('another secret of thirty-two bytes!!')

async function toIssuer(name: string, secret: Uint8Array<ArrayBuffer>): Promise<Issuer> {
  const keys = await createLocalKeySet({ kind: 'secret', bytes: secret }, ['HS256'])
  if (!keys.ok) throw new Error('refused')
  return {
    issuer: name,
    audiences: ['aud'],
    algorithms: ['HS256'],
    subjectClaim: 'sub',
    leewaySeconds: 0,
    onRevocationError: 'deny',
    keys: keys.value,
  }
}

const issuers = new Map([
  ['ours', await toIssuer('ours', ours)],
  ['theirs', await toIssuer('theirs', theirs)],
])

interface Change {
  readonly header?: object
  readonly claims?: object
  readonly secret?: Uint8Array
  readonly nowMs?: number
}

/** Why the token is refused, or the subject that it is of. */
async function judge(
  { header = {}, claims = {}, secret = ours, nowMs = NOW * 1000 }: Change,
  known: ReadonlyMap<string, Issuer> = issuers,
): Promise<unknown> {
  const token = await mintHmac(
    {
      header: { alg: 'HS256', ...header },
      claims: { iss: 'ours', aud: 'aud', sub: 'alice', exp: NOW + 60, ...claims },
    },
    secret,
  )
  const session = await verifyToken(token, known, nowMs)
  return session.ok ? session.value.subject : session.error
}

describe('the issuer', () => {
  test('brings its own keys, and only those', async () => {
    expect(await judge({})).toBe('alice')
    expect(await judge({ claims: { iss: 'theirs' }, secret: theirs })).toBe('alice')
    expect(await judge({ secret: theirs })).toStrictEqual({ reason: 'signature' })
    expect(await judge({ claims: { iss: 'theirs' } })).toStrictEqual({ reason: 'signature' })
  })
  test.for([undefined, null, 5, '', 'Ours', 'ours/', ['ours'], { ours: 1 }, 'toString'])(
    'iss %j is unknown',
    async (iss) => {
      expect(await judge({ claims: { iss } })).toStrictEqual({ reason: 'unknown_issuer' })
    },
  )
})

test('a token that is no token is refused before its issuer is looked at', async () => {
  expect(await verifyToken('x', issuers, NOW)).toStrictEqual({
    ok: false,
    error: { reason: 'malformed', part: 'token' },
  })
})

test('the header is judged before a key is asked for, the signature before the claims', async () => {
  const asked: unknown[] = []
  const issuer = await toIssuer('ours', ours)
  const known = new Map([
    [
      'ours',
      {
        ...issuer,
        keys: {
          find: (header: { alg: string; kid?: string }) => {
            asked.push(header)
            return issuer.keys.find(header)
          },
        },
      },
    ],
  ])
  expect(await judge({ header: { crit: [] } }, known)).toStrictEqual({
    reason: 'header',
    member: 'crit',
  })
  expect(await judge({ header: { alg: 'none' } }, known)).toStrictEqual({ reason: 'algorithm' })
  expect(asked).toStrictEqual([])
  expect(await judge({ claims: { exp: 1 }, secret: theirs }, known)).toStrictEqual({
    reason: 'signature',
  })
  expect(await judge({ claims: { exp: 1 }, header: { kid: 'k' } }, known)).toStrictEqual({
    reason: 'expired',
  })
  expect(asked).toStrictEqual([{ alg: 'HS256' }, { alg: 'HS256', kid: 'k' }])
})

describe('keys', () => {
  const withKeys = async (find: Issuer['keys']['find']) =>
    new Map([['ours', { ...(await toIssuer('ours', ours)), keys: { find } }]])
  test('that cannot be had are no fault of the token', async () => {
    const known = await withKeys(() => Promise.resolve({ kind: 'unavailable', reason: 'down' }))
    expect(await judge({}, known)).toStrictEqual({ reason: 'keys_unavailable' })
  })
  test('that fit none', async () => {
    const known = await withKeys(() => Promise.resolve({ kind: 'keys', keys: [] }))
    expect(await judge({}, known)).toStrictEqual({ reason: 'no_key' })
  })
  test('are tried one after the other, and one is enough', async () => {
    const found = await Promise.all(
      [...issuers.values()].toReversed().map(({ keys }) => keys.find({ alg: 'HS256' })),
    )
    const keys = found.flatMap((lookup) => (lookup.kind === 'keys' ? [...lookup.keys] : []))
    expect(keys.length).toBe(2)
    const known = await withKeys(() => Promise.resolve({ kind: 'keys', keys }))
    expect(await judge({}, known)).toBe('alice')
    expect(await judge({ secret: theirs }, known)).toBe('alice')
    expect(await judge({ secret: Uint8Array.of(1, 2) }, known)).toStrictEqual({
      reason: 'signature',
    })
  })
})

test('time is told to the millisecond', async () => {
  const at = (ms: number, claims: object) => judge({ claims, nowMs: NOW * 1000 + ms })
  expect(await at(499, { exp: NOW + 0.5 })).toBe('alice')
  expect(await at(500, { exp: NOW + 0.5 })).toStrictEqual({ reason: 'expired' })
  expect(await at(499, { iat: NOW + 0.5 })).toStrictEqual({ reason: 'not_yet_valid' })
  expect(await at(500, { iat: NOW + 0.5, nbf: NOW + 0.5 })).toBe('alice')
})
