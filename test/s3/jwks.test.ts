// Published keys through the whole Worker: a real issuer on loopback that rotates its keys, and then dies.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mintEs256 } from '../support/mint.ts'
import { gateway as shared } from '../support/s3/client.ts'
import { startGateway } from '../support/s3/gateway.ts'

const ISSUER = 'https://login.test'
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }

interface NamedKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: object
}

async function makeKey(kid: string): Promise<NamedKey> {
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('no pair')
  const { kty, crv, x, y } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
  return { kid, privateKey: pair.privateKey, jwk: { kty, crv, x, y, kid } }
}

let published: readonly object[] = []
let requests = 0
const issuer = createServer((_request, response) => {
  requests += 1
  response.setHeader('Content-Type', 'application/jwk-set+json')
  response.end(JSON.stringify({ keys: published }))
})
let url = ''
let stop: () => Promise<void>

// The keys have nothing to do with the storage: once is enough.
describe.runIf(shared.s3.kind === 'embedded')('an issuer that publishes its keys', () => {
  beforeAll(async () => {
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve))
    const address = issuer.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const jwks_url = `http://127.0.0.1:${address.port}/jwks.json`
    const started = await startGateway((audience) => ({
      ISSUERS: [{ issuer: ISSUER, audience, algorithms: ['ES256'], jwks_url, typ: 'at+jwt' }],
    }))
    ;({ stop } = started)
    ;({ url } = started.facts)
  })
  afterAll(async () => {
    await stop()
    issuer.closeAllConnections()
    await new Promise((resolve) => issuer.close(resolve))
  })

  const now = Math.floor(Date.now() / 1000)
  /** RFC 9068 §2.2: what an access token carries. */
  const claims = () => ({
    iss: ISSUER,
    aud: url,
    sub: 'alice',
    client_id: 'app',
    jti: crypto.randomUUID(),
    iat: now,
    exp: now + 600,
  })
  async function statusOf(
    key: NamedKey,
    change: object = {},
    header: object = {},
  ): Promise<number> {
    const parts = {
      header: { alg: 'ES256', kid: key.kid, typ: 'at+jwt', ...header },
      claims: { ...claims(), ...change },
    }
    const token = await mintEs256(parts, key.privateKey)
    const headers = { Authorization: `Bearer ${token}` }
    return (await fetch(`${url}/v1/session`, { headers })).status
  }

  test('rotation and outage fail no request; unknown keys and other tokens are refused', async () => {
    const [a, b, c] = [await makeKey('a'), await makeKey('b'), await makeKey('c')]
    published = [a.jwk]
    expect(await statusOf(a)).toBe(200)
    expect(requests).toBe(1)
    // The new key is used as soon as it is published.
    published = [a.jwk, b.jwk]
    expect(await statusOf(b)).toBe(200)
    expect(await statusOf(a)).toBe(200)
    expect(requests).toBe(2)
    // One that was never published; and however often it comes, the issuer is left alone.
    for (let times = 0; times < 5; times += 1) expect(await statusOf(c)).toBe(401)
    expect(await statusOf({ ...c, kid: 'a' })).toBe(401)
    expect(requests).toBe(2)
    issuer.closeAllConnections()
    published = []
    expect(await statusOf(b)).toBe(200)

    for (const claim of ['client_id', 'iat', 'jti', 'sub', 'exp', 'aud'])
      expect([claim, await statusOf(b, { [claim]: undefined })]).toEqual([claim, 401])
    for (const typ of [undefined, 'JWT', 'at', 'postern-link+jwt'])
      expect([typ, await statusOf(b, {}, { typ })]).toEqual([typ, 401])
    expect(await statusOf(b, {}, { typ: 'application/AT+JWT' })).toBe(200)
  })
})
