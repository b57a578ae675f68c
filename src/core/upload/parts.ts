// Judges the parts that have arrived against the ticket: all there, each of its exact size.
import type { StoredPart } from '../../ports.ts'
import { sizeOfPart } from './plan.ts'
import { type Ticket, toPartCount } from './ticket.ts'

/** A part as the client names it; its ETag without quotes. */
export interface NamedPart {
  readonly partNumber: number
  readonly etag: string
}

export type PartsVerdict =
  /** Complete: what to put together, in order. */
  | { readonly kind: 'ready'; readonly parts: readonly NamedPart[] }
  | { readonly kind: 'missing'; readonly partNumbers: readonly number[] }
  /** They hold other sizes than declared. */
  | { readonly kind: 'wrong_size'; readonly partNumbers: readonly number[] }
  /** They are not those that the client named. */
  | { readonly kind: 'wrong_etag'; readonly partNumbers: readonly number[] }

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

/** Against S3's own list, which is the truth; `named` may only confirm it. */
export function judgeListedParts(
  ticket: Ticket,
  listed: readonly StoredPart[],
  named: readonly NamedPart[],
): PartsVerdict {
  const byNumber = new Map(listed.map((part) => [part.partNumber, part]))
  const expected = numbersTo(toPartCount(ticket))
  const missing = expected.filter((partNumber) => !byNumber.has(partNumber))
  if (missing.length > 0) return { kind: 'missing', partNumbers: missing }
  const partSize = ticket.multipart?.partSize ?? ticket.size
  const wrongSize = expected.filter(
    (partNumber) =>
      byNumber.get(partNumber)?.size !== sizeOfPart(ticket.size, partSize, partNumber),
  )
  if (wrongSize.length > 0) return { kind: 'wrong_size', partNumbers: wrongSize }
  const wrongEtag = named.filter(({ partNumber, etag }) => byNumber.get(partNumber)?.etag !== etag)
  if (wrongEtag.length > 0)
    return { kind: 'wrong_etag', partNumbers: wrongEtag.map(({ partNumber }) => partNumber) }
  const parts = expected.flatMap((partNumber) => byNumber.get(partNumber) ?? [])
  return { kind: 'ready', parts }
}

/** Where S3 cannot list: all that is known is what the client names, and the object's size afterwards. */
export function judgeNamedParts(ticket: Ticket, named: readonly NamedPart[]): PartsVerdict {
  const byNumber = new Map(named.map((part) => [part.partNumber, part]))
  const expected = numbersTo(toPartCount(ticket))
  const missing = expected.filter((partNumber) => !byNumber.has(partNumber))
  if (missing.length > 0) return { kind: 'missing', partNumbers: missing }
  return { kind: 'ready', parts: expected.flatMap((partNumber) => byNumber.get(partNumber) ?? []) }
}
