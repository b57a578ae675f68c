// The server's rules, judged before a byte is sent: object keys, and the grants of the session.
import type { SessionAnswer } from '../contract/session.ts'
import { PosternError } from './error.ts'

type Grant = SessionAnswer['grants'][number]

export interface Candidate {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly type: string
}

/** Segments that are empty, `.` or `..` (also as `%2e`), control characters, backslashes, lone surrogates. */
const REFUSED = /(^|\/)(\.|%2e){0,2}(\/|$)|[\p{Cc}\p{Cs}\\]/iu

/** Whether a text is an object key. */
export function isKey(text: string): boolean {
  return !REFUSED.test(text) && new Blob([text]).size <= 1024
}

/** Whether a content type, its parameters aside, is among these: exact, a whole family, or all. */
export function isTypeIn(type: string, patterns: readonly string[] = ['*/*']): boolean {
  const [essence = ''] = type.toLowerCase().split(';')
  const exact = essence.trim()
  const near = [exact, exact.replace(/\/.*/, '/*'), '*/*']
  return patterns.some((pattern) => near.includes(pattern))
}

/** The grant under which it may be uploaded; throws what the gateway would answer. */
export function findGrant(grants: readonly Grant[], { bucket, key, size, type }: Candidate): Grant {
  if (!isKey(key)) throw new PosternError('invalid_request')
  const near = grants.filter(
    (grant) =>
      grant.bucket === bucket &&
      grant.allow.includes('upload') &&
      // R2 folds keys to NFC, and grants are judged on that form.
      [key, key.normalize('NFC')].some((form) => form.startsWith(grant.prefix)),
  )
  const typed = near.filter(({ types }) => isTypeIn(type, types))
  const found = typed.find(({ maxBytes = Infinity }) => size <= maxBytes)
  if (found) return found
  throw new PosternError(typed[0] ? 'too_large' : near[0] ? 'unsupported_type' : 'forbidden')
}
