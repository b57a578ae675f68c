// `postern explain` on errors of S3: AWS's documented shapes, and the first difference between what was signed and seen.
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/cli/explain/finding.ts'
import { EXAMPLE_KEYS, runAws } from '../support/aws-env.ts'
import { runCli } from '../support/cli.ts'
import { expectUntainted } from '../support/taint.ts'

const NOW = Date.parse('2026-11-25T10:15:30Z')
const now = () => NOW
const TOKEN = 'FwoGZXIvYXdzEXAMPLE//////////wEaDH+7/x=tOkEn&with~more=='
const KEYS = {
  AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
  AWS_SECRET_ACCESS_KEY: EXAMPLE_KEYS.AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN: TOKEN,
}

async function sign(...args: readonly string[]): Promise<string> {
  const { out } = await runAws(['presign', '--region', 'us-east-1', ...args], { now, env: KEYS })
  return out.trimEnd()
}
const GET = await sign('s3://acme-media/a b.txt')
const PUT = await sign('s3://acme-media/a.png', '--http-method=PUT', '--content-type=image/png')
const SENT = ['--method', 'PUT', '--header', 'content-type: image/png']

async function explain(args: readonly string[]): Promise<Report> {
  const { code, out, err } = await runCli(['explain', '--json', ...args], { now })
  expect([code, err]).toEqual([0, ''])
  const signatures = args.flatMap((text) => /X-Amz-Signature=([0-9a-f]{64})/.exec(text)?.[1] ?? [])
  expectUntainted(out, [TOKEN, ...signatures])
  return JSON.parse(out)
}
const faultsOf = ({ findings }: Report): readonly string[] =>
  findings.filter(({ level }) => level === 'fault').map(({ code }) => code)

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function toError(
  code: string,
  message: string,
  fields: Readonly<Record<string, string>> = {},
): string {
  const more = Object.entries(fields).map(([name, value]) => `<${name}>${escape(value)}</${name}>`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escape(message)}</Message>${more.join('')}<RequestId>4442587FB7D0A2F9</RequestId><HostId>x</HostId></Error>`
}

interface Seen {
  readonly method?: string
  readonly path?: (path: string) => string
  readonly query?: (query: string) => string
  readonly headers?: Readonly<Record<string, string>>
  readonly payload?: string
}

/** What S3 answers when it saw this instead of what the URL says. */
function toMismatch(url: string, seen: Seen): string {
  const { host, pathname } = new URL(url)
  const own = url.slice(url.indexOf('?') + 1).replace(/&X-Amz-Signature=.*$/, '')
  const signed = decodeURIComponent(/X-Amz-SignedHeaders=([^&]+)/.exec(url)?.[1] ?? '').split(';')
  const headers: Readonly<Record<string, string>> = { host, ...seen.headers }
  const canonical = [
    seen.method ?? 'GET',
    seen.path?.(pathname) ?? pathname,
    seen.query?.(own) ?? own,
    ...signed.map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    signed.join(';'),
    seen.payload ?? 'UNSIGNED-PAYLOAD',
  ].join('\n')
  return toError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      AWSAccessKeyId: KEYS.AWS_ACCESS_KEY_ID,
      StringToSign: `AWS4-HMAC-SHA256\n20261125T101530Z\n20261125/us-east-1/s3/aws4_request\n${'0'.repeat(64)}`,
      SignatureProvided: /X-Amz-Signature=(.*)$/.exec(url)?.[1] ?? '',
      CanonicalRequest: canonical,
    },
  )
}

describe('a URL and the error that it got: the first difference', () => {
  test.each<readonly [string, string, string, readonly string[], Seen]>([
    ['HEAD on a URL for GET', 'other-method', GET, ['--method', 'GET'], { method: 'HEAD' }],
    ['HEAD, the signed method not told', 'other-method', GET, [], { method: 'HEAD' }],
    ['a preflight', 'other-method', PUT, SENT, { method: 'OPTIONS' }],
    ['a header that was not sent', 'missing-header', PUT, ['--method', 'PUT'], { method: 'PUT' }],
    [
      'a header with another value',
      'header-changed',
      PUT,
      SENT,
      { method: 'PUT', headers: { 'content-type': 'image/jpeg' } },
    ],
    ['another host', 'host-changed', GET, [], { headers: { host: 'proxy.internal' } }],
    ['a port', 'port', GET, [], { headers: { host: 'acme-media.s3.amazonaws.com:8443' } }],
    [
      'a path encoded twice',
      'encoded-twice',
      GET,
      [],
      { path: (path) => path.replaceAll('%', '%25') },
    ],
    ['a path decoded', 're-encoded', GET, [], { path: (path) => decodeURIComponent(path) }],
    ['a path below another', 'path-prefixed', GET, [], { path: (path) => `/files${path}` }],
    [
      'a path cut',
      'path-cut',
      'https://h.test/files/a.txt?X-Amz-SignedHeaders=host&X-Amz-Signature=0',
      [],
      { path: () => '/a.txt' },
    ],
    ['another path', 'other-path', GET, [], { path: () => '/b.txt' }],
    [
      'a parameter added',
      'added-parameter',
      GET,
      [],
      { query: (query) => `${query}&utm_source=mail` },
    ],
    [
      'a parameter lost',
      'lost-parameter',
      GET,
      [],
      { query: (query) => query.replace('&X-Amz-Expires=3600', '') },
    ],
    [
      'a parameter changed',
      'parameter-changed',
      GET,
      [],
      { query: (query) => query.replace('3600', '7200') },
    ],
    [
      'a token whose plus became a space',
      'parameter-changed',
      GET,
      [],
      { query: (query) => query.replace('DH%2B7', 'DH%207') },
    ],
    [
      'a payload hash',
      'payload-hash',
      PUT,
      SENT,
      { method: 'PUT', headers: { 'content-type': 'image/png' }, payload: 'e3b0c442' },
    ],
    ['nothing but the secret', 'other-secret', GET, [], {}],
  ])('%s: %s', async (_, code, url, args, seen) => {
    const report = await explain([url, '--error', toMismatch(url, seen), ...args])
    expect(report.findings[0]).toMatchObject({ level: 'fault', code })
  })
  test('both sides of it are shown, but of a token', async () => {
    const host = await explain([
      GET,
      '--error',
      toMismatch(GET, { headers: { host: 'proxy.internal' } }),
    ])
    expect(host.findings[0]?.text).toContain(
      'signed acme-media.s3.amazonaws.com, S3 saw proxy.internal',
    )
    const token = await explain([
      GET,
      '--error',
      toMismatch(GET, { query: (query) => query.replace('DH%2B7', 'DH%207') }),
    ])
    expect(token.findings[0]?.text).toBe(
      'the parameter X-Amz-Security-Token was changed: signed another value, S3 saw another value',
    )
  })
})

describe('what S3 saw, alone', () => {
  test.each<readonly [string, string, string, Seen]>([
    ['a header that was not sent', 'missing-header', PUT, { method: 'PUT' }],
    ['HEAD', 'other-method', GET, { method: 'HEAD' }],
    [
      'OPTIONS',
      'other-method',
      PUT,
      { method: 'OPTIONS', headers: { 'content-type': 'image/png' } },
    ],
    ['a plus', 'plus-in-path', GET, { path: () => '/a+b.txt' }],
    [
      'a life too long',
      'life-out-of-range',
      GET,
      { query: (query) => query.replace('3600', '999999') },
    ],
    ['nothing of note', 'signature', GET, {}],
  ])('%s: %s', async (_, code, url, seen) => {
    expect(faultsOf(await explain([toMismatch(url, seen)]))).toContain(code)
  })
  test('an answer with its headers, as curl -i prints it', async () => {
    const report = await explain([
      `HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\n\r\n${toMismatch(PUT, { method: 'PUT' })}\n`,
    ])
    expect(faultsOf(report)).toEqual(['missing-header'])
    expect(Object.fromEntries(report.facts)).toMatchObject({
      error: 'SignatureDoesNotMatch',
      'S3 saw': 'PUT acme-media.s3.amazonaws.com/a.png',
      'key id': 'ASIA…MPLE',
    })
  })
})

describe('errors by what S3 says in them', () => {
  test.each<readonly [string, string, string, Readonly<Record<string, string>>]>([
    [
      'expired',
      'AccessDenied',
      'Request has expired',
      {
        'X-Amz-Expires': '60',
        Expires: '2026-11-25T10:00:00Z',
        ServerTime: '2026-11-25T10:15:30Z',
      },
    ],
    [
      'region-mismatch',
      'AuthorizationQueryParametersError',
      "Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
      { Region: 'eu-west-1' },
    ],
    [
      'region-mismatch',
      'AuthorizationHeaderMalformed',
      "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
      { Region: 'eu-west-1' },
    ],
    [
      'other-endpoint',
      'TemporaryRedirect',
      'Please re-send this request to the specified temporary endpoint.',
      { Endpoint: 'acme-media.s3.eu-west-1.amazonaws.com' },
    ],
    [
      'clock',
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: '20261125T094500Z',
        ServerTime: '2026-11-25T10:15:30Z',
        MaxAllowedSkewMilliseconds: '900000',
      },
    ],
    [
      'unsigned-header',
      'AccessDenied',
      'There were headers present in the request which were not signed',
      { HeadersNotSigned: 'x-amz-acl' },
    ],
    [
      'two-credentials',
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
      {},
    ],
    [
      'version-2',
      'InvalidRequest',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
      {},
    ],
    [
      'version-2',
      'InvalidArgument',
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
      {},
    ],
    [
      'life-out-of-range',
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
      {},
    ],
    [
      'truncated',
      'AuthorizationQueryParametersError',
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
      {},
    ],
    ['credentials-ended', 'ExpiredToken', 'The provided token has expired.', {}],
    [
      'key-unknown',
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      {},
    ],
    [
      'token-malformed',
      'InvalidToken',
      'The provided token is malformed or otherwise invalid.',
      {},
    ],
    ['no-object', 'NoSuchKey', 'The specified key does not exist.', { Key: 'a+b.txt' }],
    [
      'exists',
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
      { Condition: 'If-None-Match' },
    ],
    [
      'size',
      'EntityTooLarge',
      'Your proposed upload exceeds the maximum allowed size',
      { ProposedSize: '6000000', MaxSizeAllowed: '5000000' },
    ],
    [
      'policy-condition',
      'AccessDenied',
      'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "in/"]',
      {},
    ],
    [
      'extra-field',
      'AccessDenied',
      'Invalid according to Policy: Extra input fields: x-amz-meta-a',
      {},
    ],
    ['expired', 'AccessDenied', 'Invalid according to Policy: Policy expired.', {}],
    [
      'chunked',
      'NotImplemented',
      'A header you provided implies functionality that is not implemented: Transfer-Encoding',
      {},
    ],
    ['checksum', 'BadDigest', 'The Content-MD5 you specified did not match what we received.', {}],
    ['access-denied', 'AccessDenied', 'Access Denied', {}],
    ['unknown-code', 'SomethingNew', 'Nobody knows it yet', {}],
  ])('%s: %s', async (expected, code, message, fields) => {
    expect(faultsOf(await explain([toError(code, message, fields)]))).toContain(expected)
  })
  test('the clock, from the difference', async () => {
    const { findings } = await explain([
      toError('RequestTimeTooSkewed', '', {
        RequestTime: '20261125T094500Z',
        ServerTime: '2026-11-25T10:15:30Z',
      }),
    ])
    expect(findings[0]?.text).toBe('the signer’s clock is 31 minutes behind: set it by NTP')
  })
})

async function makeForm(): Promise<{ fields: Record<string, string>; url: string }> {
  const { out } = await runAws(
    [
      'presign',
      's3://acme-media/in/${filename}',
      '--http-method=POST',
      '--content-type=image/*',
      '--content-length=1-5000000',
    ],
    { now, env: KEYS },
  )
  return JSON.parse(out)
}
const form = await makeForm()
const withPolicy = (conditions: readonly unknown[], expiration = '2026-11-25T11:15:30Z') =>
  JSON.stringify({ expiration, conditions })
const KEY = ['starts-with', '$key', 'in/']
const BUCKET = { bucket: 'acme-media' }

describe('forms', () => {
  test('a good one: what it binds, and nothing wrong but its credentials', async () => {
    const report = await explain([JSON.stringify(form)])
    expect(faultsOf(report)).toEqual([])
    expect(report.bound).toEqual(
      expect.arrayContaining([
        'key: beginning with "in/"',
        'the size: 1 to 5000000 bytes',
        'x-amz-security-token: exactly that of the form',
      ]),
    )
    expect(report.findings.map(({ code }) => code)).toEqual([
      'temporary-credentials',
      'field-to-add',
    ])
  })
  test.each<readonly [string, Record<string, string>]>([
    ['extra-field', { ...form.fields, 'x-amz-meta-a': 'b' }],
    ['field-differs', { ...form.fields, key: 'out/a' }],
    [
      'field-missing',
      Object.fromEntries(Object.entries(form.fields).filter(([name]) => name !== 'x-amz-date')),
    ],
    ['policy-malformed', { ...form.fields, policy: form.fields['policy']?.slice(0, 50) ?? '' }],
    ['policy-changed', { ...form.fields, policy: ` ${form.fields['policy']}` }],
    ['file-not-last', { file: '', ...form.fields }],
  ])('%s', async (code, fields) => {
    expect(faultsOf(await explain([JSON.stringify({ url: form.url, fields })]))).toContain(code)
  })
  test.each<readonly [string, string]>([
    ['expired', withPolicy([BUCKET, KEY], '2026-11-25T10:15:30Z')],
    ['expiration-malformed', withPolicy([BUCKET, KEY], 'tomorrow')],
    ['no-bucket', withPolicy([KEY])],
    ['no-key', withPolicy([BUCKET])],
    ['condition-malformed', withPolicy([BUCKET, KEY, ['matches', '$key', '*']])],
    ['any-size', withPolicy([BUCKET, KEY])],
    ['any-key', withPolicy([BUCKET, ['starts-with', '$key', '']])],
    ['any-type', withPolicy([BUCKET, KEY, ['starts-with', '$Content-Type', '']])],
    ['no-type', withPolicy([BUCKET, KEY])],
  ])('a policy alone: %s', async (code, policy) => {
    expect((await explain([policy])).findings.map((finding) => finding.code)).toContain(code)
  })
})
