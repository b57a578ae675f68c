// Links in tests of the whole Worker: making, opening and reading them as an application, a browser or a bot would.
import { expect } from 'vitest'
import type { LinkAnswer } from '../../src/contract/link.ts'
import type { Deps } from '../../src/http/env.ts'
import { mintHmac } from './mint.ts'
import { BASE, claimsOf, createGateway, ISSUER, secretBytes, SETTINGS, tokenOf } from './worker.ts'

const [grant] = SETTINGS.GRANTS
export const LINK_SETTINGS = {
  GRANTS: [
    { ...grant, allow: ['read', 'upload', 'list', 'share'], max_link_life: '30d' },
    { bucket: 'media', prefix: 'public/', allow: ['share'], max_link_life: '1h' },
    { bucket: 'media', prefix: 'unshared/', allow: ['read'] },
    { bucket: 'media', prefix: 'users/', allow: ['admin', 'share'], when: { role: 'admin' } },
  ],
  LIMITS: [],
}
export const BROWSER = {
  Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
}

export function createLinks(settings: Record<string, unknown> = {}, parts: Partial<Deps> = {}) {
  const gateway = createGateway({ ...LINK_SETTINGS, ...settings }, parts)
  /** Calls /v1/links as `sub`. */
  async function call(
    sub: string,
    method: string,
    path = '',
    body?: unknown,
    claims: Record<string, unknown> = {},
  ): Promise<Response> {
    return gateway.request(`/v1/links${path}`, {
      method,
      headers: { Authorization: `Bearer ${await tokenOf(sub, claims)}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  }
  async function make(terms: Record<string, unknown> = {}, sub = 'alice'): Promise<LinkAnswer> {
    const isPlaced = ['key', 'keys', 'prefix'].some((name) => Object.hasOwn(terms, name))
    const place = isPlaced ? {} : { key: `users/${sub}/report.pdf` }
    const body = { bucket: 'media', ...place, expiresIn: 3600, ...terms }
    const answer = await call(sub, 'POST', '', body)
    expect(answer.status).toBe(201)
    return answer.json<LinkAnswer>()
  }
  /** Opens it; `name` is an id, a token, or either with more of a path. */
  function open(name: string, init: RequestInit = {}): Promise<Response> {
    return gateway.request(`/l/${name}`, init)
  }
  return { ...gateway, call, make, open }
}

/** A link token as an application mints it. */
export function mintLink(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  secret: Uint8Array = secretBytes,
): Promise<string> {
  const place = { bucket: 'media', key: 'users/alice/report.pdf' }
  return mintHmac(
    {
      header: { alg: 'HS256', typ: 'postern-link+jwt', ...header },
      claims: { ...claimsOf('alice'), iss: ISSUER, aud: `${BASE}/l`, ...place, ...claims },
    },
    secret,
  )
}

export function cookieOf(answer: Response): string {
  return (answer.headers.get('Set-Cookie') ?? '').split(';', 1)[0] ?? ''
}
