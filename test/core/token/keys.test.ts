// Issuers' keys: every algorithm verifies with its own key, weak or ambiguous keys are refused, and confusion fails.
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { SignJWT } from 'jose/jwt/sign'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm, type Issuer } from '../../../src/core/token/issuer.ts'
import { createLocalKeySet, parseSecretText } from '../../../src/core/token/keys.ts'
import { verifyToken } from '../../../src/core/token/verify.ts'
import type { KeySet } from '../../../src/ports.ts'
import { mintHmac } from '../../support/mint.ts'

const NOW_MS = 1_800_000_000_000
const claims = { iss: 'iss', aud: 'aud', sub: 'alice', exp: NOW_MS / 1000 + 60 }

function toIssuers(keys: KeySet, algorithms: readonly Algorithm[]): ReadonlyMap<string, Issuer> {
  const issuer: Issuer = {
    issuer: 'iss',
    audiences: ['aud'],
    algorithms,
    subjectClaim: 'sub',
    leewaySeconds: 30,
    onRevocationError: 'deny',
    keys,
  }
  return new Map([['iss', issuer]])
}

async function keySetOf(keys: readonly object[], algorithms: readonly Algorithm[]) {
  return createLocalKeySet(
    { kind: 'jwks', jwks: { keys: keys.map((key) => ({ ...key })) } },
    algorithms,
  )
}

const asymmetric = ALGORITHMS.filter((alg) => !alg.startsWith('HS'))

describe('algorithms', () => {
  test.each(asymmetric)('%s', async (alg) => {
    const [ours, theirs] = await Promise.all([
      generateKeyPair(alg, { extractable: true }),
      generateKeyPair(alg),
    ])
    const keys = await keySetOf([await exportJWK(ours.publicKey)], [alg])
    if (!keys.ok) throw new Error(JSON.stringify(keys.error))
    const issuers = toIssuers(keys.value, [alg])
    const mint = (key: CryptoKey) => new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
    expect(await verifyToken(await mint(ours.privateKey), issuers, NOW_MS)).toMatchObject({
      ok: true,
    })
    expect(await verifyToken(await mint(theirs.privateKey), issuers, NOW_MS)).toEqual({
      ok: false,
      error: { reason: 'signature' },
    })
    // The public key's own bytes as an HMAC secret (RFC 8725 §2.1).
    const text = new TextEncoder().encode(JSON.stringify(await exportJWK(ours.publicKey)))
    const forged = await mintHmac({ header: { alg: 'HS256' }, claims }, text)
    expect(await verifyToken(forged, issuers, NOW_MS)).toEqual({
      ok: false,
      error: { reason: 'algorithm' },
    })
  })

  test.each([256, 384, 512] as const)('HS%i needs a secret of its size', async (bits) => {
    const alg = `HS${bits}` as const
    const bytes = new Uint8Array(bits / 8).fill(7)
    const short = await createLocalKeySet({ kind: 'secret', bytes: bytes.slice(1) }, [alg])
    expect(short).toMatchObject({ ok: false, error: [{ path: 'secret' }] })
    const keys = await createLocalKeySet({ kind: 'secret', bytes }, [alg])
    if (!keys.ok) throw new Error('refused')
    const token = await mintHmac({ header: { alg, kid: 'any' }, claims }, bytes, bits)
    expect(await verifyToken(token, toIssuers(keys.value, [alg]), NOW_MS)).toMatchObject({
      ok: true,
      value: { subject: 'alice' },
    })
  })
})

describe('refused keys', () => {
  test('weak, private, symmetric, ambiguous, doubled, missing', async () => {
    const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey)
    const ec = await generateKeyPair('ES256', { extractable: true })
    const [point, secretPoint] = [await exportJWK(ec.publicKey), await exportJWK(ec.privateKey)]
    const small = await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        modulusLength: 1024,
        publicExponent: Uint8Array.of(1, 0, 1),
        hash: 'SHA-256',
      },
      true,
      ['sign', 'verify'],
    )
    if (!('publicKey' in small)) throw new Error('no pair')
    const rows: readonly (readonly [readonly object[], readonly Algorithm[]])[] = [
      [[await exportJWK(small.publicKey)], ['RS256']],
      [[{ ...rsa, e: 'Aw' }], ['RS256']],
      [[secretPoint], ['ES256']],
      [[{ kty: 'oct', k: 'AAAA' }], ['ES256']],
      [[rsa], ['RS256', 'PS256']],
      [
        [
          { ...point, kid: 'a' },
          { ...point, kid: 'a' },
        ],
        ['ES256'],
      ],
      [[point], ['ES384']],
      [[{ ...point, x: 'AAAA' }], ['ES256']],
      [[{ ...point, use: 'enc' }], ['ES256']],
      [[], ['ES256']],
      [[point], ['ES256', 'HS256']],
      [[point], ['HS256']],
    ]
    for (const [keys, algorithms] of rows)
      expect(await keySetOf(keys, algorithms)).toMatchObject({ ok: false })
  })

  test('secrets as text, base64url and hex', () => {
    expect(parseSecretText('hex:00ff')).toEqual(Uint8Array.of(0, 255))
    expect(parseSecretText('base64url:AP8')).toEqual(Uint8Array.of(0, 255))
    expect(parseSecretText('ab')).toEqual(Uint8Array.of(97, 98))
    expect([parseSecretText('hex:0'), parseSecretText('base64url:A=')]).toEqual([null, null])
  })
})
