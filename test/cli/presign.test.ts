// `postern presign`: what it refuses, warns of and prints; batches, forms, sources of credentials.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXAMPLE_KEYS, runAws } from '../support/aws-env.ts'
import { findSignatureFault, toSignature } from '../support/sigv4.ts'

const SECRET = EXAMPLE_KEYS.AWS_SECRET_ACCESS_KEY
const NOW = Date.parse('2026-11-25T10:15:30Z')
const now = () => NOW
const run = (...args: readonly string[]) => runAws(['presign', ...args], { now })

describe('bad usage: nothing is printed, and the line repeats nothing typed', () => {
  test.each([
    [[], 'exactly one of s3://bucket/key and --batch'],
    [['s3://b/k', '--batch', '-'], 'exactly one of s3://bucket/key and --batch'],
    [['s3://bucket-only'], 's3://bucket/key is needed'],
    [['s3://bucket-only/'], 's3://bucket/key is needed'],
    [['s3:///key'], 's3://bucket/key is needed'],
    [['s3://arn:aws:s3:eu-west-1:1:accesspoint/x/key'], 'access points and ARNs are not taken'],
    [['s3://b/a/../c'], 'which clients fold away'],
    [[`s3://b/${'x'.repeat(1025)}`], 'longer than 1024 bytes'],
    [['s3://b/\ud800'], 'not well-formed Unicode'],
    [
      ['s3://b/k', '--http-method', 'PATCH'],
      '--http-method is one of GET, HEAD, PUT, DELETE, POST',
    ],
    [['s3://b/k', '--expires-in', '604801'], 'at most 604800'],
    [['s3://b/k', '--expires-in', '0'], '--expires-in is a number of seconds, at least 1'],
    [['s3://b/k', '--expires-in', '1h'], '--expires-in is a number of seconds'],
    [['s3://b/k', '--content-type', 'a/b'], '--content-type is for PUT and POST'],
    [['s3://b/k', '--no-overwrite'], '--no-overwrite is for PUT'],
    [['s3://b/k', '--http-method', 'PUT', '--version-id', 'x'], '--version-id is for GET and HEAD'],
    [
      ['s3://b/k', '--http-method', 'PUT', '--response-expires', 'x'],
      '--response-expires is for GET',
    ],
    [['s3://b/k', '--http-method', 'PUT', '--content-length', '5368709121'], 'at most 5 GiB'],
    [
      ['s3://b/k', '--http-method', 'PUT', '--content-length', '-1'],
      '--content-length is a number',
    ],
    [['s3://b/k', '--http-method', 'PUT', '--checksum', 'md5=x'], '--checksum: expected one of'],
    [
      ['s3://b/k', '--http-method', 'PUT', '--checksum', 'sha256=eA=='],
      '--checksum: expected the bytes',
    ],
    [['s3://b/k', '--http-method', 'PUT', '--metadata', 'Upper=x'], '--metadata is name=value'],
    [['s3://b/k', '--http-method', 'PUT', '--cache-control', 'é'], '--cache-control takes ASCII'],
    [
      ['s3://b/k', '--http-method', 'POST', '--content-length', '9-1'],
      '--content-length is MIN-MAX',
    ],
    [['s3://b/${filename}x${filename}', '--http-method', 'POST'], 'stands at the end of the key'],
    [['s3://b/k', '--endpoint-url', 'ftp://x'], '--endpoint-url is an http or https URL'],
    [['s3://b/k', '--endpoint-url', 'https://x/?a=b'], '--endpoint-url is an http or https URL'],
    [['s3://b/k', '--addressing', 'sideways'], 'Allowed choices are auto, virtual, path'],
    [['s3://b/k', '--profile', 'nobody'], 'the AWS configuration has no such profile'],
    [
      ['s3://b/k', '--provider', 'wasabi', '--http-method', 'PUT', '--no-overwrite'],
      'this provider does not do a conditional PUT',
    ],
    [['s3://b/k', '--provider', 'r2', '--http-method', 'POST'], 'does not do POST policies'],
    [['--batch', 'no-such-file'], '--batch names no file'],
  ])('%j', async (args, text) => {
    const { code, out, err } = await run(...args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(text)
    expect(err.split('\n').length).toBe(2)
  })
})

describe('what a PUT binds', () => {
  const args = [
    's3://examplebucket/in/a.png',
    '--http-method',
    'put',
    '--content-type',
    'image/png',
    '--content-length',
    '48213',
    '--no-overwrite',
    '--metadata',
    "owner=O'Neil",
    '--checksum',
    'sha256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  ]
  test('every header that is to be sent is signed', async () => {
    const { code, out } = await run(...args, '--json')
    expect(code).toBe(0)
    const signed = JSON.parse(out)
    expect(signed).toMatchObject({
      method: 'PUT',
      headers: {
        'content-length': '48213',
        'content-type': 'image/png',
        'if-none-match': '*',
        'x-amz-checksum-sha256': '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
        'x-amz-meta-owner': "O'Neil",
      },
      expiresAt: '2026-11-25T11:15:30Z',
    })
    expect(findSignatureFault(signed, SECRET)).toBeNull()
  })
  test('the URL alone is on standard output, a curl line beside it', async () => {
    const { out, err } = await run(...args)
    expect(out).toMatch(/^https:\/\/examplebucket\.s3\.amazonaws\.com\/in\/a\.png\?\S+\n$/)
    expect(err).toBe(
      `# curl --fail -T FILE -H 'content-type: image/png' -H 'x-amz-meta-owner: O'\\''Neil' -H 'if-none-match: *' -H 'x-amz-checksum-sha256: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' '${out.trim()}'\n`,
    )
  })
})

describe('a form', () => {
  test('of a family of types, a size, and names of the client below a prefix', async () => {
    const { code, out } = await run(
      's3://examplebucket/in/${filename}',
      '--http-method',
      'POST',
      '--content-type',
      'image/*',
      '--content-length',
      '1-5000000',
      '--field',
      'success_action_status=201',
      '--region',
      'eu-west-1',
    )
    expect(code).toBe(0)
    const { url, fields, expiresAt } = JSON.parse(out)
    expect([url, expiresAt]).toEqual([
      'https://examplebucket.s3.amazonaws.com/',
      '2026-11-25T11:15:30Z',
    ])
    const { policy, 'x-amz-signature': signature, ...rest } = fields
    expect(JSON.parse(atob(policy))).toEqual({
      expiration: '2026-11-25T11:15:30Z',
      conditions: [
        { bucket: 'examplebucket' },
        { success_action_status: '201' },
        { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
        { 'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20261125/eu-west-1/s3/aws4_request' },
        { 'x-amz-date': '20261125T101530Z' },
        ['starts-with', '$key', 'in/'],
        ['content-length-range', 1, 5_000_000],
        ['starts-with', '$Content-Type', 'image/'],
      ],
    })
    expect(Object.keys(rest)).toEqual([
      'key',
      'success_action_status',
      'x-amz-algorithm',
      'x-amz-credential',
      'x-amz-date',
    ])
    expect(signature).toBe(toSignature(policy, SECRET, '20261125', 'eu-west-1'))
  })
})

describe('a batch', () => {
  const input =
    's3://examplebucket/a b\n\n{"uri":"s3://examplebucket/c","method":"PUT","contentType":"text/plain","contentLength":3}\r\n'
  test('a line each, in order; a line may have options of its own', async () => {
    const { code, out, err } = await runAws(
      ['presign', '--batch', '-', '--json', '--expires-in', '60'],
      { now, input },
    )
    expect([code, err]).toEqual([0, ''])
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ method, headers }) => [method, headers])).toEqual([
      ['GET', {}],
      ['PUT', { 'content-length': '3', 'content-type': 'text/plain' }],
    ])
    for (const line of lines) expect(findSignatureFault(line, SECRET)).toBeNull()
  })
  test('from a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'postern-batch-')), 'batch.txt')
    writeFileSync(file, Array.from({ length: 1000 }, (_, index) => `s3://b/${index}\n`).join(''))
    const { code, out } = await run('--batch', file)
    expect([code, out.trimEnd().split('\n').length]).toEqual([0, 1000])
  })
  test.each([
    ['s3://b/a\nnonsense\n', 'line 2: s3://bucket/key is needed'],
    ['{"uri":"s3://b/a","methods":"PUT"}', 'line 1: there is no such member'],
    ['{"uri":"s3://b/a","overwrite":"no"}', 'line 1: overwrite is of the wrong type'],
    ['{"uri":', 'line 1: expected an S3 URI or a JSON object'],
    ['{"method":"PUT"}', 'line 1: uri is needed'],
  ])('%j: nothing is signed', async (text, message) => {
    const { code, out, err } = await runAws(['presign', '--batch', '-'], { now, input: text })
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
  })
})

describe('credentials', () => {
  test('that end before the URL: a warning, and the time is the true one', async () => {
    const env = {
      ...EXAMPLE_KEYS,
      AWS_SESSION_TOKEN: 'token',
      AWS_CREDENTIAL_EXPIRATION: '2026-11-25T10:20:00Z',
    }
    const { out, err } = await runAws(['presign', 's3://b/k', '--json'], { now, env })
    expect(err).toBe(
      'warning: the credentials end at 2026-11-25T10:20:00Z, and every URL with them, not only at 2026-11-25T11:15:30Z\n',
    )
    expect(JSON.parse(out).expiresAt).toBe('2026-11-25T10:20:00Z')
  })
  test('that end at a time that nobody knows: a warning', async () => {
    const { err } = await runAws(['presign', 's3://b/k'], {
      now,
      env: { ...EXAMPLE_KEYS, AWS_SESSION_TOKEN: 'token' },
    })
    expect(err).toContain('warning: these are temporary credentials')
  })
  test('of a process that a profile names', async () => {
    const answer = JSON.stringify({
      Version: 1,
      AccessKeyId: 'AKIAPROCESS',
      SecretAccessKey: 'of the process',
    })
    const config = `[profile p]\ncredential_process = printf %s '${answer}'\n`
    const { code, out } = await runAws(['presign', 's3://b/k', '--profile', 'p', '--json'], {
      now,
      env: {},
      config,
    })
    expect(code).toBe(0)
    expect(findSignatureFault(JSON.parse(out), 'of the process')).toBeNull()
  })
  test('that are nowhere: a failure that says what to do', async () => {
    const { code, out, err } = await runAws(['presign', 's3://b/k'], { now, env: {} })
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('no AWS credentials were found')
  })
})
