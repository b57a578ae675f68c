// Each judgement of `postern doctor` on answers as plain data: what no store of the suites gives, and that each can say all.
import { describe, expect, test } from 'vitest'
import {
  findAbortDays,
  judgeLifecycle,
  judgeVersioning,
} from '../../src/cli/doctor/bucket-rules.ts'
import { findRefused, judgeExposed, judgeForeign } from '../../src/cli/doctor/cors.ts'
import { toCorsXml } from '../../src/cli/doctor/cors-file.ts'
import { judgeGateway } from '../../src/cli/doctor/gateway.ts'
import {
  judgeAddressing,
  judgeClock,
  judgeReach,
  toOtherAddressing,
} from '../../src/cli/doctor/reach.ts'
import { toMissing } from '../../src/cli/doctor/secrets.ts'
import { judgeBindings } from '../../src/cli/doctor/settings.ts'
import * as writes from '../../src/cli/doctor/writes.ts'
import { toBucket } from '../../src/cli/presign/place.ts'
import type { Answer } from '../../src/cli/presign/ask.ts'
import { toCorsRule } from '../../src/core/sign/cors.ts'
import { capabilitiesOf } from '../../src/core/sign/provider.ts'
import { VERSION } from '../../src/version.ts'

const answer = (
  status: number,
  code = '',
  headers: Record<string, string> = {},
  text = '',
): Answer => ({ status, code, headers: new Headers(headers), text })
const place = {
  bucket: 'acme-media',
  region: 'eu-west-1',
  addressing: 'virtual',
  isRegional: true,
  provider: 'aws',
  endpointUrl: undefined,
} as const
const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
const bucket = toBucket(place, keys)

describe('where a bucket is', () => {
  const region =
    '<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>'
  test.each([
    [answer(200), 'credentials', 'ok'],
    [answer(0, 'ENOTFOUND'), 'endpoint', 'fault'],
    [answer(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'us-west-2' }), 'region', 'fault'],
    [answer(301, 'PermanentRedirect'), 'region', 'fault'],
    [answer(400, 'AuthorizationHeaderMalformed', {}, region), 'region', 'fault'],
    [answer(400, 'AuthorizationQueryParametersError', {}, region), 'region', 'fault'],
    [answer(403, 'InvalidAccessKeyId'), 'credentials', 'fault'],
    [answer(401, 'Unauthorized'), 'credentials', 'fault'],
    [answer(403, 'SignatureDoesNotMatch'), 'credentials', 'fault'],
    [answer(400, 'ExpiredToken'), 'credentials', 'fault'],
    [answer(400, 'InvalidToken'), 'credentials', 'fault'],
    [answer(403, 'RequestTimeTooSkewed'), 'clock', 'fault'],
    [answer(404, 'NoSuchBucket'), 'bucket', 'fault'],
    [answer(403, 'AccessDenied'), 'credentials', 'fault'],
    [answer(503, 'SlowDown'), 'endpoint', 'fault'],
    [answer(200, '', {}, '<html>'), 'credentials', 'ok'],
  ])('%o', (given, check, level) => {
    const found = judgeReach(given, bucket, { prefix: 'users/', isListGranted: true })
    expect(found).toMatchObject({ check, level })
  })
  test('the region is named', () => {
    const given = answer(400, 'AuthorizationHeaderMalformed', {}, region)
    const found = judgeReach(given, bucket, { prefix: '', isListGranted: false })
    expect(found.remedy).toBe('region = "us-west-2"')
  })
  test('what stands there instead of a region is not repeated', () => {
    const given = answer(301, '', { 'x-amz-bucket-region': 'A"\u001b[31m' })
    const found = judgeReach(given, bucket, { prefix: '', isListGranted: false })
    expect(JSON.stringify(found)).not.toContain('31m')
  })
  test('keys that may not list are no fault where no grant lists', () => {
    const found = judgeReach(answer(403, 'AccessDenied'), bucket, {
      prefix: '',
      isListGranted: false,
    })
    expect(found.level).toBe('ok')
  })
  test('the other style, there and back', () => {
    const other = toOtherAddressing(bucket)
    expect(other).toMatchObject({
      origin: 'https://s3.eu-west-1.amazonaws.com',
      basePath: '/acme-media/',
    })
    expect(other && toOtherAddressing(other)).toEqual(bucket)
    const numeric = toBucket({ ...place, endpointUrl: 'http://127.0.0.1:8000' }, keys)
    expect(toOtherAddressing(numeric)).toBeNull()
    expect(judgeAddressing(bucket, answer(200))).toMatchObject({
      level: 'fault',
      remedy: 'addressing = "path"',
    })
    expect(judgeAddressing(bucket, answer(404, 'NoSuchBucket')).level).toBe('skipped')
  })
})

const NOW = Date.UTC(2026, 10, 28, 12)
test.each([
  [null, 'skipped'],
  ['yesterday', 'skipped'],
  [new Date(NOW + 60_000).toUTCString(), 'ok'],
  [new Date(NOW - 61_000).toUTCString(), 'warning'],
  [new Date(NOW + 900_000).toUTCString(), 'warning'],
  [new Date(NOW + 901_000).toUTCString(), 'fault'],
])('a store whose Date is %s', (date, level) => {
  expect(judgeClock(date, NOW).level).toBe(level)
})

const done = answer(200)
const refused = answer(403, 'AccessDenied')
const broken = answer(500, 'InternalError')
const taken = answer(412, 'PreconditionFailed')
test.each([
  ['written', writes.judgeWrite(done, 'f/'), 'ok'],
  ['may not write', writes.judgeWrite(refused, 'f/'), 'fault'],
  ['private', writes.judgePrivate(refused), 'ok'],
  ['public', writes.judgePrivate(done), 'fault'],
  ['nobody knows whether it is private', writes.judgePrivate(broken), 'warning'],
  ['condition kept', writes.judgeCreateOnly(done, taken), 'ok'],
  ['condition ignored', writes.judgeCreateOnly(done, done), 'fault'],
  ['condition unknown', writes.judgeCreateOnly(answer(501, 'NotImplemented'), taken), 'fault'],
  ['condition not looked at', writes.judgeCreateOnly(done, broken), 'warning'],
  ['completion kept', writes.judgeCompletion(taken), 'ok'],
  [
    'completion kept, said in a 200',
    writes.judgeCompletion(answer(200, 'PreconditionFailed')),
    'ok',
  ],
  ['completion replaced', writes.judgeCompletion(done), 'fault'],
  ['completion broken', writes.judgeCompletion(broken), 'warning'],
  ['checksum verified', writes.judgeChecksum('sha256', answer(400, 'BadDigest')), 'ok'],
  ['checksum ignored', writes.judgeChecksum('sha256', done), 'fault'],
  ['checksum unknown', writes.judgeChecksum('sha256', answer(501)), 'warning'],
  ['part bound', writes.judgePartLength(refused, done), 'ok'],
  ['part not bound', writes.judgePartLength(done, done), 'fault'],
  ['no part at all', writes.judgePartLength(refused, refused), 'warning'],
  ['copied', writes.judgeUnsigned(done, true, null), 'fault'],
  ['copied, though counted on', writes.judgeUnsigned(done, true, 'refused'), 'fault'],
  ['header refused', writes.judgeUnsigned(refused, false, null), 'ok'],
  ['header ignored', writes.judgeUnsigned(done, false, null), 'ok'],
  ['header broke it', writes.judgeUnsigned(broken, false, null), 'warning'],
  ['form kept', writes.judgePost(answer(204), answer(400, 'EntityTooLarge')), 'ok'],
  ['form refused', writes.judgePost(answer(501, 'NotImplemented'), refused), 'fault'],
  ['form not bound', writes.judgePost(answer(204), answer(204)), 'fault'],
  ['all gone', writes.judgeRemoval(0, 'f/'), 'ok'],
  ['something left', writes.judgeRemoval(2, 'f/'), 'warning'],
] as const)('%s', (_, { level, remedy }, expected) => {
  expect([level, remedy === undefined]).toEqual([expected, level === 'ok'])
})

describe('CORS', () => {
  const allow = {
    'access-control-allow-origin': 'https://app.test',
    'access-control-allow-methods': 'GET, put',
    'access-control-allow-headers': 'Content-Type, If-None-Match',
  }
  const asked = { origin: 'https://app.test', method: 'PUT', headers: ['content-type'] }
  test.each([
    [answer(200, '', allow), asked, []],
    [answer(403, '', allow), asked, ['PUT']],
    [answer(200), asked, ['PUT']],
    [answer(200, '', allow), { ...asked, origin: 'https://other.test' }, ['PUT']],
    [answer(200, '', allow), { ...asked, method: 'DELETE' }, ['DELETE']],
    [answer(204, '', allow), { ...asked, headers: ['content-type', 'range'] }, ['range']],
    [
      answer(200, '', { ...allow, 'access-control-allow-headers': '*' }),
      { ...asked, headers: ['range'] },
      [],
    ],
  ])('%o', (given, preflight, expected) => {
    expect(findRefused(given, preflight)).toEqual(expected)
  })
  test.each([
    [{}, 'skipped'],
    [{ ...allow }, 'fault'],
    [{ ...allow, 'access-control-expose-headers': 'x, ETag' }, 'ok'],
    [{ ...allow, 'access-control-expose-headers': '*' }, 'ok'],
  ])('exposed by %o', (headers, level) => {
    expect(judgeExposed('https://app.test', answer(404, '', headers)).level).toBe(level)
  })
  test('of everybody', () => {
    expect([judgeForeign([]).level, judgeForeign(['PUT']).level]).toEqual(['warning', 'ok'])
  })
  test('our rule goes first, once; others stay', () => {
    const rule = toCorsRule({ can: capabilitiesOf('aws', '') }, ['https://app.test'])
    const other = '<CORSRule><AllowedOrigin>https://other.test</AllowedOrigin></CORSRule>'
    const first = toCorsXml(rule, `<CORSConfiguration>${other}</CORSConfiguration>`)
    expect(toCorsXml(rule, first)).toBe(first)
    expect(first.indexOf('<ID>postern')).toBeLessThan(first.indexOf(other))
  })
})

describe('rules', () => {
  const rule = (status: string, filter: string, days: number): string =>
    `<LifecycleConfiguration><Rule><Status>${status}</Status>${filter}<AbortIncompleteMultipartUpload><DaysAfterInitiation>${days}</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>`
  const none = { prefix: 'users/', hasCron: false }
  test.each([
    [rule('Enabled', '<Filter><Prefix/></Filter>', 8), 8],
    [rule('Enabled', '<Prefix>users/</Prefix>', 8), 8],
    [rule('Enabled', '<Prefix>logs/</Prefix>', 8), undefined],
    [rule('Disabled', '', 8), undefined],
    ['<LifecycleConfiguration/>', undefined],
    ['not XML', undefined],
  ])('%s', (text, days) => {
    expect(findAbortDays(text, 'users/')).toBe(days)
  })
  test.each([
    [answer(200, '', {}, rule('Enabled', '', 8)), none, 'ok'],
    [answer(200, '', {}, rule('Enabled', '', 6)), none, 'warning'],
    [answer(404, 'NoSuchLifecycleConfiguration'), none, 'warning'],
    [answer(403, 'AccessDenied'), none, 'warning'],
    [answer(403, 'AccessDenied'), { ...none, hasCron: true }, 'ok'],
  ])('%o', (given, context, level) => {
    expect(judgeLifecycle(given, context).level).toBe(level)
  })
  test('versions', () => {
    const text = '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
    expect(judgeVersioning(answer(200, '', {}, text)).detail).toContain('s3:DeleteObjectVersion')
    expect(judgeVersioning(refused).level).toBe('skipped')
  })
})

const ready = { status: 'ready', version: VERSION, warnings: [] }
test.each([
  [0, '', ['fault']],
  [503, '{"code":"misconfigured"}', ['fault']],
  [200, '<html>', ['fault']],
  [404, JSON.stringify(ready), ['fault']],
  [200, JSON.stringify(ready), ['ok']],
  [200, JSON.stringify({ ...ready, version: '0.0.1' }), ['warning']],
  [200, JSON.stringify({ ...ready, warnings: ['near the cap'] }), ['ok', 'warning']],
])('a gateway that answers %i %s', (status, text, levels) => {
  expect(judgeGateway(status, text).map(({ level }) => level)).toEqual(levels)
})

test.each([
  ['POSTERN_KEY', 'secret is not set', 'POSTERN_KEY'],
  ['ISSUERS[0].secret', 'secret SESSION_SECRET is not set', 'SESSION_SECRET'],
  ['WEBHOOK_SECRET', 'expected whsec_', 'WEBHOOK_SECRET'],
  ['GRANTS[0].prefix', 'unknown key', null],
])('missing: %s: %s', (path, detail, name) => {
  expect(toMissing({ path, detail }, {})).toBe(name)
})

describe('bindings', () => {
  const names = ['COUNTERS', 'LINKS', 'WEBHOOKS']
  const whole = {
    kv_namespaces: [{ binding: 'POSTERN_KV' }],
    durable_objects: { bindings: names.map((name) => ({ name, class_name: name })) },
    migrations: [{ new_sqlite_classes: names }],
    assets: { binding: 'ASSETS', run_worker_first: true },
    compatibility_date: '2026-10-01',
  }
  test.each([
    [whole, []],
    [{ ...whole, kv_namespaces: [] }, ['bindings']],
    [{ ...whole, migrations: [] }, ['bindings']],
    [{ ...whole, durable_objects: { bindings: [] } }, ['bindings']],
    [{ ...whole, assets: undefined }, ['bindings']],
    [{ ...whole, assets: { binding: 'ASSETS', run_worker_first: ['/api/*'] } }, ['assets']],
    [{ ...whole, compatibility_date: '2022-10-30' }, ['compatibility_date']],
    [{ ...whole, compatibility_date: undefined }, ['compatibility_date']],
  ])('%#', (given, faults) => {
    const found = judgeBindings(given).filter(({ level }) => level === 'fault')
    expect(found.map(({ check }) => check)).toEqual(faults)
  })
})
