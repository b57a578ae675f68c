// Puts an explanation together: of a URL, a form, an error, or of a URL and the error that it got.
import { type Canonical, findDifference, parseCanonical } from './difference.ts'
import { judgeError, type S3Error } from './error.ts'
import { fault, type Finding, note, type Report } from './finding.ts'
import { explainForm } from './form.ts'
import type { Input, Request } from './input.ts'
import { findValue, parseUrl, type UrlParts } from './url.ts'
import { explainV2, isV2 } from './v2.ts'
import { explainV4 } from './v4.ts'

const NOTHING: Omit<Report, 'findings'> = { kind: 'url', facts: [], bound: [], unbound: [] }

/** Headers that are signed but were not given, where what is sent was named. */
function judgeSent(url: UrlParts, headers: ReadonlyMap<string, string> | undefined): Finding[] {
  if (headers === undefined) return []
  const sent = new Set([...headers.keys()].map((name) => name.toLowerCase()))
  const signed = (findValue(url, 'X-Amz-SignedHeaders') ?? '').split(';')
  const missing = signed.filter(
    (name) => name !== 'host' && name !== 'content-length' && !sent.has(name),
  )
  const extra = [...sent].filter((name) => name.startsWith('x-amz-') && !signed.includes(name))
  return [
    ...missing.map((name) =>
      fault('missing-header', `${name} is signed, and not among the headers sent`),
    ),
    ...extra.map((name) =>
      fault('unsigned-header', `${name} is sent, and not signed: S3 refuses that`),
    ),
    ...(sent.has('authorization')
      ? [
          fault(
            'two-credentials',
            'an Authorization header is sent beside the signed URL: S3 takes one of them only',
          ),
        ]
      : []),
  ]
}

function explainUrl({ cleaned, headers }: Request, nowMs: number): Report {
  const url = parseUrl(cleaned.url)
  if (url === null)
    return {
      ...NOTHING,
      findings: [...cleaned.findings, fault('no-url', 'this is no http or https URL')],
    }
  if (isV2(url)) {
    const report = explainV2(url, nowMs)
    return { ...report, findings: [...cleaned.findings, ...report.findings] }
  }
  if (!url.pairs.some(([name]) => /^X-Amz-/i.test(name)))
    return {
      ...NOTHING,
      findings: [
        ...cleaned.findings,
        fault(
          'not-signed',
          'the URL has no signature: cut off at the first "&" or "?", or never signed',
        ),
      ],
    }
  const report = explainV4(url, nowMs)
  return {
    ...report,
    findings: [...cleaned.findings, ...report.findings, ...judgeSent(url, headers)],
  }
}

/** The URL that S3 saw, from its own CanonicalRequest; its signature is not in it. */
function toSeenUrl(seen: Canonical): UrlParts {
  const [, host = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(seen.headers.get('host') ?? '') ?? []
  const pairs = [...seen.pairs, ['X-Amz-Signature', '0'.repeat(64)] as const]
  return { scheme: 'https', host, port, path: seen.path, pairs }
}

/** What S3's own view alone shows. */
function judgeSeen(seen: Canonical): Finding[] {
  const empty = seen.signedHeaders.filter((name) => (seen.headers.get(name) ?? '') === '')
  return [
    ...empty.map((name) =>
      fault('missing-header', `the client did not send ${name}, which is signed`),
    ),
    ...(seen.method === 'HEAD'
      ? [
          fault(
            'other-method',
            'S3 saw HEAD: a URL for GET refuses it; `curl -I` and link checkers send HEAD',
          ),
        ]
      : []),
    ...(seen.method === 'OPTIONS'
      ? [
          fault(
            'other-method',
            'S3 saw OPTIONS: a CORS preflight, which the bucket’s CORS rules must admit',
          ),
        ]
      : []),
    ...(seen.pairs.has('X-Amz-Signature') || seen.payload === 'UNSIGNED-PAYLOAD'
      ? []
      : [
          fault(
            'payload-hash',
            'the client sent x-amz-content-sha256, so S3 expects the content signed: leave the header out',
          ),
        ]),
  ]
}

function explainError(error: S3Error, nowMs: number): Report {
  const text = error.fields.get('CanonicalRequest')
  const seen = text === undefined ? null : parseCanonical(text)
  // A query that has a signature of version 4; else the request was signed in a header.
  const isUrl = seen?.pairs.has('X-Amz-Credential') === true
  const url = seen === null || !isUrl ? null : explainV4(toSeenUrl(seen), nowMs)
  const findings = [...(seen === null || !isUrl ? [] : judgeSeen(seen)), ...(url?.findings ?? [])]
  const faults = findings.filter(({ level }) => level === 'fault')
  // The general word is for when there is no better one.
  const own = judgeError(error, nowMs).filter(
    ({ code }) => code !== 'signature' || faults.length === 0,
  )
  return {
    kind: 'error',
    facts: [
      ['error', error.code],
      ...(seen === null
        ? []
        : [['S3 saw', `${seen.method} ${seen.headers.get('host') ?? ''}${seen.path}`] as const]),
      ...(url?.facts.filter(([name]) => name !== 'method') ?? []),
    ],
    bound: url?.bound ?? [],
    unbound: url?.unbound ?? [],
    findings: [...own, ...findings],
  }
}

/** A URL and the error that it got: the first difference, if S3 told what it saw. */
function compare(request: Request, error: S3Error): Finding[] {
  const url = parseUrl(request.cleaned.url)
  const text = error.fields.get('CanonicalRequest')
  const seen = text === undefined ? null : parseCanonical(text)
  if (url === null || seen === null)
    return error.code === 'SignatureDoesNotMatch'
      ? [
          note(
            'no-canonical-request',
            'this store does not tell what it saw: compare the method, the headers and the host that the client sent with what is bound',
          ),
        ]
      : []
  const difference = findDifference(url, request, seen)
  if (difference !== null) return [difference]
  if (request.method === undefined && seen.method !== 'GET')
    return [
      fault(
        'other-method',
        `S3 saw ${seen.method}, and nothing else differs from the URL: it was signed for another method, or with another secret`,
      ),
    ]
  return [
    fault(
      'other-secret',
      'S3 saw exactly what the URL says: another secret signed it, or a header’s value differs that the URL does not show',
    ),
  ]
}

export function explain(input: Input, error: S3Error | undefined, nowMs: number): Report {
  if (input.kind === 'form') {
    const report = explainForm(input.form, nowMs)
    return error === undefined
      ? report
      : { ...report, findings: [...judgeError(error, nowMs), ...report.findings] }
  }
  if (input.kind === 'error') return explainError(input.error, nowMs)
  const report = explainUrl(input.request, nowMs)
  if (error === undefined) return report
  const own = judgeError(error, nowMs).filter(({ code }) => code !== 'signature')
  const compared = error.code === 'SignatureDoesNotMatch' ? compare(input.request, error) : []
  return {
    ...report,
    facts: [['error', error.code], ...report.facts],
    findings: [...compared, ...own, ...report.findings],
  }
}
