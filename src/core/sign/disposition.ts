// What a browser may do with a downloaded object: shown only if the grant names its type, else saved.
import { encodeRfc3986 } from './encode.ts'

const TYPES_BY_EXTENSION = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
  ['svg', 'image/svg+xml'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['md', 'text/markdown'],
  ['csv', 'text/csv'],
  ['html', 'text/html'],
  ['css', 'text/css'],
  ['js', 'text/javascript'],
  ['json', 'application/json'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['ogg', 'audio/ogg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['webm', 'video/webm'],
])

function typeOfKey(key: string): string | undefined {
  return TYPES_BY_EXTENSION.get(/\.([^./]+)$/.exec(key)?.[1]?.toLowerCase() ?? '')
}

/** Response overrides that a caller may ask of a GET; absent members stay as stored. */
export interface ResponseOverrides {
  readonly contentType?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly expires?: string | undefined
}

/**
 * A Content-Disposition with a file name from any Unicode text (RFC 6266 §4, RFC 8187 §3.2):
 * an ASCII fallback, and `filename*` where that loses something.
 */
export function toContentDisposition(kind: 'attachment' | 'inline', filename?: string): string {
  if (filename === undefined) return kind
  // Directory separators, quotes and control characters would move the file or split the header.
  const plain = filename.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]/gu, '_')
  const ascii = plain.replace(/["%]|[^\x20-\x7e]/gu, '_')
  const extended = ascii === plain ? '' : `; filename*=UTF-8''${encodeRfc3986(plain)}`
  return `${kind}; filename="${ascii}"${extended}`
}

/** A Content-Disposition in ASCII: a file name in another script takes RFC 8187's form. */
export function toDispositionHeader(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const [, kind, filename] = /^(attachment|inline) ?; ?filename="(.*)"$/u.exec(text) ?? []
  return toContentDisposition(kind === 'inline' ? 'inline' : 'attachment', filename)
}

/**
 * The `response-*` query parameters of a GET. Only a type that the grant lists is shown, and then under
 * exactly that type; a caller can tighten this, never loosen it: stored HTML must not run in the bucket's origin.
 */
export function toResponseQuery(
  inline: ReadonlySet<string>,
  key: string,
  overrides: ResponseOverrides,
  wish: {
    readonly disposition?: 'attachment' | 'inline' | undefined
    readonly filename?: string | undefined
  },
): Map<string, string> {
  const query = new Map<string, string>()
  const type = overrides.contentType ?? typeOfKey(key)
  const essence = type?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  const asked = overrides.contentDisposition && toDispositionHeader(overrides.contentDisposition)
  const isInlineAsked =
    asked === undefined ? wish.disposition !== 'attachment' : /^\s*inline\s*(;|$)/i.test(asked)
  const isInline = isInlineAsked && inline.has(essence)
  const parameters = asked === undefined ? undefined : /;[^]*$/.exec(asked)?.[0]
  const kind = isInline ? 'inline' : 'attachment'
  query.set(
    'response-content-disposition',
    asked === undefined ? toContentDisposition(kind, wish.filename) : `${kind}${parameters ?? ''}`,
  )
  if (isInline) query.set('response-content-type', essence)
  else if (overrides.contentType !== undefined)
    query.set('response-content-type', overrides.contentType)
  if (overrides.cacheControl !== undefined)
    query.set('response-cache-control', overrides.cacheControl)
  if (overrides.contentLanguage !== undefined)
    query.set('response-content-language', overrides.contentLanguage)
  if (overrides.contentEncoding !== undefined)
    query.set('response-content-encoding', overrides.contentEncoding)
  if (overrides.expires !== undefined) query.set('response-expires', overrides.expires)
  return query
}
