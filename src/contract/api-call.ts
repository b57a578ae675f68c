// What is said of one call in the OpenAPI document, and the refusals that many calls share.
import type * as v from 'valibot'
import type { ErrorCode } from './errors.ts'

type Schema = v.GenericSchema
type Shape = { readonly entries: { readonly [name: string]: Schema } }

export interface Answer {
  readonly description: string
  /** JSON bodies by name; several are alternatives. None: no body. */
  readonly schemas?: { readonly [name: string]: Schema }
  /** Other kinds of bodies than JSON. */
  readonly mediaTypes?: readonly string[]
  readonly headers?: { readonly [name: string]: string }
}

/** One call; `path` in OpenAPI's form. */
export interface ApiCall {
  readonly id: string
  readonly method: 'get' | 'head' | 'post' | 'patch' | 'delete'
  readonly path: string
  readonly summary: string
  readonly description?: string
  /** Whether it needs a session token. */
  readonly isGuarded: boolean
  readonly pathParameters?: { readonly [name: string]: { schema?: Schema; description: string } }
  readonly query?: Shape
  /** Request bodies by name; several are alternatives. */
  readonly bodies?: { readonly [name: string]: Schema }
  readonly answers: { readonly [status: number]: Answer }
  /** Another kind of refusal, beside problem+json: what the protocol wants. */
  readonly refusalType?: string
  /** Refusals beyond those that every call of its kind has. */
  readonly codes: readonly ErrorCode[]
}

/** Refusals of every call, and of every call with a session token. */
export const COMMON_CODES: readonly ErrorCode[] = ['internal', 'misconfigured']
export const GUARDED_CODES: readonly ErrorCode[] = [
  'invalid_request',
  'invalid_token',
  'rate_limited',
  'unavailable',
]
