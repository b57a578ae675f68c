// Calls to the gateway: the caller's credential, the server's clock, refusals as PosternError.
import { PosternError, toError, toRetryAfterMs } from './error.ts'
import type { Ports } from './ports.ts'
import type { PosternOptions } from './types.ts'

/** A call that gets no answer for so long has none. */
const TIMEOUT_MS = 30_000

export interface CallOptions {
  readonly body?: object
  readonly signal?: AbortSignal | undefined
  readonly headers?: Readonly<Record<string, string>>
}

export interface Api {
  readonly origin: string
  /** The JSON answer of one attempt. */
  call<T>(method: string, path: string, options?: CallOptions): Promise<T>
  /** The gateway's time: that of this machine may be hours off. */
  now(): number
}

export function createApi(
  { baseUrl, token }: Pick<PosternOptions, 'baseUrl' | 'token'>,
  { clock, fetch }: Pick<Ports, 'clock' | 'fetch'>,
): Api {
  const base = baseUrl.replace(/\/$/, '')
  let offsetMs = 0
  const now = (): number => clock.now() + offsetMs

  async function call<T>(
    method: string,
    path: string,
    options: CallOptions = {},
    isAgain = false,
  ): Promise<T> {
    const { body, signal, headers } = options
    const bearer = await token?.()
    const limit = AbortSignal.timeout(TIMEOUT_MS)
    const credentials: 'omit' | 'include' = token ? 'omit' : 'include'
    const init = {
      method,
      credentials,
      signal: AbortSignal.any(signal ? [signal, limit] : [limit]),
      headers: {
        Accept: 'application/json',
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
    }
    const [answer, text] = await fetch(base + path, init)
      .then(async (one) => [one, await one.text()] as const)
      .catch(() => {
        throw new PosternError(signal?.aborted ? 'aborted' : 'network')
      })
    const date = Date.parse(answer.headers.get('Date') ?? '')
    // The field has whole seconds: half of one is the best guess.
    if (date) offsetMs = date + 500 - clock.now()
    // The token may have ended since it was made: a fresh one is asked for, once.
    if (answer.status === 401 && token && !isAgain) return call(method, path, options, true)
    let json = {}
    try {
      // A proxy in between may answer in HTML, or with `null`.
      json = Object(JSON.parse(text))
    } catch {}
    // The gateway checks its answers against the same schemas that these types come from.
    if (answer.ok) return json as T
    throw toError(json, answer.status, toRetryAfterMs(answer.headers.get('Retry-After'), now()))
  }

  return { origin: new URL(base).origin, now, call }
}

/** A query of what is given. */
export function toQuery(fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return `?${new URLSearchParams(given)}`
}

/** A key as it stands in a path of the gateway. */
export function toPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
