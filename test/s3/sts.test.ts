// Temporary credentials through the whole Worker: a role of Ceph's own token service, and web identity against one that
// checks the gateway's token as AWS documents it: discovery, key set, signature, audience, subject.
import { createServer, type Server } from 'node:http'
import { createRemoteJWKSet } from 'jose/jwks/remote'
import { jwtVerify } from 'jose/jwt/verify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSigningJwk } from '../../src/cli/signing-jwk.ts'
import { createCaller, type Post } from '../support/s3/caller.ts'
import { gateway as shared } from '../support/s3/client.ts'
import { type GatewayFacts, startGateway } from '../support/s3/gateway.ts'

const { s3 } = shared
const roleArn = process.env['S3_ROLE_ARN']
const signingKey = JSON.stringify(await createSigningJwk())
let facts: GatewayFacts
let stop: () => Promise<void>
let post: Post

async function start(credentials: object, more: object = {}): Promise<void> {
  const bucket = {
    provider: s3.kind === 'embedded' ? 'minio' : 'ceph',
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    addressing: 'path',
  }
  const started = await startGateway(() => ({
    BUCKETS: {
      media: { ...bucket, credentials },
      broken: { ...bucket, credentials: { ...credentials, ...more } },
    },
    GRANTS: ['media', 'broken'].map((alias) => ({
      bucket: alias,
      prefix: 'users/${sub}/',
      allow: ['read', 'write', 'upload'],
    })),
    POSTERN_SIGNING_KEY: signingKey,
    MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
    MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
  }))
  ;({ facts, stop } = started)
  post = createCaller(facts, [signingKey, s3.secretAccessKey])
}

/** A signed request of an hour, and what it says of its own life. */
async function sign(
  body: object,
): Promise<{ url: URL; headers: Record<string, string>; expiresAt: number }> {
  const answer = await post('/v1/sign', { bucket: 'media', expiresIn: 3600, ...body })
  const { url, headers, expiresAt } = (await answer.json()) as Record<
    'url' | 'expiresAt',
    string
  > & {
    headers: Record<string, string>
  }
  return { url: new URL(url), headers, expiresAt: Date.parse(expiresAt) / 1000 }
}

/** Writes and reads an object with what was signed. */
async function expectRoundTrip(key: string): Promise<void> {
  const put = await sign({ method: 'PUT', key, size: 5, type: 'text/plain' })
  const { 'content-length': _length, ...headers } = put.headers
  const written = await fetch(put.url, { method: 'PUT', headers, body: 'hello' })
  expect([written.status, await written.text()]).toEqual([200, ''])
  const get = await sign({ method: 'GET', key })
  expect(await (await fetch(get.url)).text()).toBe('hello')
  // Without its session token a URL of temporary keys is nothing.
  get.url.searchParams.delete('X-Amz-Security-Token')
  expect((await fetch(get.url)).status).toBe(403)
}

describe.runIf(roleArn !== undefined)('a role of Ceph', () => {
  const credentials = { via: 'assume-role', base: 'MEDIA', role_arn: roleArn, session: '15m' }
  beforeAll(() => start(credentials, { role_arn: `${roleArn}-of-nobody` }))
  afterAll(() => stop())

  test('signs for clients and for the gateway itself, and no URL outlives it', async () => {
    await expectRoundTrip(`users/alice/${crypto.randomUUID()}`)
    const { url, expiresAt } = await sign({ method: 'GET', key: 'users/alice/x' })
    expect(Number(url.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(900)
    expect(expiresAt - Date.now() / 1000).toBeLessThanOrEqual(900)
    const upload = {
      bucket: 'media',
      key: `users/alice/${crypto.randomUUID()}`,
      type: 'text/plain',
    }
    expect((await post('/v1/uploads', { ...upload, size: 20 * 2 ** 20 })).status).toBe(201)
  })

  test('a role that may not be assumed is 503, and the caller learns no more', async () => {
    const answer = await post('/v1/sign', { bucket: 'broken', method: 'GET', key: 'users/alice/x' })
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '5'])
    expect(await answer.json()).toMatchObject({ code: 'unavailable' })
  })
})

describe.runIf(s3.kind === 'embedded')('web identity', () => {
  let sts: Server
  const asked: { subject: string; role: string | null }[] = []
  const ends = Math.floor(Date.now() / 1000) + 900

  /** Refuses what AWS refuses: a token that the published keys did not sign for this audience. */
  async function answer(body: URLSearchParams): Promise<[number, string]> {
    try {
      const issuer = facts.url
      const discovery = await fetch(`${issuer}/.well-known/openid-configuration`)
      const { issuer: named, jwks_uri } = (await discovery.json()) as Record<string, string>
      if (named !== issuer || jwks_uri === undefined) throw new Error('discovery')
      const { payload } = await jwtVerify(
        body.get('WebIdentityToken') ?? '',
        createRemoteJWKSet(new URL(jwks_uri)),
        {
          issuer,
          audience: 'sts.amazonaws.com',
          algorithms: ['ES256'],
          maxTokenAge: '5m',
          requiredClaims: ['exp'],
        },
      )
      asked.push({ subject: payload.sub ?? '', role: body.get('RoleArn') })
      if (payload.sub !== 'bucket:media') throw new Error('subject')
    } catch {
      return [403, '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>']
    }
    const parts = {
      AccessKeyId: s3.accessKeyId,
      SecretAccessKey: s3.secretAccessKey,
      SessionToken: 'session/token+of=STS',
      Expiration: new Date(ends * 1000).toISOString(),
    }
    const inner = Object.entries(parts).map(([name, value]) => `<${name}>${value}</${name}>`)
    return [
      200,
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>${inner.join('')}</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    ]
  }

  beforeAll(async () => {
    sts = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => (body += String(chunk)))
      request.on('end', () => {
        void answer(new URLSearchParams(body)).then(([status, text]) => {
          response.writeHead(status)
          response.end(text)
        })
      })
    })
    await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve))
    const address = sts.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    await start({
      via: 'web-identity',
      role_arn: 'arn:aws:iam::123456789012:role/postern',
      endpoint: `http://127.0.0.1:${address.port}`,
    })
  })
  afterAll(async () => {
    await stop()
    sts.closeAllConnections()
    await new Promise((resolve) => sts.close(resolve))
  })

  test('the gateway shows its own token, once for many requests, and no URL outlives what it gets', async () => {
    const signed = await Promise.all(
      Array.from({ length: 20 }, () => sign({ method: 'GET', key: 'users/alice/x' })),
    )
    expect(asked).toEqual([
      { subject: 'bucket:media', role: 'arn:aws:iam::123456789012:role/postern' },
    ])
    for (const { url, expiresAt } of signed) {
      expect(url.searchParams.get('X-Amz-Security-Token')).toBe('session/token+of=STS')
      expect(expiresAt).toBe(ends)
    }
    await expectRoundTrip(`users/alice/${crypto.randomUUID()}`)
  })

  test('each bucket is a subject of its own, so that a trust policy can tell them apart', async () => {
    const answered = await post('/v1/sign', {
      bucket: 'broken',
      method: 'GET',
      key: 'users/alice/x',
    })
    expect([answered.status, await answered.json()]).toMatchObject([503, { code: 'unavailable' }])
    expect(asked.at(-1)?.subject).toBe('bucket:broken')
  })
})
