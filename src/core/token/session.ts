// A verified session: who the caller is and until when, taken from a token that passed every check.

import type { Narrowing } from '../policy/narrow.ts'

export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

export interface Session {
  readonly issuer: string
  readonly subject: string
  /** `exp` of the token, seconds since 1970 (RFC 7519 §4.1.4). */
  readonly expiresAtSeconds: number
  readonly issuedAtSeconds?: number
  readonly tokenId?: string
  /** What the token itself takes away from the grants (claim `postern`); absent when it takes nothing. */
  readonly narrowing?: readonly Narrowing[]
  /** Every claim of the verified token; lookups by outside names use Object.hasOwn. */
  readonly claims: { readonly [name: string]: Json }
}
