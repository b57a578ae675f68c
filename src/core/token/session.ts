// A verified session: who the caller is and until when, taken from a token that passed every check.

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

export interface Session {
  readonly issuer: string
  readonly subject: string
  /** `exp` of the token, seconds since 1970 (RFC 7519 §4.1.4). */
  readonly expiresAtSeconds: number
  readonly issuedAtSeconds?: number
  readonly tokenId?: string
  /** Every claim of the verified token; lookups by outside names use Object.hasOwn. */
  readonly claims: { readonly [name: string]: Json }
}
