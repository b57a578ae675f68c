// The first difference between what a URL says was signed and the CanonicalRequest that S3 computed from what it received.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html (canonical request)
import { fault, type Finding } from './finding.ts'
import { findValue, toHostHeader, type UrlParts } from './url.ts'

export interface Canonical {
  readonly method: string
  readonly path: string
  readonly pairs: ReadonlyMap<string, string>
  readonly headers: ReadonlyMap<string, string>
  readonly signedHeaders: readonly string[]
  readonly payload: string
}

/** Six parts: method, path, query, headers, an empty line, signed headers, payload. */
export function parseCanonical(text: string): Canonical | null {
  const [method = '', path = '', query = '', ...rest] = text
    .replaceAll('\r\n', '\n')
    .trimEnd()
    .split('\n')
  const blank = rest.lastIndexOf('')
  const [signedHeaders, payload, ...more] = rest.slice(blank + 1)
  if (blank < 0 || signedHeaders === undefined || payload === undefined || more.length > 0)
    return null
  const split = (line: string, by: string): readonly [string, string] => {
    const at = line.indexOf(by)
    return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
  }
  return {
    method,
    path,
    pairs: new Map(
      query
        .split('&')
        .filter((pair) => pair !== '')
        .map((pair) => split(pair, '=')),
    ),
    headers: new Map(rest.slice(0, blank).map((line) => split(line, ':'))),
    signedHeaders: signedHeaders.split(';'),
    payload,
  }
}

/** Never shown: who sees them can use them, or knows the key. */
const HIDDEN = /^x-amz-(?:signature|credential|security-token)$/i

const show = (name: string, value: string | undefined): string => {
  if (value === undefined) return 'nothing'
  return HIDDEN.test(name) ? 'another value' : JSON.stringify(value)
}

function comparePath(signed: string, seen: string): Finding {
  const decoded = (text: string): string => {
    try {
      return decodeURIComponent(text)
    } catch {
      return text
    }
  }
  const told = `signed ${JSON.stringify(signed)}, S3 saw ${JSON.stringify(seen)}`
  if (decoded(seen) === signed)
    return fault('encoded-twice', `the path was encoded once more on its way: ${told}`)
  if (decoded(signed) === decoded(seen))
    return fault('re-encoded', `a client or proxy spelt the path in another way: ${told}`)
  if (seen.endsWith(signed))
    return fault('path-prefixed', `a proxy put something before the path: ${told}`)
  if (signed.endsWith(seen))
    return fault('path-cut', `a proxy cut off the beginning of the path: ${told}`)
  return fault('other-path', `the path was changed: ${told}`)
}

function compareQuery(url: UrlParts, seen: Canonical): Finding | null {
  const signed = new Map(url.pairs.filter(([name]) => name !== 'X-Amz-Signature'))
  for (const [name, value] of seen.pairs) {
    if (!signed.has(name) && name !== 'X-Amz-Signature')
      return fault(
        'added-parameter',
        `the parameter ${name} was added on the way: ${show(name, value)}`,
      )
    if (signed.has(name) && signed.get(name) !== value)
      return fault(
        'parameter-changed',
        `the parameter ${name} was changed: signed ${show(name, signed.get(name))}, S3 saw ${show(name, value)}`,
      )
  }
  const lost = [...signed.keys()].find((name) => !seen.pairs.has(name))
  return lost === undefined
    ? null
    : fault('lost-parameter', `the parameter ${lost} was lost on the way`)
}

function compareHeaders(
  url: UrlParts,
  headers: ReadonlyMap<string, string> | undefined,
  seen: Canonical,
): Finding | null {
  const host = seen.headers.get('host')
  const own = toHostHeader(url)
  if (host !== undefined && host !== own) {
    const isPort = host.replace(/:\d+$/, '') === own.replace(/:\d+$/, '')
    return fault(
      isPort ? 'port' : 'host-changed',
      `${isPort ? 'the port in Host' : 'the Host'} was changed, as by a proxy: signed ${own}, S3 saw ${host}`,
    )
  }
  const given = new Map([...(headers ?? [])].map(([name, value]) => [name.toLowerCase(), value]))
  const names = (findValue(url, 'X-Amz-SignedHeaders') ?? '')
    .split(';')
    .filter((name) => name !== 'host')
  for (const name of names) {
    const [signed, value] = [given.get(name), seen.headers.get(name) ?? '']
    if (value === '' && signed !== '')
      return fault(
        'missing-header',
        `the client did not send ${name}, which is signed${signed === undefined ? '' : ` as ${show(name, signed)}`}`,
      )
    if (signed !== undefined && signed.trim().replaceAll(/\s+/g, ' ') !== value)
      return fault(
        'header-changed',
        `the header ${name} is another one: signed ${show(name, signed)}, S3 saw ${show(name, value)}`,
      )
  }
  return null
}

/** Null where both are the same: then it is the secret, or the scope. */
export function findDifference(
  url: UrlParts,
  signed: {
    readonly method: string | undefined
    readonly headers: ReadonlyMap<string, string> | undefined
  },
  seen: Canonical,
): Finding | null {
  if (signed.method !== undefined && signed.method !== seen.method)
    return fault(
      'other-method',
      `signed for ${signed.method}, and S3 saw ${seen.method}${seen.method === 'HEAD' ? ': `curl -I` and link checkers send HEAD' : seen.method === 'OPTIONS' ? ': a CORS preflight, which the bucket’s CORS rules must admit' : ''}`,
    )
  if (url.path !== seen.path) return comparePath(url.path, seen.path)
  const parameter = compareQuery(url, seen)
  if (parameter !== null) return parameter
  const header = compareHeaders(url, signed.headers, seen)
  if (header !== null) return header
  return seen.payload === 'UNSIGNED-PAYLOAD'
    ? null
    : fault(
        'payload-hash',
        'the client sent x-amz-content-sha256, so S3 expects the content signed: leave the header out',
      )
}
