// What a limit is and what every limiter answers: the shapes shared by configuration, stores and headers.

/** The kinds of request a limit can apply to (`on` in configuration). */
export const LIMITED_ACTIONS = ['read', 'sign', 'upload', 'list', 'delete', 'link', 'open'] as const
export type LimitedAction = (typeof LIMITED_ACTIONS)[number]

/** One entry of LIMITS: `allow` units per `everySeconds` for each distinct `per`. */
export interface LimitPolicy {
  /** Label in headers and problems; unique in a configuration. */
  readonly name: string
  readonly per: 'sub' | 'ip' | 'link' | 'bucket'
  readonly allow: number
  readonly everySeconds: number
  readonly unit: 'requests' | 'bytes'
  readonly on: readonly LimitedAction[]
  readonly store: 'kv' | 'durable-object'
  readonly preset: 'eco' | 'standard' | 'tight'
  /** What a request gets when the store fails: `allow` goes on from memory, `deny` is 503. */
  readonly onError: 'allow' | 'deny'
  /** Name of a ratelimits binding in front, which counts for a whole location. */
  readonly binding?: string
}

/** What a limiter answers for one request and one policy. */
export interface Decision {
  readonly ok: boolean
  readonly policy: string
  readonly limit: number
  /** Units left in the window; for `kv` an estimate, rounded down. */
  readonly remaining: number
  /** Whole seconds until the window ends, at least 1. */
  readonly resetS: number
  /** Which tier decided: 0 memory, 1 binding, 2 KV knowledge, 3 ban, 4 Durable Object. */
  readonly tier: 0 | 1 | 2 | 3 | 4
  readonly mode: 'open' | 'share' | 'local'
  /** True when the store failed and the policy says `deny`: answered with 503, not 429. */
  readonly unavailable?: true
}

/** Work that may go on after the answer: what an ExecutionContext offers of it. */
export interface Background {
  waitUntil(work: Promise<unknown>): void
  /** Cloudflare's location (`request.cf.colo`), where it is known. */
  readonly colo?: string | undefined
}

/** One limit over all its subjects. A Promise only where a Durable Object or a binding is asked. */
export interface Strategy {
  readonly policy: LimitPolicy
  /** Takes `cost` units if they are there; a refusal takes none. */
  check(subject: string, cost: number, ctx: Background): Decision | Promise<Decision>
  /** Gives back what `check` took with this decision, when another limit refused the same request. */
  release(subject: string, cost: number, ctx: Background, decision?: Decision): void
}

/** A counter that all isolates of one location share (a ratelimits binding): takes one unit of a key. */
export interface ColoCounter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>
}

/** What one isolate publishes of one subject in one closed slot (at most 80 bytes of JSON). */
export interface Pub {
  /** Arrivals in the window. */
  readonly a: number
  /** Admissions in the window. */
  readonly u: number
  /** Arrivals in the last window length. */
  readonly n: number
  /** Arrivals per second over the last two slots. */
  readonly r: number
  /** Admissions in the window of all that it knows: published ones and its own. */
  readonly t: number
  /** Arrivals in the last window length of all that it knows. */
  readonly d: number
}

/** A store of write-once slot records; consistency and failure are at the head of its adapter. */
export interface SlotStore {
  put(key: string, meta: Pub, ttlS: number): Promise<void>
  list(prefix: string): Promise<{ readonly id: string; readonly meta: Pub }[]>
  /** Until when a subject is banned, in milliseconds since 1970; 0 when it is not. */
  readBan?(key: string): Promise<number>
}
