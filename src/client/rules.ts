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
const REFUSED = /(^|\/)((\.|%2e){0,2})(\/|$)|[\p{Cc}\p{Cs}\\]/iu

/** Whether a text is an object key. */
export function isKey(text: string): boolean {
  return !REFUSED.test(text) && new TextEncoder().encode(text).length <= 1024
}

function isTypeIn(type: string, patterns: readonly string[] | undefined): boolean {
  const essence = type.split(';')[0]?.trim().toLowerCase() ?? ''
  return (
    patterns?.some(
      (pattern) =>
        pattern === '*/*' ||
        pattern === essence ||
        (pattern.endsWith('/*') && essence.startsWith(pattern.slice(0, -1))),
    ) ?? true
  )
}

/** The grant under which it may be uploaded; throws what the gateway would answer. */
export function findGrant(grants: readonly Grant[], { bucket, key, size, type }: Candidate): Grant {
  const refuse = (code: 'invalid_request' | 'forbidden' | 'too_large', text: string): never => {
    throw new PosternError(code, text)
  }
  if (!isKey(key)) return refuse('invalid_request', 'This name cannot be an object key.')
  // R2 folds keys to NFC, and grants are judged on that form.
  const isBelow = (prefix: string): boolean =>
    key.startsWith(prefix) || key.normalize('NFC').startsWith(prefix)
  const near = grants.filter(
    (grant) => grant.bucket === bucket && grant.allow.includes('upload') && isBelow(grant.prefix),
  )
  if (near.length === 0) return refuse('forbidden', 'No grant allows to upload this here.')
  const typed = near.filter(({ types }) => isTypeIn(type, types))
  if (typed.length === 0)
    throw new PosternError('unsupported_type', `Files of type ${type} are not accepted here.`)
  const sized = typed.find(({ maxBytes = Infinity }) => size <= maxBytes)
  const most = Math.max(...typed.map(({ maxBytes = 0 }) => maxBytes))
  return sized ?? refuse('too_large', `Files here may have at most ${most} bytes.`)
}
