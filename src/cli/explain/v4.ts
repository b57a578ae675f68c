// A URL signed by Signature Version 4: what it binds, until when, and what is wrong with it on its face.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { fault, type Finding, maskKeyId, note, type Report, toMoment, warning } from './finding.ts'
import { judgeLife, parseAmzDate } from './life.ts'
import { judgeHost, locate } from './location.ts'
import { judgePairs } from './parameters.ts'
import { judgePath } from './path.ts'
import { findValue, toHostHeader, type UrlParts } from './url.ts'

export interface Scope {
  readonly keyId: string
  readonly day: string
  readonly region: string
  readonly service: string
}

/** `KEYID/20261125/eu-west-1/s3/aws4_request`; a key id may hold slashes. */
export function parseScope(credential: string): Scope | null {
  const [, keyId = '', day = '', region = '', service = ''] =
    /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential) ?? []
  return keyId === '' ? null : { keyId, day, region, service }
}

const NEEDED = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature']
/** Headers that clients and proxies set or change by themselves: signed, they break sooner or later. */
const FRAGILE =
  /^(?:accept-encoding|accept|user-agent|connection|cookie|expect|te|transfer-encoding|x-forwarded-.*|x-amzn-trace-id|authorization|referer|origin)$/

/** A gateway signs that they are absent (docs/signing.md). */
const GATEWAY =
  /^x-amz-(?:acl|copy-source|grant-.+|object-lock-.+|website-redirect-location|bypass-governance-retention)$/

function judgeForm(url: UrlParts): Finding[] {
  const missing = NEEDED.filter((name) => findValue(url, `X-Amz-${name}`) === undefined)
  const signature = findValue(url, 'X-Amz-Signature') ?? ''
  const findings: Finding[] = []
  if (missing.length > 0)
    findings.push(
      fault(
        'truncated',
        `the URL lacks ${missing.map((name) => `X-Amz-${name}`).join(', ')}: it was cut off, perhaps at an "&" in a shell without quotes, or by a chat or column`,
      ),
    )
  else if (/^[0-9a-f]{0,63}$/.test(signature))
    findings.push(
      fault(
        'truncated',
        `the signature has ${signature.length} of 64 digits: the URL was cut off at its end`,
      ),
    )
  else if (/^[0-9a-f]{64}./.test(signature))
    findings.push(
      fault(
        'text-after-signature',
        'something follows the 64 digits of the signature: it is not part of the URL',
      ),
    )
  else if (!/^[0-9a-f]{64}$/.test(signature))
    findings.push(
      fault(
        'signature-changed',
        'the signature is not 64 digits of lower-case hex: something rewrote it',
      ),
    )
  const algorithm = findValue(url, 'X-Amz-Algorithm')
  if (algorithm !== undefined && !/^AWS4-(?:HMAC-SHA256|ECDSA-P256-SHA256)$/.test(algorithm))
    findings.push(fault('algorithm', 'X-Amz-Algorithm is not AWS4-HMAC-SHA256'))
  return findings
}

function judgeScope(scope: Scope | null, date: string | undefined): Finding[] {
  if (scope === null)
    return [fault('credential-malformed', 'X-Amz-Credential is not KEY/DAY/REGION/s3/aws4_request')]
  const findings: Finding[] = []
  if (scope.service !== 's3')
    findings.push(fault('other-service', `signed for the service ${scope.service}, not s3`))
  if (date !== undefined && !date.startsWith(scope.day))
    findings.push(fault('other-day', 'the day in X-Amz-Credential is not that of X-Amz-Date'))
  return findings
}

function judgeCredentials(url: UrlParts, scope: Scope | null): Finding[] {
  const token = findValue(url, 'X-Amz-Security-Token')
  const isTemporary = scope?.keyId.startsWith('ASIA') ?? false
  if (token === undefined && isTemporary)
    return [
      fault(
        'token-missing',
        'the key is temporary (ASIA…), but there is no X-Amz-Security-Token: S3 answers InvalidAccessKeyId or InvalidToken',
      ),
    ]
  if (token === undefined) return []
  if (scope?.keyId.startsWith('AKIA'))
    return [
      fault(
        'token-of-another-key',
        'there is a session token, but the key is a permanent one (AKIA…): they don’t belong together',
      ),
    ]
  return [
    warning(
      'temporary-credentials',
      'signed with temporary credentials: the URL dies with them, often after 1 to 12 hours, whatever X-Amz-Expires says',
    ),
  ]
}

function judgeHeaders(names: readonly string[]): Finding[] {
  const findings: Finding[] = []
  if (!names.includes('host'))
    findings.push(
      fault('host-not-signed', 'X-Amz-SignedHeaders lacks host: S3 refuses such signatures'),
    )
  const fragile = names.filter((name) => FRAGILE.test(name))
  if (fragile.length > 0)
    findings.push(
      warning(
        'fragile-headers',
        `signed, but changed by clients and proxies on their own: ${fragile.join(', ')}`,
      ),
    )
  const others = names.filter((name) => name !== 'host' && !GATEWAY.test(name))
  if (others.length > 0)
    findings.push(
      note(
        'headers-to-send',
        `the client must send exactly what was signed of: ${others.join(', ')}`,
      ),
    )
  if (names.some((name) => GATEWAY.test(name)))
    findings.push(
      note(
        'headers-not-to-send',
        'x-amz-* headers that its maker did not name must not be sent: their absence is signed',
      ),
    )
  return findings
}

/** The method is signed, but the URL does not show it: what its other parts say of it. */
function toMethod(url: UrlParts, names: readonly string[]): string {
  if (url.pairs.some(([name]) => name.startsWith('response-'))) return 'GET or HEAD'
  if (findValue(url, 'partNumber') !== undefined) return 'PUT'
  return names.some((name) => /^(?:content-|if-none-match|x-amz-(?!date))/.test(name))
    ? 'PUT, by its headers'
    : 'not shown: GET unless its maker says otherwise'
}

function toUnbound(url: UrlParts, names: readonly string[]): readonly string[] {
  const isWrite = toMethod(url, names).startsWith('PUT')
  return [
    'the scheme (http or https)',
    'who uses it, from where, how often',
    ...(names.includes('content-type') ? [] : ['the content type of an upload']),
    ...(names.includes('content-length') ? [] : ['the size of an upload']),
    ...(names.some((name) => /^x-amz-checksum-|^content-md5$|^x-amz-content-sha256$/.test(name))
      ? []
      : ['the content of an upload']),
    ...(isWrite && !names.includes('if-none-match') ? ['whether an object is replaced'] : []),
    'headers that are not listed',
  ]
}

export function explainV4(url: UrlParts, nowMs: number): Report {
  const scope = parseScope(findValue(url, 'X-Amz-Credential') ?? '')
  const location = locate(url)
  const names = (findValue(url, 'X-Amz-SignedHeaders') ?? 'host').split(';')
  const date = findValue(url, 'X-Amz-Date')
  const startMs = parseAmzDate(date ?? '')
  const endMs = startMs + Number(findValue(url, 'X-Amz-Expires') ?? Number.NaN) * 1000
  const others = url.pairs.map(([name]) => name).filter((name) => !name.startsWith('X-Amz-'))
  const fact = (name: string, value: string | undefined) =>
    value === undefined ? [] : [[name, value] as const]
  return {
    kind: 'url',
    facts: [
      ['signature', 'version 4, in the query'],
      ['method', toMethod(url, names)],
      ['store', location.store],
      ...fact('bucket', location.bucket),
      ['key', location.key],
      ['style', location.style],
      ...fact('region', scope?.region),
      ...fact('key id', scope === null ? undefined : maskKeyId(scope.keyId)),
      ...(Number.isNaN(startMs) ? [] : [['signed', toMoment(startMs, nowMs)] as const]),
      ...(Number.isNaN(endMs) ? [] : [['expires', toMoment(endMs, nowMs)] as const]),
    ],
    bound: [
      'the method: HEAD is refused by a URL for GET, and the other way round',
      `the host ${toHostHeader(url)}`,
      'the bucket and the key',
      ...(others.length > 0 ? [`the parameters ${others.join(', ')}`] : []),
      ...(names.length > 1
        ? [`the headers ${names.filter((name) => name !== 'host').join(', ')}`]
        : []),
      'the life',
    ],
    unbound: toUnbound(url, names),
    findings: [
      ...judgeForm(url),
      ...judgeScope(scope, date),
      ...judgeLife(url, nowMs),
      ...judgeCredentials(url, scope),
      ...judgeHeaders(names),
      ...judgePairs(url),
      ...judgePath(url),
      ...judgeHost(url, location, scope?.region),
    ],
  }
}
