// What an answer of S3 to a GET says of the object: its size and ETag, which bytes these are, what proves them.
import type { IncomingMessage } from 'node:http'
import { SUMS } from '../transfer/sums.ts'
import type { Journal } from './journal.ts'

export interface Facts extends Pick<Journal, 'etag' | 'size' | 'isMd5' | 'sum'> {
  /** Where the bytes of this answer begin and end. */
  readonly start: number
  readonly end: number
}

export function toHeader({ headers }: IncomingMessage, name: string): string | null {
  const value = headers[name]
  return typeof value === 'string' ? value : null
}

/** RFC 9110 §14.4; a store that ignores Range answers with all, by 200. */
function toSpan(answer: IncomingMessage): { start: number; end: number; size: number } | null {
  if (answer.statusCode === 200) {
    const size = toHeader(answer, 'content-length')
    return size !== null && /^\d+$/.test(size)
      ? { start: 0, end: Number(size), size: Number(size) }
      : null
  }
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(toHeader(answer, 'content-range') ?? '')
  if (range === null) return null
  const [start = 0, last = 0, size = 0] = range.slice(1).map(Number)
  return start <= last && last < size ? { start, end: last + 1, size } : null
}

/** Of a sum with "-N" no whole can be told; the sums of a range are of that range. */
function findSum(answer: IncomingMessage, isWhole: boolean): Facts['sum'] {
  if (!isWhole && toHeader(answer, 'x-amz-checksum-type') !== 'FULL_OBJECT') return null
  for (const name of SUMS) {
    const value = toHeader(answer, `x-amz-checksum-${name}`)
    if (value !== null && /^[A-Za-z0-9+/]+={0,2}$/.test(value)) return { name, value }
  }
  return null
}

/** Null where it does not say what a GET needs. */
export function toFacts(answer: IncomingMessage): Facts | null {
  const span = toSpan(answer)
  if (span === null) return null
  const encryption = toHeader(answer, 'x-amz-server-side-encryption') ?? 'AES256'
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: with KMS or a customer's key no MD5.
  const isMd5 =
    encryption === 'AES256' &&
    toHeader(answer, 'x-amz-server-side-encryption-customer-algorithm') === null
  return {
    ...span,
    etag: toHeader(answer, 'etag') ?? '',
    isMd5,
    sum: findSum(answer, span.start === 0 && span.end === span.size),
  }
}
