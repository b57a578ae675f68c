// Judges one public JWK (RFC 7517, RFC 7518 §6) before it may verify anything.
import { fromBase64Url } from '../base64url.ts'
import { toHex } from '../hex.ts'
import type { Algorithm } from './issuer.ts'

export type PublicJwk = { readonly [member: string]: unknown }

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const MIN_RSA_BITS = 2048
const MIN_RSA_EXPONENT = 65_537n
const CURVES: ReadonlyMap<string, readonly Algorithm[]> = new Map([
  ['P-256', ['ES256']],
  ['P-384', ['ES384']],
  ['P-521', ['ES512']],
  ['Ed25519', ['EdDSA', 'Ed25519']],
])

function toInteger(value: unknown): bigint | null {
  const bytes = typeof value === 'string' ? fromBase64Url(value) : null
  if (bytes === null || bytes.length === 0) return null
  return BigInt(`0x${toHex(bytes)}`)
}

/** Primes by which keys of the vulnerable Infineon library are told (CVE-2017-15361, Nemec et al., "ROCA"). */
const ROCA_PRIMES = [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157]

/** Whether the modulus is, modulo each of the primes, a power of 65537: by chance four in 10^9 are. */
function isRoca(modulus: bigint): boolean {
  return ROCA_PRIMES.every((prime) => {
    const remainder = Number(modulus % BigInt(prime))
    let power = 1
    do {
      if (power === remainder) return true
      power = (power * 65_537) % prime
    } while (power !== 1)
    return false
  })
}

function judgeRsa(jwk: PublicJwk): string | null {
  const [modulus, exponent] = [toInteger(jwk['n']), toInteger(jwk['e'])]
  if (modulus === null || exponent === null) return 'has a malformed n or e'
  if (modulus.toString(2).length < MIN_RSA_BITS) return 'is an RSA key under 2048 bits'
  if (isRoca(modulus)) return 'is an RSA key whose factors can be computed (ROCA)'
  // Small exponents make forged signatures cheap where padding is checked loosely.
  return exponent < MIN_RSA_EXPONENT || exponent % 2n === 0n
    ? 'has an RSA exponent under 65537'
    : null
}

/** What is wrong with the key, or null. */
export function judgeJwk(jwk: PublicJwk): string | null {
  if (jwk['kty'] === 'oct' || PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    return 'holds a private or symmetric key'
  }
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return 'is not for signatures'
  const operations = jwk['key_ops']
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'is not for verifying'
  if (jwk['kid'] !== undefined && typeof jwk['kid'] !== 'string')
    return 'has a kid that is not text'
  return jwk['kty'] === 'RSA' ? judgeRsa(jwk) : null
}

/** The listed algorithms that this key may be used with. */
export function usableAlgorithms(
  jwk: PublicJwk,
  algorithms: readonly Algorithm[],
): readonly Algorithm[] {
  const fitting = algorithms.filter((alg) =>
    jwk['kty'] === 'RSA'
      ? /^[RP]S/.test(alg)
      : CURVES.get(String(jwk['crv']))?.includes(alg) === true,
  )
  return jwk['alg'] === undefined ? fitting : fitting.filter((alg) => alg === jwk['alg'])
}
