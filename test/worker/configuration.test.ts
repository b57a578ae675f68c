// Configurations that are refused at start: every row answers 503 on all but /healthz, and names where the fault is.
import { describe, expect, test } from 'vitest'
import { createGateway, ISSUER, type Problem, SETTINGS } from '../support/worker.ts'

const audience = 'https://files.example.com'
const hs = { issuer: ISSUER, audience, algorithms: ['HS256'], secret: 'SESSION_SECRET' }
const es = { issuer: ISSUER, audience, algorithms: ['ES256'] }
const rs = { issuer: ISSUER, audience, algorithms: ['RS256'] }
const grant = { bucket: 'media', prefix: 'users/${sub}/', allow: ['read'] }

async function exportKey(algorithm: object, extra: object = {}): Promise<Record<string, unknown>> {
  const pair = (await crypto.subtle.generateKey(
    // Every algorithm of this suite makes a pair.
    algorithm as SubtleCryptoGenerateKeyAlgorithm,
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair
  const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
  const names = ['kty', 'crv', 'x', 'y', 'n', 'e']
  return {
    ...Object.fromEntries(Object.entries(jwk).filter(([name]) => names.includes(name))),
    ...extra,
  }
}
const rsa = (modulusLength: number, exponent: number[]) =>
  exportKey({
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength,
    publicExponent: Uint8Array.from(exponent),
    hash: 'SHA-256',
  })
const ec = (namedCurve: string, extra: object = {}) =>
  exportKey({ name: 'ECDSA', namedCurve }, extra)

async function faultsOf(
  settings: Record<string, unknown>,
): Promise<readonly (string | undefined)[]> {
  const { request } = createGateway(settings)
  expect((await request('/healthz')).status).toBe(200)
  expect((await request('/v1/session')).status).toBe(503)
  const ready = await request('/readyz')
  const { errors = [] } = await ready.json<Problem>()
  return [String(ready.status), ...errors.map(({ pointer }) => pointer)]
}

const issuers = (...ISSUERS: readonly object[]) => ({ ISSUERS })

describe('refused at start', () => {
  const rows: readonly (readonly [string, string, object | (() => Promise<object>)])[] = [
    ['none', 'ISSUERS[0].algorithms[0]', issuers({ ...hs, algorithms: ['none'] })],
    ['no algorithm', 'ISSUERS[0].algorithms', issuers({ ...hs, algorithms: [] })],
    ['mixed families', 'ISSUERS[0].algorithms', issuers({ ...hs, algorithms: ['HS256', 'ES256'] })],
    ['a secret for ES256', 'ISSUERS[0].algorithms', issuers({ ...hs, algorithms: ['ES256'] })],
    ['HS256 with 31 bytes', 'ISSUERS[0].secret', { SESSION_SECRET: 'x'.repeat(31) }],
    [
      'HS384 with 47 bytes',
      'ISSUERS[0].secret',
      { ...issuers({ ...hs, algorithms: ['HS384'] }), SESSION_SECRET: 'x'.repeat(47) },
    ],
    [
      'HS512 with 63 bytes',
      'ISSUERS[0].secret',
      { ...issuers({ ...hs, algorithms: ['HS512'] }), SESSION_SECRET: 'x'.repeat(63) },
    ],
    ['a secret that is not set', 'ISSUERS[0].secret', issuers({ ...hs, secret: 'NOTHING' })],
    ['no keys', 'ISSUERS[0]', issuers(es)],
    ['two sources of keys', 'ISSUERS[0]', issuers({ ...hs, jwks_url: 'https://x.example/jwks' })],
    ['keys by http', 'ISSUERS[0].jwks_url', issuers({ ...es, jwks_url: 'http://x.example/jwks' })],
    [
      'keys with a password',
      'ISSUERS[0].jwks_url',
      issuers({ ...es, jwks_url: 'https://a:b@x.example/jwks' }),
    ],
    [
      'HS256 by URL',
      'ISSUERS[0].algorithms',
      issuers({ ...es, algorithms: ['HS256'], jwks_url: 'https://x.example/jwks' }),
    ],
    [
      'RSA of 1024 bits',
      'ISSUERS[0].jwks.keys[0]',
      async () => issuers({ ...rs, jwks: { keys: [await rsa(1024, [1, 0, 1])] } }),
    ],
    [
      'an RSA exponent of 3',
      'ISSUERS[0].jwks.keys[0]',
      async () =>
        issuers({ ...rs, jwks: { keys: [{ ...(await rsa(2048, [1, 0, 1])), e: 'Aw' }] } }),
    ],
    [
      'another curve',
      'ISSUERS[0].jwks.keys[0]',
      async () => issuers({ ...es, jwks: { keys: [await ec('P-384')] } }),
    ],
    [
      'a private member',
      'ISSUERS[0].jwks.keys[0]',
      async () => issuers({ ...es, jwks: { keys: [await ec('P-256', { d: 'AAAA' })] } }),
    ],
    [
      'a symmetric key in a set',
      'ISSUERS[0].jwks.keys[0]',
      issuers({ ...es, jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }),
    ],
    [
      'one kid twice',
      'ISSUERS[0].jwks.keys[1].kid',
      async () => {
        const keys = [await ec('P-256', { kid: 'a' }), await ec('P-256', { kid: 'a' })]
        return issuers({ ...es, jwks: { keys } })
      },
    ],
    ['no issuer', 'ISSUERS[0].issuer', issuers({ ...hs, issuer: undefined })],
    ['no audience', 'ISSUERS[0].audience', issuers({ ...hs, audience: undefined })],
    ['an empty list of audiences', 'ISSUERS[0].audience', issuers({ ...hs, audience: [] })],
    ['one issuer twice', 'ISSUERS[1].issuer', issuers(hs, hs)],
    ['leeway of 3m', 'ISSUERS[0].leeway', issuers({ ...hs, leeway: '3m' })],
    ['no issuers', 'ISSUERS', issuers()],
    ['an unknown key', 'ISSUERS[0].secrets', issuers({ ...hs, secrets: 'X' })],
    [
      'a doubtful answer to errors',
      'ISSUERS[0].on_revocation_error',
      issuers({ ...hs, on_revocation_error: 'maybe' }),
    ],
    [
      'a binding that is not there',
      'LIMITS[0].binding',
      { LIMITS: [{ name: 'a', per: 'sub', allow: 100, every: '1m', binding: 'RL_100_60' }] },
    ],
    [
      'a binding of another kind',
      'LIMITS[0].binding',
      { LIMITS: [{ name: 'a', per: 'sub', allow: 100, every: '1m', binding: 'POSTERN_KV' }] },
    ],
    ...['/a+b', '/a%2Fb', '/a b', "/it's"].map(
      (path) =>
        [
          `an endpoint with the path ${path}`,
          'BUCKETS.media.endpoint',
          {
            BUCKETS: {
              media: { ...SETTINGS.BUCKETS.media, endpoint: `https://s3.example.com${path}` },
            },
          },
        ] as const,
    ),
    // A host has no capitals: another name would be signed than is asked for.
    [
      'a bucket with capitals in a host name',
      'BUCKETS.media.bucket',
      { BUCKETS: { media: { ...SETTINGS.BUCKETS.media, bucket: 'Acme-Media' } } },
    ],
    ['every origin', 'ORIGINS[0]', { ORIGINS: ['*'] }],
    ['a wildcard origin', 'ORIGINS[0]', { ORIGINS: ['https://*.example.com'] }],
    ['an origin with a slash', 'ORIGINS[0]', { ORIGINS: ['https://app.example.com/'] }],
    ['an origin by http', 'ORIGINS[0]', { ORIGINS: ['http://app.example.com'] }],
    ['the origin null', 'ORIGINS[0]', { ORIGINS: ['null'] }],
    ['a prefix without its slash', 'GRANTS[0].prefix', { GRANTS: [{ ...grant, prefix: 'a' }] }],
    ['an empty claim', 'GRANTS[0].prefix', { GRANTS: [{ ...grant, prefix: 'a/${}/' }] }],
    ['half a segment', 'GRANTS[0].prefix', { GRANTS: [{ ...grant, prefix: 'a-${sub}/' }] }],
    ['a claim left open', 'GRANTS[0].prefix', { GRANTS: [{ ...grant, prefix: 'a/${sub/' }] }],
    ['a dot segment', 'GRANTS[0].prefix', { GRANTS: [{ ...grant, prefix: 'a/../' }] }],
    ['an unknown action', 'GRANTS[0].allow[0]', { GRANTS: [{ ...grant, allow: ['all'] }] }],
    ['no action', 'GRANTS[0].allow', { GRANTS: [{ ...grant, allow: [] }] }],
    ['an unknown bucket', 'GRANTS[0].bucket', { GRANTS: [{ ...grant, bucket: 'x' }] }],
    [
      'a foreign issuer',
      'GRANTS[0].issuer',
      { GRANTS: [{ ...grant, issuer: 'https://x.example' }] },
    ],
    [
      'several issuers, and a grant of none',
      'GRANTS[0].issuer',
      { ...issuers(hs, { ...hs, issuer: 'https://two.example' }), GRANTS: [grant] },
    ],
    [
      'a wildcard in the wrong place',
      'GRANTS[0].types[0]',
      { GRANTS: [{ ...grant, types: ['*'] }] },
    ],
    ['an empty list of types', 'GRANTS[0].types', { GRANTS: [{ ...grant, types: [] }] }],
    ['eight days', 'GRANTS[0].max_expires', { GRANTS: [{ ...grant, max_expires: '8d' }] }],
    ['a table in parts', 'AUDIT_1', { AUDIT_1: { keys: 'hmac' } }],
    ['a misspelt number', 'MAX_BYTES', { MAX_BYTES: 5 }],
    ['a misspelt switch', 'DISABLED', { DISABLED: true }],
    ...['constructor', 'prototype'].map((claim) => {
      const when = { role: 'admin', [claim]: 'x' }
      return [`when ${claim}`, 'GRANTS[0].when', { GRANTS: [{ ...grant, when }] }] as const
    }),
    ['when without values', 'GRANTS[0].when.role', { GRANTS: [{ ...grant, when: { role: [] } }] }],
  ]
  test.each(rows)('%s', async (_name, path, settings) => {
    const given = typeof settings === 'function' ? await settings() : settings
    const faults = await faultsOf({ ...given })
    expect([faults[0], faults.slice(1).includes(path) ? path : faults]).toEqual(['503', path])
  })
})

test('the settings of this suite are themselves sound', async () => {
  expect((await createGateway(SETTINGS).request('/readyz')).status).toBe(200)
})
