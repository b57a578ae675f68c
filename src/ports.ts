// What the core needs from outside, as interfaces only; adapters implement them, deps.ts picks.
import type { Checksum } from './contract/checksum.ts'
import type { LinkChange } from './core/link/change.ts'
import type { LinkRecord, PlaceAsk, PlaceState, StoredLink, Taking } from './core/link/record.ts'
import type { OwnPermit, Permit } from './core/policy/decide.ts'
import type { ObjectKey } from './core/policy/key.ts'
import type { Operation } from './core/policy/operation.ts'
import type { Result } from './core/result.ts'
import type { Credentials } from './core/sign/bucket.ts'
import type { Session } from './core/token/session.ts'
import type { WebhookEvent } from './core/webhook/message.ts'
import type { RepeatAsk, RepeatReply } from './core/upload/repeats.ts'

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
  find(header: { readonly alg: string; readonly kid?: string }): KeyLookup | Promise<KeyLookup>
}
export type KeyLookup =
  | { readonly kind: 'keys'; readonly keys: readonly CryptoKey[] }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Records that end tokens before their time. */
export interface Revocations {
  /** `unknown` when the records cannot be read; the issuer's configuration says what then. */
  judge(session: Session): Promise<'valid' | 'revoked' | 'unknown'>
}

export type FoundCredentials = Result<Credentials, CredentialFault>

/** Where a bucket's credentials come from: configuration, or a security token service. */
export interface CredentialSource {
  /** Credentials that are valid now; a fault says, privately, why there are none. */
  get(): FoundCredentials | Promise<FoundCredentials>
}
export interface CredentialFault {
  readonly reason: 'no_credentials'
  /** For the log. */
  readonly detail: string
}

/** Events for the application's own server. */
export interface Webhooks {
  /** True once the event is kept safe for delivery, or nobody wants events; false when it could not be. */
  send(event: WebhookEvent): Promise<boolean>
}

/** The store of links was asked and gave no answer. */
export interface LinkStoreFault {
  readonly kind: 'links_unavailable'
}

/** Where lists of links are looked up: by owner, or by where what they open stands. */
export type LinkIndex =
  | { readonly owner: Pick<Session, 'issuer' | 'subject'> }
  | { readonly bucket: string; readonly prefix: string }

/** Links and what happened to them. Ids are those of `toLinkId`; `null` for one that is not known, or no more. */
export interface Links {
  create(id: string, record: LinkRecord): Promise<Result<null, LinkStoreFault>>
  /** Links that were minted bring their record along, here and in `take`: nothing of them is stored before. */
  read(id: string, minted?: LinkRecord): Promise<Result<StoredLink | null, LinkStoreFault>>
  /**
   * Changes what the change names, in one step, and tells the link as it is then: one that was revoked stays as it
   * was. `record` is the caller's view of it, which may be old; it counts only where nothing newer is known.
   */
  change(
    id: string,
    record: LinkRecord,
    change: LinkChange,
  ): Promise<Result<StoredLink, LinkStoreFault>>
  revoke(id: string, record: LinkRecord): Promise<Result<null, LinkStoreFault>>
  /**
   * Counts one opening in one step, if its state allows it. `network` is what a tripwire counts. Whoever comes back
   * for what he has taken (`isRepeat`) is not counted, but trips and is stopped as others are.
   */
  take(
    id: string,
    network: string | null,
    isRepeat?: boolean,
    minted?: LinkRecord,
  ): Promise<Result<Taking, LinkStoreFault>>
  /** One step with the place of a file that is sent in by the link; exact under concurrency. */
  place(id: string, ask: PlaceAsk, minted?: LinkRecord): Promise<Result<PlaceState, LinkStoreFault>>
  /** Counts a guess at the password before it is looked at: 0, or the seconds until the next is let in. */
  attempt(id: string): Promise<Result<number, LinkStoreFault>>
  /** The guess was right: it does not count. */
  forgive(id: string): Promise<Result<null, LinkStoreFault>>
  /** One page of ids, newest first by owner. Its cost is that of the page, not of all links. */
  list(
    index: LinkIndex,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<Result<{ readonly ids: readonly string[]; readonly cursor?: string }, LinkStoreFault>>
}

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
  /** Of the whole object, as far as S3 keeps any. */
  readonly checksums: readonly Checksum[]
  /** Its headers `x-amz-meta-…`. */
  readonly metadata: ReadonlyMap<string, string>
}

/** How a call to S3 failed, private; the `Code` of S3's answer is logged, its text is not. */
export type StoreFault =
  | { readonly reason: 'timeout' }
  | { readonly reason: 'unreachable' }
  | { readonly reason: 'status'; readonly status: number; readonly code?: string }
  | CredentialFault

/** A part of an open multipart upload as S3 reports it. */
export interface StoredPart {
  readonly partNumber: number
  /** Bytes. */
  readonly size: number
  /** Without quotes. */
  readonly etag: string
}

/** What became of a completion that S3 answered. */
export type Completion =
  | 'done'
  /** S3 knows no such upload: completed before, aborted or expired. */
  | 'gone'
  /** An object stands under the key, and the completion was not to replace one. */
  | 'exists'
  /** S3 has other parts than those named. */
  | 'refused'
  /** The parts together do not have the checksum that was named. */
  | 'corrupt'

/** One page of a list, as S3 gives it below the permitted prefix. */
export interface Listing {
  readonly objects: readonly {
    readonly key: string
    readonly size: number
    readonly etag: string
    /** RFC 3339. */
    readonly lastModified: string
  }[]
  readonly prefixes: readonly string[]
  /** Opaque; absent on the last page. */
  readonly cursor?: string
}

export type UploadPermit = Permit<Extract<Operation, { action: 'upload' }>>
type ListPermit = OwnPermit<Extract<Operation, { action: 'list' }>>

/** How a completed object is to come about. */
export interface Completing {
  /** Refuses to replace an object where the provider can. */
  readonly createOnly: boolean
  /** Of the whole object, which S3 compares. */
  readonly checksum?: Checksum | undefined
}

/** An open multipart upload, as S3 lists it. */
export interface OpenUpload {
  readonly key: string
  readonly uploadId: string
  readonly initiatedAtMs: number
}

/** S3 as the gateway itself calls it; every call needs the permit of what it touches. */
export interface ObjectStore {
  /** The object, or null where there is none. */
  head(permit: OwnPermit): Promise<Result<StoredObject | null, StoreFault>>
  /** The first bytes of exactly this object, one character each. */
  readStart(
    permit: OwnPermit,
    object: Pick<StoredObject, 'etag'>,
    bytes: number,
  ): Promise<Result<string, StoreFault>>
  /** Removes the object, or exactly the version given. */
  remove(permit: OwnPermit, versionId?: string): Promise<Result<null, StoreFault>>
  /** Copies a stored object of the same bucket, with its type and metadata, to the permitted key. */
  copy(
    permit: UploadPermit,
    source: { readonly key: ObjectKey; readonly object: StoredObject },
    how: Completing,
  ): Promise<Result<Completion, StoreFault>>
  /** Objects and common prefixes below the permitted prefix, delimited by "/". */
  list(
    permit: ListPermit,
    page: { readonly cursor?: string; readonly limit: number },
  ): Promise<Result<Listing, StoreFault>>
  /** Opens a multipart upload with these headers for its object, and gives its id. */
  createMultipart(
    permit: UploadPermit,
    headers: ReadonlyMap<string, string>,
  ): Promise<Result<string, StoreFault>>
  /** All parts that have arrived, or null when S3 knows no such upload. */
  listParts(
    permit: UploadPermit,
    uploadId: string,
  ): Promise<Result<readonly StoredPart[] | null, StoreFault>>
  /** Puts the parts together. */
  completeMultipart(
    permit: UploadPermit,
    uploadId: string,
    parts: readonly { readonly partNumber: number; readonly etag: string }[],
    how: Completing,
  ): Promise<Result<Completion, StoreFault>>
  /** Drops the upload and its parts; done as well when S3 knows no such upload. */
  abortMultipart(permit: OwnPermit, uploadId: string): Promise<Result<null, StoreFault>>
  /** One page of the uploads that are open below the permitted prefix, and the marker of the next. */
  listUploads(
    permit: ListPermit,
    after?: UploadMarker,
  ): Promise<Result<{ uploads: readonly OpenUpload[]; next?: UploadMarker }, StoreFault>>
}
export type UploadMarker = Pick<OpenUpload, 'key' | 'uploadId'>

/**
 * Remembers for a day what a request with an idempotency key has opened; exact under concurrency. `mine`: nobody has
 * opened it, and for half a minute nobody else may. `busy`: somebody is about to. `other`: the name stands for another
 * body. `unknown`: the store is down.
 */
export type Repeats = (
  name: string,
  ask: RepeatAsk,
) => Promise<RepeatReply | { readonly kind: 'unknown' }>
