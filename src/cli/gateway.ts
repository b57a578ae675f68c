// Calls of a gateway's API with a session token: what it answers, or its refusal in its own words.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Shell } from './frame/shell.ts'
import { Failure, UsageError } from './frame/usage.ts'

export interface GatewayOptions {
  readonly gateway?: string | undefined
  readonly tokenFile?: string | undefined
}

/** Origin and path below which the API is, without a slash at the end. */
export function findGateway({ env }: Shell, { gateway }: GatewayOptions): string {
  const text = gateway ?? env['POSTERN_URL'] ?? ''
  if (text === '') throw new UsageError('--gateway or POSTERN_URL is needed')
  const url = URL.canParse(text) ? new URL(text) : null
  const isLocal = url !== null && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname)
  // Anybody between could take the token from a call without TLS.
  if (url === null || (url.protocol !== 'https:' && !(isLocal && url.protocol === 'http:')))
    throw new UsageError('the gateway is an https URL; http only on this machine')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

async function readToken(shell: Shell, { tokenFile }: GatewayOptions): Promise<string> {
  if (tokenFile === undefined) {
    const token = (shell.env['POSTERN_TOKEN'] ?? '').trim()
    if (token === '') throw new UsageError('POSTERN_TOKEN or --token-file is needed')
    return token
  }
  if (tokenFile === '-') return (await shell.readInput()).trim()
  try {
    return readFileSync(resolve(shell.cwd, tokenFile), 'utf8').trim()
  } catch {
    throw new UsageError('--token-file names no file that can be read')
  }
}

async function findToken(shell: Shell, options: GatewayOptions): Promise<string> {
  const token = await readToken(shell, options)
  // A header cannot hold more, and what is more is no token.
  if (!/^[\w.~+/=-]+$/.test(token)) throw new UsageError('the token is none: a JWT is needed')
  return token
}

/** For a run that may outlive one token: a file is read anew whenever it is asked for. */
export async function openToken(
  shell: Shell,
  options: GatewayOptions,
): Promise<() => Promise<string>> {
  const token = await findToken(shell, options)
  const isAgain = options.tokenFile !== undefined && options.tokenFile !== '-'
  return isAgain ? () => findToken(shell, options) : async () => token
}

interface Problem {
  readonly code?: string
  readonly detail?: string
  readonly requestId?: string
  readonly errors?: readonly { readonly pointer?: string; readonly detail?: string }[]
}

/** The gateway's own words, which hold nothing secret. */
function toFailure(status: number, problem: Problem, retryAfter: string | null): Failure {
  const { code = 'unknown', detail = '', requestId, errors = [] } = problem
  const more = errors.map(({ pointer = '', detail: what = '' }) => `${pointer} ${what}`.trim())
  const wait = retryAfter === null ? [] : [`try again in ${retryAfter} s`]
  const text = [`${status} ${code}`, detail, ...more, ...wait]
    .filter((part) => part !== '')
    .join('; ')
  return new Failure(text, {
    status,
    code,
    ...(requestId !== undefined && { requestId }),
    ...(errors.length > 0 && { errors }),
  })
}

async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw new Failure(`${answer.status}: no answer of a gateway; is --gateway right?`)
  }
}

export type Call = (method: string, path: string, body?: unknown) => Promise<unknown>

export async function openGateway(shell: Shell, options: GatewayOptions): Promise<Call> {
  const base = findGateway(shell, options)
  const token = await findToken(shell, options)
  return async (method, path, body) => {
    const answer = await fetch(base + path, {
      method,
      // Elsewhere the token has nothing to do.
      redirect: 'manual',
      headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new Failure('the gateway does not answer')
    })
    const value = await readJson(answer)
    if (answer.ok) return value
    // The shape is the contract's; what is missing is left out.
    throw toFailure(answer.status, (value ?? {}) as Problem, answer.headers.get('Retry-After'))
  }
}
