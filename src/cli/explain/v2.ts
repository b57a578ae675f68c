// A URL signed by the old Signature Version 2, which newer regions and KMS refuse.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
import { fault, type Finding, maskKeyId, note, type Report, toMoment, warning } from './finding.ts'
import { judgeHost, locate } from './location.ts'
import { judgePath } from './path.ts'
import { findValue, type UrlParts } from './url.ts'

export const isV2 = (url: UrlParts): boolean => findValue(url, 'AWSAccessKeyId') !== undefined

/** Seconds beyond which an Expires can only be milliseconds: the year 2286. */
const MAX_EPOCH_SECONDS = 10_000_000_000

function judgeExpiry(text: string | undefined, nowMs: number): Finding[] {
  if (text === undefined || !/^\d+$/.test(text))
    return [fault('expires-malformed', 'Expires is no time in seconds since 1970')]
  const seconds = Number(text)
  if (seconds >= MAX_EPOCH_SECONDS)
    return [
      fault('expires-in-milliseconds', 'Expires is in milliseconds: it must be seconds since 1970'),
    ]
  return seconds * 1000 <= nowMs
    ? [fault('expired', `it expired ${toMoment(seconds * 1000, nowMs)}`)]
    : []
}

function judgeSignature(url: UrlParts): Finding[] {
  const [, written] = url.pairs.find(([name]) => name === 'Signature') ?? []
  if (written === undefined) return [fault('truncated', 'the URL lacks Signature: it was cut off')]
  if (written.includes('+'))
    return [
      fault(
        'plus-in-query',
        'a raw "+" stands in Signature: S3 reads a space there; it must be %2B',
      ),
    ]
  // 20 bytes of HMAC-SHA1 in base64.
  return /^[A-Za-z0-9+/]{27}=$/.test(findValue(url, 'Signature') ?? '')
    ? []
    : [
        fault(
          'truncated',
          'the signature is not the 28 characters of base64 that it should be: cut off, or encoded twice',
        ),
      ]
}

export function explainV2(url: UrlParts, nowMs: number): Report {
  const location = locate(url)
  const expires = findValue(url, 'Expires')
  const endMs = Number(expires ?? Number.NaN) * 1000
  const token = findValue(url, 'x-amz-security-token')
  return {
    kind: 'url',
    facts: [
      ['signature', 'version 2, in the query'],
      ['store', location.store],
      ...(location.bucket === undefined ? [] : [['bucket', location.bucket] as const]),
      ['key', location.key],
      ['style', location.style],
      ['key id', maskKeyId(findValue(url, 'AWSAccessKeyId') ?? '')],
      ...(endMs < MAX_EPOCH_SECONDS * 1000 ? [['expires', toMoment(endMs, nowMs)] as const] : []),
    ],
    bound: [
      'the method',
      'the bucket and the key',
      'Expires',
      'Content-Type and Content-MD5: the client must send what was signed, or neither',
      'x-amz-* headers',
      'response-* and sub-resource parameters',
    ],
    unbound: [
      'the host and the scheme',
      'the region',
      'other parameters and headers',
      'the size and the content of an upload',
    ],
    findings: [
      warning(
        'version-2',
        'Signature Version 2: refused by regions opened since 2014, by R2, and for objects under KMS; `aws configure set default.s3.signature_version s3v4` makes the AWS tools sign version 4',
      ),
      ...judgeExpiry(expires, nowMs),
      ...judgeSignature(url),
      ...(token === undefined
        ? []
        : [
            warning(
              'temporary-credentials',
              'signed with temporary credentials: the URL dies with them',
            ),
          ]),
      ...(location.region === undefined
        ? []
        : [note('region', `the host is of the region ${location.region}`)]),
      ...judgePath(url),
      ...judgeHost(url, location, undefined),
    ],
  }
}
