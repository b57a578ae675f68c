// Attacks by the hundred against the whole Worker: claims, headers, transport, keys, prefixes; each row is one request.
import { describe, expect, test } from 'vitest'
import { createGateway, claimsOf, ISSUER, type Problem, secretBytes } from '../support/worker.ts'
import { mintHmac } from '../support/mint.ts'

const { request } = createGateway({ SESSION: { cookie: '__Host-postern' } })
const now = Math.floor(Date.now() / 1000)

const mint = (header: unknown, claims: unknown): Promise<string> =>
  mintHmac({ header, claims }, secretBytes)

/** Values that are no NumericDate (RFC 7519 §2), or none that can be. */
const NO_DATES = [
  null,
  true,
  false,
  '',
  '0',
  'soon',
  [],
  [now],
  {},
  -1,
  -0.5,
  253_402_300_800,
  1e300,
  '2030-01-01T00:00:00Z',
  `${now + 100}`,
]
/** Values that are no text of a subject or id. */
const NO_TEXTS = [null, true, 0, 7, 1.5, [], ['alice'], {}, { sub: 'alice' }]

interface Row {
  readonly name: string
  readonly header?: unknown
  readonly claims?: Record<string, unknown>
}

const claimRows: readonly Row[] = [
  ...['exp', 'nbf', 'iat'].flatMap((claim) =>
    NO_DATES.map((value) => ({
      name: `${claim} ${JSON.stringify(value)}`,
      claims: { [claim]: value },
    })),
  ),
  ...[0, 1, now - 31, now - 3600].map((exp) => ({ name: `exp ${exp}`, claims: { exp } })),
  ...[31, 60, 1e6].flatMap((ahead) => [
    { name: `nbf ${ahead} ahead`, claims: { nbf: now + ahead + 5 } },
    { name: `iat ${ahead} ahead`, claims: { iat: now + ahead + 5 } },
  ]),
  ...NO_TEXTS.flatMap((value) =>
    ['sub', 'jti', 'iss'].map((claim) => ({
      name: `${claim} ${JSON.stringify(value)}`,
      claims: { [claim]: value },
    })),
  ),
  ...['', 'a'.repeat(256), 'a\u0000b', 'a\nb', '\u007f', '\u0085', '\ud800'].map((sub) => ({
    name: `sub ${JSON.stringify(sub).slice(0, 20)}`,
    claims: { sub },
  })),
  ...[
    '',
    `${ISSUER}/`,
    ISSUER.toUpperCase(),
    ` ${ISSUER}`,
    `${ISSUER} `,
    `${ISSUER}\u0000`,
    ISSUER.slice(0, -1),
    `${ISSUER}:443`,
    ISSUER.replace('https', 'http'),
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'https://evil.example',
    'https://login.example.com.evil.example',
    'https://login.example.com@evil.example',
  ].map((iss) => ({ name: `iss ${JSON.stringify(iss)}`, claims: { iss } })),
  ...[
    null,
    true,
    7,
    {},
    [],
    [[]],
    [7],
    [null],
    '',
    ' ',
    'https://files.example.com/',
    'https://FILES.example.com',
    'files.example.com',
    'https://files.example.com:443',
    '*',
    ['*'],
    'https://files.example.com https://x',
    ['https://other.example'],
    ['https://files.example.com', 7],
    { 0: 'https://files.example.com', length: 1 },
  ].map((aud) => ({ name: `aud ${JSON.stringify(aud)}`, claims: { aud } })),
  ...[null, [], 'x', 7, { grants: null }, { grants: [7] }].map((postern) => ({
    name: `postern ${JSON.stringify(postern)}`,
    claims: { postern },
  })),
]

const headerRows: readonly Row[] = [
  ...[
    undefined,
    null,
    '',
    'none',
    'NONE',
    'nOnE',
    'None ',
    'hs256',
    'HS256 ',
    ' HS256',
    'HS256\u0000',
    'HS1',
    'HS384',
    'HS512',
    'RS256',
    'RS384',
    'PS256',
    'ES256',
    'ES256K',
    'EdDSA',
    'Ed25519',
    'A128KW',
    'dir',
    'RSA1_5',
    7,
    true,
    [],
    ['HS256'],
    { alg: 'HS256' },
    'constructor',
    '__proto__',
  ].map((alg) => ({ name: `alg ${JSON.stringify(alg)}`, header: { alg } })),
  ...['crit', 'b64', 'zip', 'cty', 'jwk', 'jku', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'enc'].flatMap(
    (member) =>
      [null, false, '', 'x', [], {}].map((value) => ({
        name: `header ${member} ${JSON.stringify(value)}`,
        header: { alg: 'HS256', [member]: value },
      })),
  ),
  ...[null, 7, true, [], {}].flatMap((value) =>
    ['kid', 'typ'].map((member) => ({
      name: `header ${member} ${JSON.stringify(value)}`,
      header: { alg: 'HS256', [member]: value },
    })),
  ),
  ...[
    '',
    'jose',
    'at+jwt',
    'application/at+jwt',
    'postern-link+jwt',
    'postern-receipt+jwt',
    'secevent+jwt',
    'logout+jwt',
    'dpop+jwt',
    'JWE',
    'JWT ',
    'text/JWT',
    'application/application/jwt',
    'id+jwt',
    'kb+jwt',
  ].map((typ) => ({ name: `typ ${JSON.stringify(typ)}`, header: { alg: 'HS256', typ } })),
]

describe('tokens', () => {
  test.each([...claimRows, ...headerRows])('$name', async ({ header, claims }) => {
    const token = await mint(header ?? { alg: 'HS256' }, { ...claimsOf('alice'), ...claims })
    const answer = await request('/o/media/users/alice/x', {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(answer.headers.get('Location')).toBeNull()
    expect([answer.status, (await answer.json<Problem>()).detail]).toEqual([
      401,
      'The session token is not valid.',
    ])
  })
})

const good = await mint({ alg: 'HS256' }, claimsOf('alice'))

/** Where a token may not stand, or how. */
const transport: readonly (readonly [string, string, Record<string, string>, number])[] = [
  ...['access_token', 'token', 'jwt', 'authorization', 'bearer_token', 'id_token', 'auth'].map(
    (name) => [`query ${name}`, `/v1/session?${name}=${good}`, {}, 401] as const,
  ),
  ...[
    'X-Authorization',
    'X-Access-Token',
    'Token',
    'X-Forwarded-Authorization',
    'Proxy-Authorization',
    'X-Jwt',
  ].map((name) => [`header ${name}`, '/v1/session', { [name]: `Bearer ${good}` }, 401] as const),
  ...['access_token', 'session', 'postern', '__Secure-postern', '__Host-postern'].map(
    (name) => [`cookie ${name}`, '/v1/session', { Cookie: `${name}=${good}` }, 401] as const,
  ),
  ...[
    'Bearer',
    'Basic',
    'Token',
    'JWT',
    'DPoP',
    'Bearer:',
    'Bearer\t',
    'bearer  ',
    'Bearer "',
    "Bearer '",
    'Bearer Bearer',
  ].map((scheme) => {
    const value = scheme === 'Bearer' ? good : `${scheme} ${good}`
    return [
      `scheme ${JSON.stringify(scheme)}`,
      '/v1/session',
      { Authorization: value },
      401,
    ] as const
  }),
  ['two tokens', '/v1/session', { Authorization: `Bearer ${good}, Bearer ${good}` }, 400],
  ['a token and a scheme', '/v1/session', { Authorization: `Bearer ${good},Basic YTpi` }, 400],
  [
    'a token and a cookie',
    '/v1/session',
    { Authorization: `Bearer ${good}`, Cookie: '__Host-postern=x' },
    400,
  ],
]

describe('transport', () => {
  test.each(transport)('%s', async (_name, path, headers, status) => {
    const answer = await request(path, { headers })
    expect(answer.status).toBe(status)
  })
})

/** Keys that are none, or lie outside; each as JSON body of sign, of uploads, and as a prefix. */
const KEYS = [
  '.',
  '..',
  './x',
  '../x',
  'users/alice/.',
  'users/alice/..',
  'users/alice/./x',
  'users/alice/../bob/x',
  'users/alice/%2e%2e/x',
  'users/alice/%2E./x',
  'users/alice/.%2e/x',
  'users/alice/%2e/x',
  '/users/alice/x',
  '//x',
  'users//alice/x',
  'users/alice//',
  'users/alice/x/',
  'users\\alice\\x',
  'users/alice/\\..\\x',
  'users/alice/\u0000',
  'users/alice/x\u0000.png',
  'users/alice/\n',
  'users/alice/\r\nx',
  'users/alice/\t',
  'users/alice/\u007f',
  'users/alice/\u0085',
  'users/alice/\u009f',
  'users/alice/\ud800',
  'users/alice/\udfff\ud800',
  `users/alice/${'é'.repeat(510)}`,
  `users/alice/${'a'.repeat(1013)}`,
]
const FOREIGN = [
  'x',
  'users/x',
  'users/bob/x',
  'users/alice2/x',
  'users/alic/x',
  'Users/alice/x',
  'users/Alice/x',
  'users/alice\u0301/x',
  'users/ａlice/x',
  'users/alice%2fx',
  'users/alice',
  'userss/alice/x',
  ' users/alice/x',
  'users /alice/x',
  'users/alice /x',
  'public/users/alice/x',
]

describe('keys', () => {
  const post = async (path: string, body: object): Promise<number> => {
    const init = { method: 'POST', headers: { Authorization: `Bearer ${good}` } }
    return (await request(path, { ...init, body: JSON.stringify(body) })).status
  }
  const rows = [
    ...KEYS.map((key) => [key, 400] as const),
    ...FOREIGN.map((key) => [key, 403] as const),
  ]
  test.each(rows)('sign %j: %i', async (key, status) => {
    for (const method of ['GET', 'HEAD', 'DELETE'])
      expect(await post('/v1/sign', { bucket: 'media', key, method })).toBe(status)
    const put = { bucket: 'media', key, method: 'PUT', size: 1, type: 'image/png' }
    expect(await post('/v1/sign', put)).toBe(status)
  })
  test.each(rows)('upload %j: %i', async (key, status) => {
    const body = { bucket: 'media', key, size: 1, type: 'image/png' }
    expect(await post('/v1/uploads', body)).toBe(status)
  })
})

test('there are at least 300 of them', () => {
  const keys = (KEYS.length + FOREIGN.length) * 2
  expect(claimRows.length + headerRows.length + transport.length + keys).toBeGreaterThanOrEqual(300)
})
