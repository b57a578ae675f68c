// Calls to the gateway: the caller's credential, the server's clock, refusals as PosternError.
import type { Problem } from '../contract/problem.ts'
import { PosternError, toError, toRetryAfterMs } from './error.ts'
import type { Ports } from './ports.ts'
import type { PosternOptions } from './types.ts'

/** A call that gets no answer for so long has none. */
const TIMEOUT_MS = 30_000

export interface CallOptions {
  readonly body?: object
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

export interface Api {
  readonly origin: string
  /** The JSON answer of one attempt. */
  call<T>(method: string, path: string, options?: CallOptions): Promise<T>
  /** The gateway's time: that of this machine may be hours off. */
  now(): number
}

/** A signal that aborts with the other, or after so long; `end` lets go of both. */
export function toLimited(
  clock: Ports['clock'],
  ms: number,
  outer?: AbortSignal,
): { signal: AbortSignal; end: () => void } {
  const own = new AbortController()
  const abort = (): void => own.abort()
  const cancel = clock.after(ms, abort)
  outer?.addEventListener('abort', abort)
  if (outer?.aborted) abort()
  return {
    signal: own.signal,
    end() {
      cancel()
      outer?.removeEventListener('abort', abort)
    },
  }
}

export function createApi(
  { baseUrl, token }: Pick<PosternOptions, 'baseUrl' | 'token'>,
  { clock, fetch }: Pick<Ports, 'clock' | 'fetch'>,
): Api {
  const base = baseUrl.replace(/\/$/, '')
  let offsetMs = 0

  async function send(
    method: string,
    path: string,
    { body, signal, headers }: CallOptions,
  ): Promise<{ answer: Response; text: string }> {
    const bearer = await token?.()
    const limited = toLimited(clock, TIMEOUT_MS, signal)
    const credentials: 'omit' | 'include' = token ? 'omit' : 'include'
    const init = {
      method,
      credentials,
      signal: limited.signal,
      headers: {
        Accept: 'application/json',
        ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    }
    try {
      const answer = await fetch(base + path, init)
      return { answer, text: await answer.text() }
    } catch {
      throw signal?.aborted
        ? new PosternError('aborted', 'The call was aborted.')
        : new PosternError('network', 'The gateway is out of reach.')
    } finally {
      limited.end()
    }
  }

  return {
    origin: new URL(base).origin,
    now: () => clock.now() + offsetMs,
    async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
      let { answer, text } = await send(method, path, options)
      // The token may have ended since it was made: a fresh one is asked for, once.
      if (answer.status === 401 && token) ({ answer, text } = await send(method, path, options))
      const date = Date.parse(answer.headers.get('Date') ?? '')
      // The field has whole seconds: half of one is the best guess.
      if (date) offsetMs = date + 500 - clock.now()
      let json: unknown = null
      try {
        json = JSON.parse(text)
      } catch {
        // A proxy in between answers in HTML.
      }
      // The gateway checks its answers against the same schemas that these types come from.
      if (answer.ok) return json as T
      const wait = toRetryAfterMs(answer.headers.get('Retry-After'), clock.now() + offsetMs)
      throw toError(answer.status, (json ?? {}) as Partial<Problem>, wait)
    },
  }
}

/** A query of what is given. */
export function toQuery(fields: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) query.set(name, String(value))
  return query.size > 0 ? `?${query}` : ''
}

/** A key as it stands in a path of the gateway. */
export function toPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
