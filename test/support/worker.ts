// A whole gateway in workerd for tests: the real bindings of wrangler.toml, and an environment of the test's choice.
import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test'
import { createApp } from '../../src/app.ts'
import { platform } from '../../src/deps.ts'
import { ok } from '../../src/core/result.ts'
import type { Deps } from '../../src/http/env.ts'
import type { LogEvent } from '../../src/ports.ts'
import { mintHmac } from './mint.ts'
import { WEBHOOK_SECRET } from './webhook-secret.ts'
import { expectUntainted } from './taint.ts'

export const BASE = 'https://files.example.com'
export const ISSUER = 'https://login.example.com'
export const SECRET = 'session secret of 32 bytes or so'
export const secretBytes = new TextEncoder().encode(SECRET)

export const SETTINGS = {
  PUBLIC_URL: BASE,
  ORIGINS: ['https://app.example.com'],
  ISSUERS: [{ issuer: ISSUER, audience: BASE, algorithms: ['HS256'], secret: 'SESSION_SECRET' }],
  BUCKETS: {
    media: { provider: 'aws', bucket: 'acme-media', region: 'eu-west-1', credentials: 'MEDIA' },
  },
  GRANTS: [
    {
      bucket: 'media',
      prefix: 'users/${sub}/',
      allow: ['read', 'upload', 'write', 'delete', 'list'],
      max_bytes: '10GiB',
      types: ['image/*', 'text/plain'],
      max_expires: '1h',
      inline: ['image/png'],
    },
  ],
  LIMITS: [{ name: 'sign', per: 'sub', allow: 10_000, every: '1m' }],
  SESSION_SECRET: SECRET,
  POSTERN_KEY: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
  MEDIA_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  MEDIA_SECRET_ACCESS_KEY: 'secretsecretsecret',
  // Of this project's bindings, for the queue's own tests alone.
  WEBHOOK: undefined,
}

const SECRETS = [SECRET, SETTINGS.POSTERN_KEY, SETTINGS.MEDIA_SECRET_ACCESS_KEY, WEBHOOK_SECRET]

export interface Problem {
  readonly code?: string
  readonly type?: string
  readonly detail?: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

/** A gateway with these settings and parts in place of the usual ones; `log` collects what it writes. */
export function createGateway(settings: Record<string, unknown> = {}, parts: Partial<Deps> = {}) {
  const log: LogEvent[] = []
  const app = createApp({
    async depsOf(variables) {
      const deps = await platform.depsOf(variables)
      return deps.ok ? ok({ ...deps.value, ...parts }) : deps
    },
    log: { write: (event) => log.push(event) },
  })
  const { waits = false, ...variables } = settings
  const bindings = { ...env, ...SETTINGS, ...variables }
  /** Every test is a taint test: no answer and no line of the log holds a secret, or the caller's token. */
  async function expectNoSecrets(answer: Response, init: RequestInit): Promise<void> {
    const token = new Headers(init.headers).get('Authorization')?.slice('Bearer '.length) ?? ''
    // Short ones are attacks, such as "x", that stand in any text.
    const secrets = token.length > 40 ? [...SECRETS, token] : SECRETS
    const text = [...answer.headers].join('\n') + (await answer.clone().text())
    expectUntainted(text + JSON.stringify(log), secrets)
  }
  async function request(path: string, init: RequestInit = {}): Promise<Response> {
    const ctx = createExecutionContext()
    // The settings stand in for variables that wrangler.toml types more narrowly.
    const answer = await app.request(BASE + path, init, bindings as unknown as Env, ctx)
    if (waits === true) await waitOnExecutionContext(ctx)
    await expectNoSecrets(answer, init)
    return answer
  }
  return { request, log }
}

export function claimsOf(sub: string): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, aud: BASE, sub, iat: now, exp: now + 3600 }
}

export function tokenOf(sub: string, claims: Record<string, unknown> = {}): Promise<string> {
  return mintHmac(
    { header: { alg: 'HS256' }, claims: { ...claimsOf(sub), ...claims } },
    secretBytes,
  )
}

export async function bearer(sub = 'alice'): Promise<{ Authorization: string }> {
  return { Authorization: `Bearer ${await tokenOf(sub)}` }
}
