// Finds the one credential of a request: a bearer token in Authorization (RFC 6750 §2.1), or none.
import { err, ok, type Result } from '../result.ts'
import type { TokenFault } from './fault.ts'

export type Credential =
  { readonly kind: 'none' } | { readonly kind: 'bearer'; readonly token: string }

export type CredentialFault =
  { readonly kind: 'several' } | { readonly kind: 'token'; readonly fault: TokenFault }

/** `authorization` is the header's value, or null. A token in a query is never looked at (RFC 9700 §4.3.2). */
export function findCredential(authorization: string | null): Result<Credential, CredentialFault> {
  if (authorization === null) return ok({ kind: 'none' })
  // Two header lines arrive joined by a comma, which no token contains.
  if (authorization.includes(',')) return err({ kind: 'several' })
  const match = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)
  const token = match?.[1]
  return token === undefined
    ? err({ kind: 'token', fault: { reason: 'scheme' } })
    : ok({ kind: 'bearer', token })
}
