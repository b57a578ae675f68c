// Judges the parts that have arrived against the ticket: all there, each of its exact size.
import { toHex } from '../hex.ts'
import type { StoredPart } from '../../ports.ts'
import { type Ticket, toMaxBytes, toPartBytes, toPartCount } from './ticket.ts'
import { toOverGranted, type UploadFault } from './upload.ts'

/** A part as the client names it; its ETag without quotes. */
export interface NamedPart {
  readonly partNumber: number
  readonly etag: string
}

export type PartsVerdict =
  /** Complete: what to put together, in order, and its bytes where they are known. */
  | { readonly kind: 'ready'; readonly parts: readonly NamedPart[]; readonly size?: number }
  | UploadFault

function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function toFault(
  of: Extract<UploadFault, { kind: 'parts' }>['of'],
  partNumbers: readonly number[],
): UploadFault {
  return { kind: 'parts', of, partNumbers }
}

/** The numbers that must be there: all of the plan, or of an unknown size all up to the last that came. */
function toExpected(ticket: Ticket, numbers: readonly number[]): number[] {
  const last = numbers.reduce((most, partNumber) => Math.max(most, partNumber), 1)
  return numbersTo(ticket.size === null ? last : toPartCount(ticket))
}

/** Of an unknown size the last part may be shorter, all others are full; where nothing is signed, all may. */
function isSizeRight(ticket: Ticket, part: StoredPart | undefined, isLast: boolean): boolean {
  const bytes = part && toPartBytes(ticket, part.partNumber)
  if (part === undefined || bytes === undefined) return part !== undefined
  return ticket.size === null && isLast ? part.size <= bytes : part.size === bytes
}

/** Against S3's own list, which is the truth; `named` may only confirm it. */
export function judgeListedParts(
  ticket: Ticket,
  listed: readonly StoredPart[],
  named: readonly NamedPart[],
): PartsVerdict {
  const byNumber = new Map(listed.map((part) => [part.partNumber, part]))
  const expected = toExpected(ticket, [...byNumber.keys()])
  // Where parts of any size and number may come, those that did are the object.
  const isMeasured = ticket.multipart?.partSize === 0
  const missing = expected.filter((partNumber) => !byNumber.has(partNumber))
  if (byNumber.size === 0 || (missing.length > 0 && !isMeasured)) return toFault('missing', missing)
  const size = listed.reduce((sum, part) => sum + part.size, 0)
  if (size > toMaxBytes(ticket)) return toOverGranted(ticket)
  const there = expected.filter((partNumber) => byNumber.has(partNumber))
  const wrongSize = there.filter(
    (partNumber) => !isSizeRight(ticket, byNumber.get(partNumber), partNumber === there.at(-1)),
  )
  if (wrongSize.length > 0) return toFault('wrong_size', wrongSize)
  const wrongEtag = named.filter(({ partNumber, etag }) => byNumber.get(partNumber)?.etag !== etag)
  if (wrongEtag.length > 0)
    return toFault(
      'wrong_etag',
      wrongEtag.map(({ partNumber }) => partNumber),
    )
  return { kind: 'ready', parts: there.flatMap((number) => byNumber.get(number) ?? []), size }
}

/** Where S3 cannot list: all that is known is what the client names, and the object's size afterwards. */
export function judgeNamedParts(ticket: Ticket, named: readonly NamedPart[]): PartsVerdict {
  const byNumber = new Map(named.map((part) => [part.partNumber, part]))
  const expected = toExpected(ticket, [...byNumber.keys()])
  const missing = expected.filter((partNumber) => !byNumber.has(partNumber))
  if (missing.length > 0) return toFault('missing', missing)
  return { kind: 'ready', parts: expected.flatMap((number) => byNumber.get(number) ?? []) }
}

/** The ETag of the object that these parts make where ETags are MD5s, or undefined where they are not. */
export async function toObjectEtag(parts: readonly NamedPart[]): Promise<string | undefined> {
  if (!parts.every(({ etag }) => /^[0-9a-f]{32}$/.test(etag))) return undefined
  const digests = parts.flatMap(({ etag }) => etag.match(/../g) ?? [])
  const bytes = Uint8Array.from(digests, (pair) => Number.parseInt(pair, 16))
  const sum = new Uint8Array(await crypto.subtle.digest('MD5', bytes))
  return `${toHex(sum)}-${parts.length}`
}
