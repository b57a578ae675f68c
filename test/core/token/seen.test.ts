// Tokens that were seen before: their signature is not verified again, and everything else about them is judged as ever.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Issuer } from '../../../src/core/token/issuer.ts'
import { createLocalKeySet } from '../../../src/core/token/keys.ts'
import { MAX_SEEN, verifyToken } from '../../../src/core/token/verify.ts'
import { mintHmac } from '../../support/mint.ts'
import type { KeySet } from '../../../src/ports.ts'

const NOW = 1_800_000_000
const secret = Uint8Array.from(new TextEncoder().encode('a secret of thirty-two bytes or more'))
const another = Uint8Array.from(secret, (byte) => byte ^ 1)

async function toKeys(bytes: Uint8Array<ArrayBuffer>): Promise<KeySet> {
  const keys = await createLocalKeySet({ kind: 'secret', bytes }, ['HS256'])
  if (!keys.ok) throw new Error('refused')
  return keys.value
}

/** A configuration of one issuer, whose keys may be exchanged. */
function toIssuers(keys: () => KeySet, more: Partial<Issuer> = {}): ReadonlyMap<string, Issuer> {
  const issuer: Issuer = {
    issuer: 'ours',
    audiences: ['aud'],
    algorithms: ['HS256'],
    subjectClaim: 'sub',
    leewaySeconds: 0,
    onRevocationError: 'deny',
    keys: { find: (asked) => keys().find(asked) },
    ...more,
  }
  return new Map([['ours', issuer]])
}

const mint = (claims: object = {}, key: Uint8Array = secret): Promise<string> =>
  mintHmac(
    {
      header: { alg: 'HS256' },
      claims: { iss: 'ours', aud: 'aud', sub: 'alice', exp: NOW + 60, ...claims },
    },
    key,
  )

async function judge(
  token: string,
  issuers: ReadonlyMap<string, Issuer>,
  now = NOW,
): Promise<unknown> {
  const session = await verifyToken(token, issuers, now * 1000)
  return session.ok ? session.value.subject : session.error.reason
}

const keys = await toKeys(secret)
const toSpy = () => vi.spyOn(crypto.subtle, 'verify')
let verify: ReturnType<typeof toSpy>
beforeEach(() => {
  verify = toSpy()
})
afterEach(() => verify.mockRestore())

test('its signature is verified once', async () => {
  const [issuers, token] = [toIssuers(() => keys), await mint()]
  for (let times = 0; times < 3; times += 1) expect(await judge(token, issuers)).toBe('alice')
  expect(verify).toHaveBeenCalledTimes(1)
})

test('another configuration knows nothing of it', async () => {
  const token = await mint()
  expect(
    await judge(
      token,
      toIssuers(() => keys),
    ),
  ).toBe('alice')
  expect(
    await judge(
      token,
      toIssuers(() => keys),
    ),
  ).toBe('alice')
  expect(verify).toHaveBeenCalledTimes(2)
})

describe('it is refused all the same', () => {
  test('once it has expired', async () => {
    const [issuers, token] = [toIssuers(() => keys), await mint()]
    expect(await judge(token, issuers, NOW + 59)).toBe('alice')
    expect(await judge(token, issuers, NOW + 60)).toBe('expired')
  })
  test('before its time: a clock may go back', async () => {
    const [issuers, token] = [toIssuers(() => keys), await mint({ nbf: NOW })]
    expect(await judge(token, issuers, NOW)).toBe('alice')
    expect(await judge(token, issuers, NOW - 1)).toBe('not_yet_valid')
  })
  test('once it is too old', async () => {
    const [issuers, token] = [
      toIssuers(() => keys, { maxAgeSeconds: 30 }),
      await mint({ iat: NOW }),
    ]
    expect(await judge(token, issuers, NOW + 30)).toBe('alice')
    expect(await judge(token, issuers, NOW + 31)).toBe('too_old')
  })
  test('once its key is another, is gone, or cannot be had', async () => {
    let current: KeySet = keys
    const [issuers, token] = [toIssuers(() => current), await mint()]
    expect(await judge(token, issuers)).toBe('alice')
    current = await toKeys(another)
    expect(await judge(token, issuers)).toBe('signature')
    current = { find: async () => ({ kind: 'keys', keys: [] }) }
    expect(await judge(token, issuers)).toBe('no_key')
    current = { find: async () => ({ kind: 'unavailable', reason: 'down' }) }
    expect(await judge(token, issuers)).toBe('keys_unavailable')
    current = keys
    expect(await judge(token, issuers)).toBe('alice')
  })
  test('the same secret read again is another key, under which it is verified again', async () => {
    let current: KeySet = keys
    const [issuers, token] = [toIssuers(() => current), await mint()]
    await judge(token, issuers)
    current = await toKeys(secret)
    expect(await judge(token, issuers)).toBe('alice')
    expect(await judge(token, issuers)).toBe('alice')
    expect(verify).toHaveBeenCalledTimes(2)
  })
})

test('any other text is another token: no change of a character passes', async () => {
  const [issuers, token] = [toIssuers(() => keys), await mint()]
  expect(await judge(token, issuers)).toBe('alice')
  for (const at of token.slice(0, -1).split('').keys()) {
    const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1)
    expect((await verifyToken(changed, issuers, NOW * 1000)).ok).toBe(false)
  }
  for (const text of [`${token}A`, `${token}.`, token.slice(0, -1), ` ${token}`, `${token}=`])
    expect((await verifyToken(text, issuers, NOW * 1000)).ok).toBe(false)
})

test('what was refused is not remembered: each wrong signature is verified, and found wrong', async () => {
  const [issuers, forged] = [toIssuers(() => keys), await mint({}, another)]
  for (let times = 0; times < 3; times += 1) expect(await judge(forged, issuers)).toBe('signature')
  expect(verify).toHaveBeenCalledTimes(3)
})

test('so many are remembered, and no more', async () => {
  const issuers = toIssuers(() => keys)
  const tokens = await Promise.all(
    Array.from({ length: MAX_SEEN + 1 }, (_, at) => mint({ sub: `user-${at}` })),
  )
  for (const [at, token] of tokens.entries()) expect(await judge(token, issuers)).toBe(`user-${at}`)
  expect(verify).toHaveBeenCalledTimes(MAX_SEEN + 1)
  for (const [at, token] of tokens.entries()) expect(await judge(token, issuers)).toBe(`user-${at}`)
  // The second time around nothing of what came first was left.
  expect(verify.mock.calls.length).toBeGreaterThan(MAX_SEEN + 1)
})
