// Compares what S3 holds with what a ticket declared.
import type { Checksum } from '../../contract/checksum.ts'
import type { StoredObject } from '../../ports.ts'
import { type Ticket, toMaxBytes } from './ticket.ts'

export type Verdict =
  /** It is the ticket's object, as declared. */
  | { readonly kind: 'complete'; readonly object: StoredObject }
  /** Nothing of this ticket is there. */
  | { readonly kind: 'absent' }
  /** Another upload's object stands there. */
  | { readonly kind: 'foreign' }
  /** It is the ticket's object, but not as declared: it must go. */
  | {
      readonly kind: 'mismatch'
      readonly of: 'size' | 'type' | 'checksum'
      readonly object: StoredObject
    }

/** What is known beside the ticket: of a completion in progress, and what its caller says. */
export interface Known {
  /** Bytes of the parts that were put together. */
  readonly size?: number | undefined
  /** Of the whole object, from the MD5s of those parts. */
  readonly etag?: string | undefined
  readonly checksum?: Checksum | undefined
}

function isSizeRight(ticket: Ticket, size: number, known: Known): boolean {
  if (known.size !== undefined && known.size !== size) return false
  return ticket.size === null ? size <= toMaxBytes(ticket) : size === ticket.size
}

/** Whatever S3 reports must agree with what was declared; what it does not report it verified on arrival. */
function isSumRight({ checksum }: Ticket, object: StoredObject, known: Known): boolean {
  if (known.etag !== undefined && known.etag !== object.etag) return false
  return [checksum, known.checksum].every((declared) => {
    const stored = object.checksums.find(({ algorithm }) => algorithm === declared?.algorithm)
    return stored === undefined || declared?.value === undefined || stored.value === declared.value
  })
}

export function judgeStored(
  ticket: Ticket,
  object: StoredObject | null,
  known: Known = {},
): Verdict {
  if (object === null) return { kind: 'absent' }
  // Only the holder of the ticket could send its nonce, as a signed header.
  if (object.uploadNonce !== ticket.nonce) return { kind: 'foreign' }
  if (!isSizeRight(ticket, object.size, known)) return { kind: 'mismatch', of: 'size', object }
  if (object.type !== ticket.type) return { kind: 'mismatch', of: 'type', object }
  if (!isSumRight(ticket, object, known)) return { kind: 'mismatch', of: 'checksum', object }
  return { kind: 'complete', object }
}
