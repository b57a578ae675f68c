// What Hono's context carries along the corridor.
import type { Context } from 'hono'
import type { Config } from '../config/config.ts'
import type { ConfigFault } from '../config/env.ts'
import type { Events } from '../core/event.ts'
import type { Limiter } from '../core/limit/limiter.ts'
import type { ByteQuotas } from '../core/limit/quotas.ts'
import type { LinkRecord } from '../core/link/record.ts'
import type { Decision } from '../core/limit/policy.ts'
import type { Result } from '../core/result.ts'
import type { SigningKeys } from '../core/sign/scope.ts'
import type { Session } from '../core/token/session.ts'
import type {
  Clock,
  EventLog,
  Links,
  ObjectStore,
  Random,
  Repeats,
  Revocations,
  Webhooks,
} from '../ports.ts'

/** All that a route may use, chosen in deps.ts. */
export interface Deps {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly limiter: Limiter
  readonly quotas: ByteQuotas
  readonly revocations: Revocations
  readonly links: Links
  readonly store: ObjectStore
  readonly repeats: Repeats
  readonly signingKeys: SigningKeys
  readonly webhooks: Webhooks
  readonly events: Events | null
  /** A pseudonym of a name for logs: keyed, so that it cannot be guessed back. */
  toPseudonym(...names: readonly string[]): Promise<string>
}

export type FoundDeps = Result<Deps, readonly ConfigFault[]>

/** Works on whatever the platform gives as environment; the log works even without a configuration. */
export interface Platform {
  readonly log: EventLog
  depsOf(env: object): FoundDeps | Promise<FoundDeps>
}

/** The link by which a request uploads: whoever has it holds the ticket, its owner's grants and quotas decide. */
export interface Via {
  readonly tag: string
  readonly record: LinkRecord
  readonly isMinted: boolean
  /** Nothing is to come of the upload: a place that a completion has filled may still get its object. */
  readonly isDropping?: boolean
}

/** What the log line of a request collects on its way. */
export interface RequestRecord {
  route?: string
  /** Public error code. */
  code?: string
  /** Private reason of a refusal. */
  reason?: string
  /** Which grants were looked at when none allowed it, and what each said. */
  grants?: string
  /** Pseudonym of the link that was opened: its id would open it. */
  link?: string
  bucket?: string
  key?: string
  grant?: string
  expiresAt?: string
  /** The first 16 digits of the signature: enough to find a URL, useless to forge one. */
  signature?: string
  /** Requests of a batch, and how many of them were refused; each has a line of its own. */
  count?: number
  refused?: number
}

export interface AppEnv {
  Bindings: Env
  Variables: {
    requestId: string
    record: RequestRecord
    /** When which step was over, for `Server-Timing`; in development alone. */
    marks: [name: string, atMs: number][] | undefined
    /** The records of a batch's requests. */
    items: readonly RequestRecord[]
    deps: Deps
    session: Session
    via?: Via
    /** Limits already checked for this request, tightest first. */
    decisions: readonly Decision[]
  }
}

export type Ctx = Context<AppEnv>
