// What the core needs from outside, as interfaces only; adapters implement them, deps.ts picks.
import type { Permit } from './core/policy/decide.ts'
import type { Result } from './core/result.ts'

export interface Clock {
  /** Milliseconds since 1970. In workerd it moves only across I/O. */
  now(): number
  wait(ms: number): Promise<void>
}

export interface Random {
  bytes(length: number): Uint8Array<ArrayBuffer>
}

/** Verification keys of one issuer. */
export interface KeySet {
  /**
   * Keys that may verify a token with this header: right family, right curve, right `kid` if the
   * header has one. An empty list means that no key fits (401); `unavailable` means that nobody can
   * know now (503).
   */
  find(header: { readonly alg: string; readonly kid?: string }): Promise<KeyLookup>
}
export type KeyLookup =
  | { readonly kind: 'keys'; readonly keys: readonly CryptoKey[] }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** One line per request, private: tokens, secrets and signatures never enter it. */
export interface EventLog {
  write(event: LogEvent): void
}
export type LogEvent = { readonly [name: string]: string | number | boolean | null | undefined }

/** An object as S3 reports it. */
export interface StoredObject {
  readonly size: number
  readonly type: string
  /** Without quotes. */
  readonly etag: string
  readonly versionId?: string
  /** The nonce that an upload of this gateway put into its metadata. */
  readonly uploadNonce?: string
}

/** How a call to S3 failed, private; the `Code` of S3's answer is logged, its text is not. */
export type StoreFault =
  | { readonly reason: 'timeout' }
  | { readonly reason: 'unreachable' }
  | { readonly reason: 'status'; readonly status: number; readonly code?: string }

/** S3 as the gateway itself calls it; every call needs the permit of what it touches. */
export interface ObjectStore {
  /** The object, or null where there is none. */
  head(permit: Permit): Promise<Result<StoredObject | null, StoreFault>>
  /** Removes the object, or exactly the version given. */
  remove(permit: Permit, versionId?: string): Promise<Result<null, StoreFault>>
}
