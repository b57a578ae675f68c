// The gateway's own keys: what it publishes, what it refuses at start, and that nothing it signs opens a session.
import { calculateJwkThumbprint } from 'jose/jwk/thumbprint'
import { describe, expect, test } from 'vitest'
import { signJws } from '../../src/core/identity/jws.ts'
import { type IdentityKey, parseIdentityKey } from '../../src/core/identity/key.ts'
import { RECEIPT_TYP, toReceipt } from '../../src/core/identity/receipt.ts'
import {
  BASE,
  bearer,
  claimsOf,
  createGateway,
  ISSUER,
  type Problem,
  SETTINGS,
} from '../support/worker.ts'

async function makeJwk(): Promise<Record<string, string>> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('no pair')
  const exported = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (exported instanceof ArrayBuffer) throw new Error('no JWK')
  const { x = '', y = '', d = '' } = exported
  return { kty: 'EC', crv: 'P-256', x, y, d }
}
const [current, previous] = [await makeJwk(), await makeJwk()]
const text = (jwk: object): string => JSON.stringify(jwk)

async function toKey(jwk: object): Promise<IdentityKey> {
  const key = await parseIdentityKey(text(jwk))
  if (key === null) throw new Error('no key')
  return key
}

describe('/.well-known', () => {
  const gateway = createGateway({
    POSTERN_SIGNING_KEY: text(current),
    POSTERN_SIGNING_KEY_PREVIOUS: text({ ...previous, kid: 'old' }),
  })

  test('two active keys, public members alone, for everybody to cache', async () => {
    const origin = { headers: { Origin: 'https://stranger.example' } }
    const answer = await gateway.request('/.well-known/jwks.json', origin)
    expect(answer.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(answer.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300')
    const published = await answer.text()
    for (const { d } of [current, previous]) expect(published).not.toContain(d)
    const shared = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' }
    expect(JSON.parse(published)).toEqual({
      keys: [
        { ...shared, x: current['x'], y: current['y'], kid: expect.stringMatching(/^[\w-]{43}$/) },
        { ...shared, x: previous['x'], y: previous['y'], kid: 'old' },
      ],
    })
  })

  test('the discovery document names this gateway, whatever Host says', async () => {
    const answer = await gateway.request('/.well-known/openid-configuration', {
      headers: { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' },
    })
    expect(await answer.json()).toMatchObject({
      issuer: BASE,
      jwks_uri: `${BASE}/.well-known/jwks.json`,
      id_token_signing_alg_values_supported: ['ES256'],
    })
  })

  test('without a key there is neither', async () => {
    const { request } = createGateway()
    for (const name of ['jwks.json', 'openid-configuration'])
      expect((await request(`/.well-known/${name}`)).status).toBe(404)
  })
})

test('the key id is the thumbprint of RFC 7638', async () => {
  expect((await toKey(current)).kid).toBe(await calculateJwkThumbprint(current))
})

describe('refused at start', () => {
  const media = SETTINGS.BUCKETS.media
  const role = {
    via: 'assume-role',
    base: 'MEDIA',
    role_arn: 'arn:aws:iam::123456789012:role/postern',
  }
  const web = { via: 'web-identity', role_arn: role.role_arn }
  const bucket = (credentials: unknown, more: object = {}) => ({
    BUCKETS: { media: { ...media, ...more, credentials } },
  })
  const r2 = { provider: 'r2', endpoint: 'https://x.r2.cloudflarestorage.com' }
  const C = 'BUCKETS.media.credentials'
  const key = { POSTERN_SIGNING_KEY: text(current) }
  const rows: readonly (readonly [string, string, object])[] = [
    ['not JSON', 'POSTERN_SIGNING_KEY', { POSTERN_SIGNING_KEY: 'x' }],
    [
      'a public key',
      'POSTERN_SIGNING_KEY',
      { POSTERN_SIGNING_KEY: text({ ...current, d: undefined }) },
    ],
    [
      'another curve',
      'POSTERN_SIGNING_KEY',
      { POSTERN_SIGNING_KEY: text({ ...current, crv: 'P-384' }) },
    ],
    [
      'halves of two keys',
      'POSTERN_SIGNING_KEY',
      { POSTERN_SIGNING_KEY: text({ ...current, d: previous['d'] }) },
    ],
    [
      'no point of the curve',
      'POSTERN_SIGNING_KEY',
      { POSTERN_SIGNING_KEY: text({ ...current, x: current['y'] }) },
    ],
    [
      'another algorithm',
      'POSTERN_SIGNING_KEY',
      { POSTERN_SIGNING_KEY: text({ ...current, alg: 'ES384' }) },
    ],
    [
      'the same key twice',
      'POSTERN_SIGNING_KEY_PREVIOUS',
      { ...key, POSTERN_SIGNING_KEY_PREVIOUS: text(current) },
    ],
    [
      'an issuer that is the gateway',
      'ISSUERS',
      { ...key, ISSUERS: [{ ...SETTINGS.ISSUERS[0], issuer: BASE }], GRANTS: [] },
    ],
    ['a name that is none', C, bucket('media')],
    ['secrets that are not set', C, bucket('NOTHING')],
    ['no names', C, bucket([])],
    ['three names', C, bucket(['MEDIA', 'B', 'C'])],
    ['two names, neither set', C, bucket(['A', 'B'])],
    ['an unknown way', `${C}.via`, bucket({ ...role, via: 'magic' })],
    ['an unknown key', `${C}.roel`, bucket({ ...role, roel: 1 })],
    ['no role', `${C}.role_arn`, bucket({ ...role, role_arn: 'postern' })],
    ['no base', `${C}.base`, bucket({ ...role, base: undefined })],
    ['a base that is not set', `${C}.base`, bucket({ ...role, base: 'NOTHING' })],
    ['a session of 5m', `${C}.session`, bucket({ ...role, session: '5m' })],
    ['a session of a day', `${C}.session`, bucket({ ...role, session: '1d' })],
    [
      'a token service by http',
      `${C}.endpoint`,
      bucket({ ...role, endpoint: 'http://sts.example' }),
    ],
    ['a provider without one', C, bucket(role, r2)],
    ['web identity without a key', `${C}.via`, bucket(web)],
    ['web identity with keys', `${C}.base`, { ...key, ...bucket({ ...web, base: 'MEDIA' }) }],
    [
      'an external id without use',
      `${C}.external_id`,
      { ...key, ...bucket({ ...web, external_id: 'xx' }) },
    ],
  ]
  test.each(rows)('%s', async (_name, path, settings) => {
    const answer = await createGateway({ ...settings }).request('/readyz')
    const { errors = [] } = await answer.json<Problem>()
    const pointers = errors.map(({ pointer }) => pointer)
    expect([answer.status, pointers.includes(path) ? path : pointers]).toEqual([503, path])
  })

  test('and these are sound', async () => {
    for (const settings of [
      bucket(role),
      bucket({ ...role, external_id: 'acme:1', session: 43_200, endpoint: 'https://sts.example' }),
      { ...key, ...bucket(web) },
      { ...key, ...bucket({ ...web, endpoint: 'https://sts.example' }, r2) },
    ])
      expect((await createGateway(settings).request('/readyz')).status).toBe(200)
  })
})

describe('two pairs of keys', () => {
  async function signerOf(settings: object): Promise<readonly [string | undefined, unknown]> {
    const { request } = createGateway({
      BUCKETS: { media: { ...SETTINGS.BUCKETS.media, credentials: ['NEXT', 'MEDIA'] } },
      ...settings,
    })
    const headers = { ...(await bearer()), Accept: 'application/json' }
    const { url } = await (
      await request('/o/media/users/alice/x', { headers })
    ).json<{ url: string }>()
    const { warnings } = await (await request('/readyz')).json<{ warnings: unknown }>()
    return [/Credential=([A-Z]+)/.exec(url)?.[1], warnings]
  }
  const half = 'BUCKETS.media.credentials: secret NEXT_SECRET_ACCESS_KEY is not set'

  test('the next one signs as soon as it is whole, and not before', async () => {
    const next = { NEXT_ACCESS_KEY_ID: 'AKIDNEXT' }
    expect(await signerOf(next)).toEqual(['AKIDEXAMPLE', [half]])
    expect(await signerOf({ ...next, NEXT_SECRET_ACCESS_KEY: 'next' })).toEqual(['AKIDNEXT', []])
    expect((await signerOf({}))[0]).toBe('AKIDEXAMPLE')
  })
})

describe('what the gateway signs opens no session', () => {
  // The worst case: an issuer whose key set is the gateway's own, and which everything is meant for.
  const gateway = async (issuer: string) => {
    const { publicJwk } = await toKey(current)
    const audience = [BASE, 'sts.amazonaws.com']
    const jwks = { keys: [publicJwk] }
    return createGateway({
      POSTERN_SIGNING_KEY: text(current),
      ISSUERS: [{ issuer, audience, algorithms: ['ES256'], jwks }],
    })
  }
  async function statusOf(issuer: string, token: string): Promise<number> {
    const headers = { Authorization: `Bearer ${token}` }
    return (await (await gateway(issuer)).request('/v1/session', { headers })).status
  }

  test('a receipt, by its typ and by its issuer', async () => {
    const key = await toKey(current)
    const receipt = await toReceipt(
      [key],
      {
        issuer: BASE,
        caller: { issuer: ISSUER, subject: 'alice' },
        bucket: 'media',
        key: 'k',
        size: 1,
        etag: 'e',
      },
      Date.now(),
    )
    expect(await statusOf(ISSUER, receipt ?? '')).toBe(401)
    // Even with every claim of a session token its typ keeps it out; without that typ it would be one.
    expect(await statusOf(ISSUER, await signJws(key, RECEIPT_TYP, claimsOf('alice')))).toBe(401)
    expect(await statusOf(ISSUER, await signJws(key, 'JWT', claimsOf('alice')))).toBe(200)
  })

  test('an identity token, by its issuer, which can be configured as none', async () => {
    const identity = { ...claimsOf('alice'), iss: BASE, aud: 'sts.amazonaws.com' }
    expect(await statusOf(ISSUER, await signJws(await toKey(current), 'JWT', identity))).toBe(401)
    expect((await (await gateway(BASE)).request('/v1/session')).status).toBe(503)
  })
})

describe('whoever may write, on a store that may take headers which nobody signed', () => {
  const place = { bucket: 'acme', region: 'x', endpoint: 'https://s3.test', credentials: 'MEDIA' }
  async function warningsOf(provider: string, allow: readonly string[], more = {}) {
    const { request } = createGateway({
      BUCKETS: { media: { ...place, provider, ...more } },
      GRANTS: [{ bucket: 'media', prefix: '', allow }],
    })
    const answer = await (await request('/readyz')).json<{ warnings: readonly string[] }>()
    return answer.warnings
  }

  test.each(['r2', 'b2', 'wasabi', 'gcs', 'generic'])('%s: the operator is told', async (name) => {
    for (const action of ['upload', 'write']) {
      const warnings = await warningsOf(name, ['read', action])
      expect(warnings).toHaveLength(1)
      expect(warnings[0]).toContain(`BUCKETS.media: it is not known whether ${name} refuses`)
    }
    expect(await warningsOf(name, ['read', 'list', 'delete'])).toEqual([])
  })

  test.each(['aws', 'minio', 'ceph'])('%s: they are kept out', async (name) => {
    expect(await warningsOf(name, ['upload', 'write'])).toEqual([])
  })

  test('the local R2: they are kept out', async () => {
    const endpoint = 'http://localhost:8787/cdn-cgi/local/r2/s3'
    expect(await warningsOf('r2', ['upload', 'write'], { endpoint })).toEqual([])
  })
})
