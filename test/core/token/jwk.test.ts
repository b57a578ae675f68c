// Public keys as JWK: which are weak, private or for another purpose, and which algorithms one fits.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALGORITHMS, type Algorithm } from '../../../src/core/token/issuer.ts'
import { judgeJwk, usableAlgorithms } from '../../../src/core/token/jwk.ts'

function toText(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

const E = 'AQAB'
const rsa = (change: object = {}) => ({ kty: 'RSA', n: toText(2n ** 2047n), e: E, ...change })
const point = { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }

describe('a key', () => {
  test.for([
    {},
    { use: 'sig' },
    { key_ops: ['verify'] },
    { key_ops: ['sign', 'verify'] },
    { kid: '' },
  ])('with %j is sound', (members) => {
    expect(judgeJwk({ ...point, ...members })).toBeNull()
    expect(judgeJwk(rsa(members))).toBeNull()
  })
  test.for(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('with %s is private', (member) => {
    for (const value of ['AA', '', null, undefined])
      expect(judgeJwk({ ...point, [member]: value })).toBe('holds a private or symmetric key')
  })
  test('that is symmetric is no public key', () => {
    expect(judgeJwk({ kty: 'oct' })).toBe('holds a private or symmetric key')
  })
  test.for(['enc', '', null, 5, 'SIG'])('for the use %j is not for signatures', (use) => {
    expect(judgeJwk({ ...point, use })).toBe('is not for signatures')
  })
  test.for([[], ['sign'], ['Verify'], 'verify', null, { 0: 'verify' }])(
    'for the operations %j is not for verifying',
    (key_ops) => {
      expect(judgeJwk({ ...point, key_ops })).toBe('is not for verifying')
    },
  )
  test.for([5, null, ['a'], {}])('with kid %j', (kid) => {
    expect(judgeJwk({ ...point, kid })).toBe('has a kid that is not text')
  })
})

describe('an RSA key', () => {
  test('of 2048 bits, by value and not by length', () => {
    const short = 'is an RSA key under 2048 bits'
    expect(judgeJwk(rsa({ n: toText(2n ** 2047n + 1n) }))).toBeNull()
    expect(judgeJwk(rsa({ n: toText(2n ** 2047n - 1n) }))).toBe(short)
    const padded = Buffer.concat([Buffer.alloc(9), Buffer.from(toText(2n ** 2046n), 'base64url')])
    expect(judgeJwk(rsa({ n: padded.toString('base64url') }))).toBe(short)
  })
  test.for([undefined, null, 5, '', 'A', '====', 'AQAB='])(
    'with n or e %j is malformed',
    (value) => {
      expect(judgeJwk(rsa({ n: value }))).toBe('has a malformed n or e')
      expect(judgeJwk(rsa({ e: value }))).toBe('has a malformed n or e')
    },
  )
  test.for([
    [1n, false],
    [3n, false],
    [65_535n, false],
    [65_536n, false],
    [65_537n, true],
    [65_538n, false],
    [65_539n, true],
    [2n ** 32n + 1n, true],
  ] as const)('with exponent %s: %j', ([exponent, isSound]) => {
    expect(judgeJwk(rsa({ e: toText(exponent) }))).toBe(
      isSound ? null : 'has an RSA exponent under 65537',
    )
  })
})

describe('ROCA', () => {
  const primes = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]
  const product = primes.reduce((all, prime) => all * BigInt(prime), 1n)
  /** 2048 bits, and a power of 65537 modulo every prime. */
  const weak = (power: number): bigint =>
    (65_537n ** BigInt(power) % product) + product * (2n ** 2047n / product + 1n)
  const fault = 'is an RSA key whose factors can be computed (ROCA)'
  test('is found for every power', () => {
    fc.assert(
      fc.property(fc.nat(500), (power) => {
        expect(judgeJwk(rsa({ n: toText(weak(power)) }))).toBe(fault)
      }),
      { numRuns: 50 },
    )
  })
  test.for(primes)('is told by %i alone', (prime) => {
    const powers = new Set<number>()
    for (let power = 1; !powers.has(power); power = (power * 65_537) % prime) powers.add(power)
    const step = product / BigInt(prime)
    let modulus = weak(7)
    while (powers.has(Number(modulus % BigInt(prime)))) modulus += step
    expect(judgeJwk(rsa({ n: toText(modulus) }))).toBeNull()
  })
})

describe('algorithms', () => {
  const all: readonly Algorithm[] = ALGORITHMS
  test.for([
    [{ kty: 'RSA' }, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    [{ kty: 'RSA', alg: 'PS384' }, ['PS384']],
    [{ kty: 'RSA', alg: 'ES256' }, []],
    [{ kty: 'RSA', alg: 'HS256' }, []],
    [{ kty: 'RSA', alg: null }, []],
    [{ kty: 'EC', crv: 'P-256' }, ['ES256']],
    [{ kty: 'EC', crv: 'P-384' }, ['ES384']],
    [{ kty: 'EC', crv: 'P-521' }, ['ES512']],
    [{ kty: 'EC', crv: 'P-256', alg: 'ES384' }, []],
    [{ kty: 'OKP', crv: 'Ed25519' }, ['EdDSA', 'Ed25519']],
    [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA' }, ['EdDSA']],
    [{ kty: 'OKP', crv: 'Ed448' }, []],
    [{ kty: 'EC', crv: 'secp256k1' }, []],
    [{ kty: 'EC' }, []],
    [{ kty: 'oct', k: 'AA' }, []],
    [{}, []],
  ] as const)('%j fits %j', ([jwk, expected]) => {
    expect(usableAlgorithms(jwk, all)).toEqual(expected)
    expect(usableAlgorithms(jwk, ['HS256'])).toEqual([])
  })
})
