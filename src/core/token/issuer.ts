// An issuer of session tokens as configuration describes it: who signs, for whom, with which keys.
import type { KeySet } from '../../ports.ts'

/** JWS algorithms a token may use (RFC 7518 §3.1, RFC 8037, RFC 9864); `none` is not among them. */
export const ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const
export type Algorithm = (typeof ALGORITHMS)[number]

export interface Issuer {
  /** Exact value of `iss`. */
  readonly issuer: string
  /** The token's `aud` must contain one of these. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly Algorithm[]
  /** When set, required of every token (RFC 8725 §3.11); else `typ` is absent or `JWT`. */
  readonly typ?: string
  /** The claim that names the subject, `sub` by default. */
  readonly subjectClaim: string
  readonly leewaySeconds: number
  /** Longest age since `iat`; when set, `iat` is required. */
  readonly maxAgeSeconds?: number
  /** What a token gets when the revocation records cannot be read: 503, or the benefit of the doubt. */
  readonly onRevocationError: 'deny' | 'allow'
  /** Keys of this issuer and of no other (RFC 8725 §3.8). */
  readonly keys: KeySet
}
