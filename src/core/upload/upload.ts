// An upload under way: its ticket with the permit to go on, where its bytes arrive, and how it can fail.
import type { FieldError } from '../../contract/errors.ts'
import type {
  Clock,
  ObjectStore,
  Random,
  StoredObject,
  StoreFault,
  UploadPermit,
} from '../../ports.ts'
import { toStaged } from '../policy/decide.ts'
import type { ObjectKey } from '../policy/key.ts'
import { err, ok, type Result } from '../result.ts'
import type { SigningKeys } from '../sign/scope.ts'
import type { SignFault } from '../sign/requests.ts'
import { type Ticket, toMaxBytes } from './ticket.ts'

export interface Upload {
  readonly ticket: Ticket
  /** For the final key: grants are judged on that. */
  readonly permit: UploadPermit
  /** False once the time to resume is over: nothing more is signed or put together. */
  readonly isOpen: boolean
}

/** Why bytes or requests are not admitted. */
export type LimitFault =
  | {
      readonly kind: 'limited'
      readonly retryAfterSeconds: number
      readonly policies: readonly string[]
    }
  | { readonly kind: 'limit_unavailable'; readonly policies: readonly string[] }
  | { readonly kind: 'byte_quota' }

/** What of an upload a byte quota must know; the nonce names it. */
export type Counted = Pick<Ticket, 'nonce' | 'bucket' | 'resumableUntilSeconds' | 'staged'>

/** What counts uploads: byte quotas of the caller, and the places of a link. */
export interface ByteCount {
  /** The smallest quota; undefined where bytes are not counted. */
  readonly maxBytes: number | undefined
  /** Held when an upload opens, settled before the object comes to be; null when there is room. */
  hold(upload: Counted, bytes: number, isSettled: boolean): Promise<UploadFault | null>
  /** Gives back what an upload held that ended without an object. */
  release(upload: Counted): Promise<void>
}

/** What every step needs from outside. */
export interface UploadTools {
  readonly store: ObjectStore
  readonly clock: Clock
  readonly random: Random
  readonly signingKeys: SigningKeys
  readonly count: ByteCount
}

/** How a step can fail; `http/failure.ts` makes the public answer. */
export type UploadFault =
  | LimitFault
  | { readonly kind: 'shape'; readonly errors: readonly FieldError[] }
  | { readonly kind: 'object_too_large'; readonly detail: string }
  | { readonly kind: 'sign'; readonly fault: SignFault }
  | { readonly kind: 'store'; readonly fault: StoreFault }
  | { readonly kind: 'conflict'; readonly detail: string }
  /** A finished object was not as declared, and has been removed; or is not as it is called only now, and stays. */
  | {
      readonly kind: 'mismatch'
      readonly of: 'size' | 'type' | 'checksum' | 'content'
      readonly isKept?: true
    }
  /** Nothing is finished yet: these parts can be sent again; of all of them, where none is named. */
  | {
      readonly kind: 'parts'
      readonly of: 'missing' | 'wrong_size' | 'wrong_etag' | 'corrupt'
      readonly partNumbers: readonly number[]
    }

export function toConflict(detail: string): UploadFault {
  return { kind: 'conflict', detail }
}

export function toUnsupported(detail: string): UploadFault {
  return { kind: 'sign', fault: { reason: 'unsupported', detail } }
}

/** The ticket under what is granted now, which may be less than when it was sealed. Known sizes are decided on. */
export function toBounded({ ticket, permit }: Pick<Upload, 'ticket' | 'permit'>): Ticket {
  const { maxBytes } = permit.grant
  if (ticket.size !== null || maxBytes === undefined) return ticket
  return { ...ticket, budget: Math.min(toMaxBytes(ticket), maxBytes) }
}

export function toOverGranted(ticket: Ticket): UploadFault {
  const detail = `The parts are over the ${toMaxBytes(ticket)} bytes that are granted.`
  return { kind: 'object_too_large', detail }
}

/** Where the bytes arrive: at the final key, or below the staging prefix. */
export function toArrival({ ticket, permit }: Pick<Upload, 'ticket' | 'permit'>): UploadPermit {
  // A sealed ticket holds only what was an object key when it was made.
  return ticket.staged === undefined ? permit : toStaged(permit, ticket.staged as ObjectKey)
}

/** The object under the key. S3 answers 403 for what is missing where its key may not list: null as well. */
export async function look(
  { store }: Pick<UploadTools, 'store'>,
  permit: UploadPermit,
): Promise<Result<StoredObject | null, UploadFault>> {
  const stored = await store.head(permit)
  if (stored.ok) return stored
  const isHidden = stored.error.reason === 'status' && stored.error.status === 403
  return isHidden ? ok(null) : err({ kind: 'store', fault: stored.error })
}
