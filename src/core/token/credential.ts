// Finds the one credential of a request: a bearer token in Authorization (RFC 6750 §2.1), a session cookie, or none.
import { err, ok, type Result } from '../result.ts'
import type { TokenFault } from './fault.ts'

export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'cookie'; readonly sealed: string }

export type CredentialFault =
  { readonly kind: 'several' } | { readonly kind: 'token'; readonly fault: TokenFault }

/** Values of a cookie by its exact name (RFC 6265 §4.2.1); `__Host-` names are case-sensitive. */
export function findCookies(header: string, name: string): string[] {
  return header.split(';').flatMap((pair) => {
    const text = pair.replace(/^[ \t]+/, '')
    return text.startsWith(`${name}=`) ? [text.slice(name.length + 1)] : []
  })
}

function parseBearer(authorization: string): Result<Credential, CredentialFault> {
  // Two header lines arrive joined by a comma, which no token contains.
  if (authorization.includes(',')) return err({ kind: 'several' })
  const match = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization)
  const token = match?.[1]
  return token === undefined
    ? err({ kind: 'token', fault: { reason: 'scheme' } })
    : ok({ kind: 'bearer', token })
}

/**
 * `authorization` and `cookies` are the headers' values, or null; `cookieName` is set where there are cookie sessions.
 * A token in a query is never looked at (RFC 9700 §4.3.2).
 */
export function findCredential(
  authorization: string | null,
  cookies: string | null,
  cookieName: string | undefined,
): Result<Credential, CredentialFault> {
  const sealed = cookieName === undefined ? [] : findCookies(cookies ?? '', cookieName)
  // Of two cookies with one name, one may have been planted by a neighbouring host: neither is believed.
  if (sealed.length > 1 || (sealed.length === 1 && authorization !== null))
    return err({ kind: 'several' })
  if (authorization !== null) return parseBearer(authorization)
  const [cookie] = sealed
  return ok(cookie === undefined ? { kind: 'none' } : { kind: 'cookie', sealed: cookie })
}
