// Calls to the gateway with the session token; a refusal is an ApiError that says what the problem says.
import type { Problem } from '../../contract/problem.ts'

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, detail: string) {
    super(detail)
    this.status = status
    this.code = code
  }
}

export interface Api {
  /** Path of the handshake. */
  readonly uploads: string
  /** The JSON answer; throws ApiError for a refusal, and when the gateway is out of reach. */
  call<T>(method: string, path: string, body?: unknown, headers?: object): Promise<T>
}

/** A refusal in one sentence for people: the detail, and which member it is about. */
function toError(status: number, problem: Partial<Problem> | null): ApiError {
  const faults = (problem?.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`.trim())
  const detail = problem?.detail ?? `The gateway answered ${status}.`
  const text = faults.length > 0 ? `${detail} (${faults.join('; ')})` : detail
  return new ApiError(status, problem?.code ?? '', text)
}

/** Without a token the address alone is the credential, as of a link. */
export function createApi(token: string | null, uploads = '/v1/uploads'): Api {
  const authorization = token === null ? {} : { Authorization: `Bearer ${token}` }
  return {
    uploads,
    async call<T>(method: string, path: string, body?: unknown, headers?: object): Promise<T> {
      const init: RequestInit = {
        method,
        headers: { ...authorization, Accept: 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }
      const answer = await fetch(path, init).catch(() => null)
      if (answer === null) throw new ApiError(0, '', 'The gateway is out of reach.')
      const text = await answer.text()
      // The gateway checks its answers against the same schemas that these types come from.
      const json = text === '' ? null : (JSON.parse(text) as unknown)
      if (!answer.ok) throw toError(answer.status, json as Partial<Problem> | null)
      return json as T
    },
  }
}

/** A key as it stands in a path of the gateway. */
export function toPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
