// Compares what S3 holds with what a ticket declared.
import type { StoredObject } from '../../ports.ts'
import type { Ticket } from './ticket.ts'

export type Verdict =
  /** It is the ticket's object, as declared. */
  | { readonly kind: 'complete'; readonly object: StoredObject }
  /** Nothing of this ticket is there. */
  | { readonly kind: 'absent' }
  /** Another upload's object stands there. */
  | { readonly kind: 'foreign' }
  /** It is the ticket's object, but not as declared: it must go. */
  | { readonly kind: 'mismatch'; readonly of: 'size' | 'type'; readonly object: StoredObject }

export function judgeStored(ticket: Ticket, object: StoredObject | null): Verdict {
  if (object === null) return { kind: 'absent' }
  // Only the holder of the ticket could send its nonce, as a signed header.
  if (object.uploadNonce !== ticket.nonce) return { kind: 'foreign' }
  if (object.size !== ticket.size) return { kind: 'mismatch', of: 'size', object }
  if (object.type !== ticket.type) return { kind: 'mismatch', of: 'type', object }
  return { kind: 'complete', object }
}
