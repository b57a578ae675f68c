// A user of the gateway in the S3 suite: tokens, calls, and a check of every signed URL that it sees.
import { inject } from 'vitest'
import type { SignedRequest } from '../../../src/contract/common.ts'
import { mintHmac } from '../mint.ts'
import { markRequest, markSecret } from './output.ts'
import { expectUntainted } from '../taint.ts'
import { findSignatureFault, type PresignedRequest } from '../sigv4.ts'
import type { GatewayFacts } from './gateway.ts'

export const gateway = inject('gateway')

const marked = new Set<string>()

/** Users of one gateway, whose tokens are meant for `audience`. */
export function createClient(facts: GatewayFacts, audience = facts.url) {
  const { url, sessionSecret, posternKey, s3, marks } = facts
  /** Once the suite is over, this must not stand in anything that the Worker printed. */
  function mark(secret: string): void {
    if (marked.has(secret)) return
    marked.add(secret)
    markSecret(marks, secret)
  }
  async function tokenOf(sub: string, expiresInSeconds = 3600): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const exp = now + expiresInSeconds
    const claims = { iss: 'https://login.test', aud: audience, sub, iat: now, exp }
    const secret = new TextEncoder().encode(sessionSecret)
    const token = await mintHmac({ header: { alg: 'HS256' }, claims }, secret)
    mark(token)
    return token
  }
  /** Calls the gateway as `sub`; never follows a redirect. */
  async function call(
    sub: string,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const token = await tokenOf(sub)
    const answer = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { Authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = [...answer.headers].join('\n') + (await answer.clone().text())
    expectUntainted(text, [sessionSecret, posternKey, s3.secretAccessKey, token])
    markRequest(marks, answer.headers.get('X-Request-Id') ?? 'without an id')
    for (const [, secret] of text.matchAll(
      /(?:X-Amz-Signature=|"id":"|__Host-postern=)([\w-]{64,})/g,
    ))
      if (secret !== undefined) mark(secret)
    return answer
  }
  return { tokenOf, call }
}

export const { tokenOf, call } = createClient(gateway)

/** Whether the server under test would take the request, by the second implementation. */
export function findLiveFault(request: PresignedRequest): string | null {
  const absence = gateway.s3.kind === 'embedded' ? 'empty' : 'skipped'
  return findSignatureFault(request, gateway.s3.secretAccessKey, absence)
}

function isSignedRequest(value: unknown): value is SignedRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    'url' in value &&
    'headers' in value &&
    'method' in value
  )
}

/** The signed request of an answer, verified by the second implementation before it is used. */
export async function toSigned(answer: Response): Promise<SignedRequest> {
  const value: unknown = await answer.json()
  if (!isSignedRequest(value))
    throw new Error(`not a signed request: ${answer.status} ${JSON.stringify(value)}`)
  const fault = findLiveFault(value)
  if (fault !== null) throw new Error(fault)
  return value
}

export async function sign(sub: string, body: Record<string, unknown>): Promise<SignedRequest> {
  return toSigned(await call(sub, 'POST', '/v1/sign', { bucket: 'media', ...body }))
}

/** Sends a signed request; `fetch` sets Content-Length by itself. */
export function send(
  request: SignedRequest,
  body?: string | Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'content-length')
  return fetch(request.url, {
    method: request.method,
    headers,
    ...(body !== undefined && { body }),
  })
}

/** A key of this run that no other test uses. */
export function freshKey(sub: string, name = 'file.bin'): string {
  return `users/${sub}/${crypto.randomUUID()}/${name}`
}

/** Where a redirect leads, verified by the second implementation. */
export function toVerifiedLocation(answer: Response, method: 'GET' | 'HEAD'): string {
  const url = answer.headers.get('Location') ?? ''
  const fault = findLiveFault({ method, url, headers: {} })
  if (fault !== null) throw new Error(fault)
  return url
}
