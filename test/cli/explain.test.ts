// `postern explain`: in each broken URL the planted fault is found, a good one has none, and no secret is printed.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../src/cli/explain/finding.ts'
import { EXAMPLE_KEYS, runAws } from '../support/aws-env.ts'
import { runCli } from '../support/cli.ts'
import { expectUntainted } from '../support/taint.ts'

const NOW = Date.parse('2026-11-25T10:15:30Z')
const now = () => NOW
const TOKEN = 'FwoGZXIvYXdzEXAMPLE//////////wEaDH+7/x=tOkEn&with~more=='

async function sign(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const { out } = await runAws(['presign', '--region', 'us-east-1', ...args], {
    now,
    env: { ...EXAMPLE_KEYS, ...env },
  })
  return out.trimEnd()
}

const GOOD = await sign(['s3://acme-media/a b/é+(1).txt'])
const PUT = await sign([
  's3://acme-media/a.png',
  '--http-method=PUT',
  '--content-type=image/png',
  '--content-length=5',
  '--no-overwrite',
])
const TEMPORARY = await sign(['s3://acme-media/a.txt'], {
  AWS_ACCESS_KEY_ID: 'ASIAIOSFODNN7EXAMPLE',
  AWS_SESSION_TOKEN: TOKEN,
})
const EU = await sign(['s3://acme-media/a.txt', '--region', 'eu-west-1', '--addressing', 'virtual'])

async function explain(text: string, args: readonly string[] = [], clock = now): Promise<Report> {
  const { code, out, err } = await runCli(['explain', '-', '--json', ...args], {
    now: clock,
    input: text,
  })
  expect([code, err]).toEqual([0, ''])
  const report: Report = JSON.parse(out)
  const signature = /X-Amz-Signature=([0-9a-f]{40,64})/.exec(text)?.[1]
  expectUntainted(out, [TOKEN, ...(signature === undefined ? [] : [signature])])
  return report
}

const faultsOf = ({ findings }: Report): readonly string[] =>
  findings.filter(({ level }) => level === 'fault').map(({ code }) => code)
const codesOf = ({ findings }: Report): readonly string[] => findings.map(({ code }) => code)
const change = (url: string, from: string | RegExp, to: string): string => {
  const changed = url.replace(from, to)
  if (changed === url) throw new Error('nothing was planted')
  return changed
}

describe('good URLs', () => {
  test.each([
    ['GET', GOOD],
    ['PUT', PUT],
    ['of temporary credentials', TEMPORARY],
    ['of another region', EU],
  ])('%s: no fault', async (_, url) => {
    expect(faultsOf(await explain(url))).toEqual([])
  })
  test('what is bound and what is not, until when, where', async () => {
    const report = await explain(PUT)
    expect(Object.fromEntries(report.facts)).toMatchObject({
      signature: 'version 4, in the query',
      store: 'AWS S3',
      bucket: 'acme-media',
      key: 'a.png',
      style: 'virtual',
      region: 'us-east-1',
      'key id': 'AKIA…MPLE',
      expires: expect.stringMatching(/^2026-11-25T11:15:30Z, here .+, in 60 min$/),
    })
    expect(report.bound).toContain('the headers content-length, content-type, if-none-match')
    expect(report.unbound).toContain('the content of an upload')
    expect(report.unbound).not.toContain('the size of an upload')
    expect((await explain(GOOD)).unbound).toContain('the size of an upload')
  })
  test('in words for people, in order of weight', async () => {
    const { out } = await runCli(['explain', `${TEMPORARY}#x`], { now })
    expect(out).toMatch(/key {8}a\.txt\n/)
    expect(out).toMatch(/✗ fault fragment: .+\n! warning temporary-credentials: /)
    const good = await runCli(['explain', GOOD], { now })
    expect(good.out).toContain('nothing is wrong with it on its face')
  })
})

const V2 =
  'https://acme-media.s3.amazonaws.com/a.txt?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1795605330&Signature=aXjbQ0XmVmDVmqBz4KQxHkcyxvE%3D'

describe('planted faults in URLs', () => {
  test.each([
    ['&amp; from a page', 'html-entities', GOOD.replaceAll('&', '&amp;')],
    ['\\u0026 from JSON', 'escaped', GOOD.replaceAll('&', String.raw`\u0026`)],
    ['quoted-printable mail', 'quoted-printable', GOOD.replaceAll('=', '=3D')],
    ['wrapped lines', 'line-breaks', change(GOOD, '&X-Amz-Date', '\n   &X-Amz-Date')],
    ['a quote behind it', 'trailing-text', `${GOOD}"`],
    ['a full stop behind it', 'trailing-text', `${GOOD}.`],
    ['angle brackets around it', 'trailing-text', `<${GOOD}>`],
    ['encoded as a whole', 'double-encoded', GOOD.replaceAll('%', '%25')],
    [
      'a link checker',
      'wrapped',
      `https://eur01.safelinks.protection.outlook.com/?url=${encodeURIComponent(GOOD)}&data=05`,
    ],
    ['a fragment', 'fragment', `${GOOD}#page=2`],
    ['a raw space', 'white-space', change(GOOD, 'a%20b', 'a b')],
    ['cut off by a shell', 'truncated', change(GOOD, /&.*$/, '')],
    ['cut off by a chat', 'truncated', `${GOOD.slice(0, -20)}…`],
    ['text behind the signature', 'text-after-signature', `${GOOD}Hello`],
    [
      'the signature in capitals',
      'signature-changed',
      change(GOOD, /[0-9a-f]{64}/, 'A'.repeat(64)),
    ],
    ['no signature at all', 'not-signed', change(GOOD, /\?.*$/, '')],
    ['too long a life', 'life-out-of-range', change(GOOD, 'Expires=3600', 'Expires=604801')],
    ['a life of nothing', 'life-out-of-range', change(GOOD, 'Expires=3600', 'Expires=0')],
    ['a date of another form', 'date-malformed', change(GOOD, '20261125T101530Z', '2026-11-25')],
    ['another day in the scope', 'other-day', change(GOOD, '%2F20261125%2F', '%2F20261124%2F')],
    ['another service', 'other-service', change(GOOD, '%2Fs3%2F', '%2Fsts%2F')],
    ['no scope', 'credential-malformed', change(GOOD, /%2F20261125.*?aws4_request/, '')],
    ['another algorithm', 'algorithm', change(GOOD, 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA1')],
    ['the host not signed', 'host-not-signed', change(PUT, '%3Bhost', '')],
    [
      'the region of another host',
      'region-mismatch',
      change(EU, 's3.eu-west-1', 's3.eu-central-1'),
    ],
    ['a website endpoint', 'website-host', change(EU, 's3.eu', 's3-website.eu')],
    ['a CloudFront host', 'cloudfront', change(EU, /\/\/[^/]+/, '//d111111abcdef8.cloudfront.net')],
    ['a raw plus in the key', 'plus-in-path', change(GOOD, '%2B', '+')],
    ['a raw plus in the token', 'plus-in-query', change(TEMPORARY, 'DH%2B7', 'DH+7')],
    ['a percent sign alone', 'broken-encoding', change(GOOD, 'a%20b', '100%/b')],
    ['dot segments', 'dot-segments', change(GOOD, 'a%20b', 'x/..')],
    ['a parameter of analytics', 'added-parameter', `${GOOD}&utm_source=mail`],
    ['a parameter twice', 'doubled-parameter', `${GOOD}&X-Amz-Expires=7200`],
    ['names in lower case', 'parameter-case', change(GOOD, 'X-Amz-Date', 'x-amz-date')],
    ['a token left out', 'token-missing', change(TEMPORARY, /&X-Amz-Security-Token=[^&]*/, '')],
    ['a token beside a permanent key', 'token-of-another-key', change(TEMPORARY, 'ASIA', 'AKIA')],
    ['a dot in the bucket', 'dotted-bucket', change(EU, '//acme-media', '//acme.media')],
    [
      'version 2 in milliseconds',
      'expires-in-milliseconds',
      change(V2, '1795605330', '1795605330000'),
    ],
    ['version 2, expired', 'expired', change(V2, '1795605330', '1495605330')],
    ['version 2, a raw plus', 'plus-in-query', change(V2, 'Q0Xm', 'Q0+m')],
    ['version 2, cut off', 'truncated', change(V2, 'xvE%3D', '')],
    ['no web address', 'no-url', 'https://user:password@host/a?X-Amz-Signature=0'],
  ])('%s: %s', async (_, code, url) => {
    expect(faultsOf(await explain(url))).toContain(code)
  })

  test.each([
    ['expired', 'expired', '2026-11-25T11:15:30Z'],
    ['of a time to come', 'not-yet-valid', '2026-11-25T10:00:29Z'],
  ])('%s', async (_, code, clock) => {
    expect(faultsOf(await explain(GOOD, [], () => Date.parse(clock)))).toEqual([code])
  })

  test.each([
    ['a signed header that is not sent', ['--header', 'content-type: image/png'], 'missing-header'],
    [
      'a header that is not signed',
      [
        '--header',
        'content-type: image/png',
        '--header',
        'if-none-match: *',
        '--header',
        'x-amz-acl: private',
      ],
      'unsigned-header',
    ],
    [
      'a second credential',
      [
        '--header',
        'content-type: image/png',
        '--header',
        'if-none-match: *',
        '--header',
        'Authorization: Bearer x',
      ],
      'two-credentials',
    ],
  ])('%s', async (_, args, code) => {
    expect(faultsOf(await explain(PUT, args))).toEqual([code])
  })
})

const GLOBAL = await sign(['s3://acme-media/a', '--region', 'eu-west-1'])
const PORT = await sign(['s3://b/a', '--endpoint-url', 'http://127.0.0.1:9000'])
const OWN = await sign(['s3://b/a', '--endpoint-url', 'https://files.example.com'])
const PERCENT = await sign(['s3://acme-media/a%20b'])
const SLASHES = await sign(['s3://acme-media/a//b'])

describe('what a good URL invites', () => {
  test.each([
    ['temporary credentials', 'temporary-credentials', TEMPORARY],
    ['a host without a region', 'host-without-region', GLOBAL],
    ['plain http', 'plain-http', change(GOOD, 'https:', 'http:')],
    ['a port', 'port', PORT],
    ['a host of one’s own', 'own-host', OWN],
    ['headers to send', 'headers-to-send', PUT],
    ['a key that looks encoded', 'encoded-twice', PERCENT],
    ['a double slash', 'double-slash', SLASHES],
    ['an old signature', 'version-2', V2],
    ['a line break behind it', 'trailing-newline', `${GOOD}\n`],
  ])('%s', async (_, code, url) => {
    const report = await explain(url)
    expect(faultsOf(report)).toEqual([])
    expect(codesOf(report)).toContain(code)
  })
})

describe('input', () => {
  test('the JSON of a signer: its headers are what is to be sent', async () => {
    const { out } = await runAws(
      ['presign', 's3://b/a', '--http-method=PUT', '--content-type=a/b', '--json'],
      { now },
    )
    expect(faultsOf(await explain(out))).toEqual([])
    const { headers: _, ...rest } = JSON.parse(out)
    expect(faultsOf(await explain(JSON.stringify({ ...rest, headers: {} })))).toEqual([
      'missing-header',
    ])
  })
  test('a curl line, and a file', async () => {
    expect(faultsOf(await explain(`curl -T a.txt '${GOOD}' -o x`))).toEqual([])
    const cwd = mkdtempSync(join(tmpdir(), 'postern-explain-'))
    writeFileSync(join(cwd, 'url.txt'), GOOD)
    const { code, out } = await runCli(['explain', 'url.txt'], { now, cwd })
    expect([code, out]).toEqual([0, expect.stringContaining('acme-media')])
  })
  test.each([
    [['explain'], 2],
    [['explain', 'no-such-file'], 2],
    [['explain', '-', '--error', '-'], 2],
    [['explain', '-'], 1],
    [['explain', GOOD, '--error', '{}'], 1],
    [['explain', GOOD, '--header', 'nonsense'], 2],
  ])('%j: exit code %i', async (args, code) => {
    const outcome = await runCli(args, { now, input: 'nothing of interest' })
    expect([outcome.code, outcome.out]).toEqual([code, ''])
  })
})
