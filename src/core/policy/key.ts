// Object keys: which texts are one, and how one is read from a request path or a prefix.
import { toBytes } from '../bytes.ts'
import { err, ok, type Result } from '../result.ts'

declare const objectKey: unique symbol
/** A key of 1 to 1024 bytes of UTF-8 with no dot segment, empty segment, control character or backslash. */
export type ObjectKey = string & { readonly [objectKey]: true }

declare const keyPrefix: unique symbol
/** The start of a key: empty, or segments each ending in "/", under the same rules as a key. */
export type KeyPrefix = string & { readonly [keyPrefix]: true }

export const MAX_KEY_BYTES = 1024

/** The first segment that is empty or dots. */
const BAD_SEGMENT = /(?:^|\/)((?:\.|%2e){0,2})(?:\/|$)/i
// Control characters, the backslash that Windows clients and URL parsers take for "/", lone surrogates.
const REFUSED = /[\p{Cc}\\]/u

function faultOf(text: string): string | null {
  if (text === '') return 'is empty'
  if (!text.isWellFormed()) return 'is not well-formed Unicode'
  if (REFUSED.test(text)) return 'holds a control character or a backslash'
  // A unit of UTF-16 is at most three bytes, and most keys are short.
  if (text.length > MAX_KEY_BYTES / 3 && toBytes(text).length > MAX_KEY_BYTES)
    return 'is longer than 1024 bytes'
  const bad = BAD_SEGMENT.exec(text)
  if (bad === null) return null
  // URL parsers collapse `.`, `..` and `%2e%2e`: path style would then sign another bucket's object.
  return bad[1] === ''
    ? 'holds an empty segment, or begins or ends with "/"'
    : 'holds a "." or ".." segment'
}

/** A key exactly as given; the error is a sentence fragment for the caller, without the input. */
export function parseObjectKey(text: string): Result<ObjectKey, string> {
  const fault = faultOf(text)
  // The one place where a text becomes a key: every rule was checked above.
  return fault === null ? ok(text as ObjectKey) : err(fault)
}

/** A key from the raw bytes of a request path: percent-decoded once (RFC 3986 §2.1), then checked. */
export function parseRawObjectKey(rawPath: string): Result<ObjectKey, string> {
  try {
    return parseObjectKey(decodeURIComponent(rawPath))
  } catch {
    return err('is not valid percent-encoded UTF-8')
  }
}

/** A prefix: empty, or a key followed by "/". */
export function parseKeyPrefix(text: string): Result<KeyPrefix, string> {
  if (text === '') return ok('' as KeyPrefix)
  if (!text.endsWith('/')) return err('does not end with "/"')
  const fault = faultOf(text.slice(0, -1))
  // The one place where a text becomes a prefix: every rule was checked above.
  return fault === null ? ok(text as KeyPrefix) : err(fault)
}

/**
 * The form under which a store keeps the key. R2 folds keys to NFC, so policy must look at that form,
 * or a name in another form would reach an object outside of what was decided.
 */
export function toStoredKey<K extends ObjectKey | KeyPrefix>(key: K, foldsToNfc: boolean): K {
  // NFC never makes "/", ".", "\" or a control character, so the form is a key as well.
  return foldsToNfc ? (key.normalize('NFC') as K) : key
}
