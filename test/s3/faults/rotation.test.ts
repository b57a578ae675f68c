// Every secret rotated while requests run: versions with other secrets take over from each other, two serve at a time, and no answer is wrong.
import { createHmac, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { afterAll, expect, test } from 'vitest'
import type { SignedRequest } from '../../../src/contract/common.ts'
import type { CompleteAnswer, UploadAnswer } from '../../../src/contract/upload.ts'
import { createSigningJwk } from '../../../src/cli/signing-jwk.ts'
import { mintEs256 } from '../../support/mint.ts'
import { gateway, send } from '../../support/s3/client.ts'
import { startGateway } from '../../support/s3/gateway.ts'
import { findSignatureFault } from '../../support/sigv4.ts'

const { s3 } = gateway
const ISSUER = 'https://login.test'
const AUDIENCE = 'https://files.test'
const LINES = 4

interface IssuerKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: object
}

async function makeIssuerKey(kid: string): Promise<IssuerKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('no pair')
  const { kty, crv, x, y } = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as JsonWebKey
  return { kid, privateKey: pair.privateKey, jwk: { kty, crv, x, y, kid } }
}

const posternKeys = [0, 1].map(() => randomBytes(32).toString('base64url'))
const webhookSecrets = [0, 1].map(() => `whsec_${randomBytes(32).toString('base64')}`)
const signingKeys = [
  JSON.stringify(await createSigningJwk()),
  JSON.stringify(await createSigningJwk()),
]
/** Of a bucket that is only signed for: no server here has two pairs for one bucket. */
const pairs = ['old', 'new'].map((name) => ({
  id: `AKID${name}`,
  secret: randomBytes(20).toString('hex'),
}))
const issuerKeys = [await makeIssuerKey('first'), await makeIssuerKey('second')]
let published = issuerKeys.slice(0, 1)
let signingWith = issuerKeys[0]

const issuer = createServer((_, response) => {
  response.setHeader('Content-Type', 'application/jwk-set+json')
  response.end(JSON.stringify({ keys: published.map(({ jwk }) => jwk) }))
})

const wrong: string[] = []
/** Completed uploads, by the gateway that completed them, and those of which the event has come. */
const completed = new Map<string, string[]>()
const told = new Set<string>()
const isTold = (url: string): boolean => completed.get(url)?.every((key) => told.has(key)) === true
/** Conditions that somebody waits for, looked at whenever something has happened. */
const waiting = new Set<() => void>()
const look = (): void => waiting.forEach((check) => check())

const load = { isOver: false }

/** Waits until it is so; the first wrong answer ends everything. */
function until(isSo: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!isSo() && wrong.length === 0) return
      waiting.delete(check)
      if (wrong.length === 0) return resolve()
      load.isOver = true
      reject(new Error(wrong[0]))
    }
    waiting.add(check)
    check()
  })
}
/** What the receiver checks events with. */
let receiverSecret = webhookSecrets[0] ?? ''

const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    const {
      'webhook-id': id,
      'webhook-timestamp': at,
      'webhook-signature': given,
    } = request.headers
    const secret = Buffer.from(receiverSecret.slice('whsec_'.length), 'base64')
    const mac = createHmac('sha256', secret).update(`${String(id)}.${String(at)}.${body}`)
    const isTrue = String(given)
      .split(' ')
      .includes(`v1,${mac.digest('base64')}`)
    if (!isTrue) wrong.push(`an event that does not verify: ${body}`)
    response.end()
    const { data } = JSON.parse(body) as { data: { key: string } }
    told.add(data.key)
    look()
  })
})
for (const server of [issuer, receiver])
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const originOf = (server: typeof issuer): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** What one version has of each secret: the one that is used, and the other that counts as well. */
interface Secrets {
  readonly now: 0 | 1
  readonly other: 0 | 1 | null
  /** Whether the new pair of the bucket is whole. */
  readonly hasNewPair: boolean
}

/** What ends the versions that run. */
const running = new Set<() => Promise<void>>()

async function deploy({ now, other, hasNewPair }: Secrets) {
  const place = { region: s3.region, bucket: s3.bucket, addressing: 'path', endpoint: s3.endpoint }
  const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
  const { facts, stop } = await startGateway(
    () => ({
      ISSUERS: [
        {
          issuer: ISSUER,
          audience: AUDIENCE,
          algorithms: ['ES256'],
          jwks_url: `${originOf(issuer)}/jwks.json`,
        },
      ],
      BUCKETS: {
        media: { ...place, provider, credentials: 'MEDIA' },
        paired: { ...place, provider: 'minio', credentials: ['NEW', 'OLD'] },
      },
      GRANTS: ['media', 'paired'].map((bucket) => ({
        bucket,
        prefix: 'users/${sub}/',
        allow: ['read', 'upload', 'share'],
      })),
      UPPY: undefined,
      WEBHOOK: { url: `${originOf(receiver)}/hook` },
      POSTERN_KEY: posternKeys[now],
      POSTERN_SIGNING_KEY: signingKeys[now],
      WEBHOOK_SECRET: webhookSecrets[now],
      ...(other !== null && {
        POSTERN_KEY_PREVIOUS: posternKeys[other],
        POSTERN_SIGNING_KEY_PREVIOUS: signingKeys[other],
        WEBHOOK_SECRET_PREVIOUS: webhookSecrets[other],
      }),
      MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
      MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
      OLD_ACCESS_KEY_ID: pairs[0]?.id,
      OLD_SECRET_ACCESS_KEY: pairs[0]?.secret,
      ...(hasNewPair && { NEW_SECRET_ACCESS_KEY: pairs[1]?.secret }),
      // Half of a pair stands there long before the other half.
      NEW_ACCESS_KEY_ID: pairs[1]?.id,
    }),
    gateway.script,
  )
  completed.set(facts.url, [])
  running.add(stop)
  return { url: facts.url, stop: () => (running.delete(stop), stop()) }
}
type Version = Awaited<ReturnType<typeof deploy>>

/** Versions that serve, in turn; two while one takes over from the other. */
let serving: Version[] = []
let turn = 0
let [requests, uploads, downloads] = [0, 0, 0]
const inFlight = new Map<Version, number>()

async function call(method: string, path: string, body?: object) {
  const version = serving[turn++ % serving.length]
  if (version === undefined || signingWith === undefined) throw new Error('nobody serves')
  requests += 1
  inFlight.set(version, (inFlight.get(version) ?? 0) + 1)
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now, exp: now + 3600 }
  const header = { alg: 'ES256', kid: signingWith.kid }
  const token = await mintEs256({ header, claims }, signingWith.privateKey)
  const answer = await fetch(version.url + path, {
    method,
    redirect: 'manual',
    headers: { Authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  inFlight.set(version, (inFlight.get(version) ?? 0) - 1)
  look()
  return { status: answer.status, headers: answer.headers, text, version }
}

function expectStatus(
  what: string,
  { status, text }: { status: number; text: string },
  want: number,
) {
  if (status === want) return true
  wrong.push(`${what}: ${status} ${text}`)
  return false
}

async function verifyReceipt(receipt: string, issuedBy: string): Promise<void> {
  const keys = await call('GET', '/.well-known/jwks.json')
  const set = createLocalJWKSet(JSON.parse(keys.text) as JSONWebKeySet)
  await jwtVerify(receipt, set, { issuer: issuedBy }).catch((error: unknown) => {
    wrong.push(`a receipt that does not verify: ${String(error)}`)
  })
}

/** One upload from beginning to end, each call at whichever version is next. */
async function upload(): Promise<void> {
  const key = `users/alice/${crypto.randomUUID()}`
  const body = { bucket: 'media', key, size: 5, type: 'text/plain' }
  const opened = await call('POST', '/v1/uploads', body)
  if (!expectStatus('opened', opened, 201)) return
  const { id, parts } = JSON.parse(opened.text) as UploadAnswer
  const [part] = parts
  if (part === undefined || (await send(part, 'hello')).status !== 200)
    return void wrong.push('a part was refused')
  for (let times = 0; times < 2; times += 1) {
    const done = await call('POST', `/v1/uploads/${id}/complete`, {})
    if (!expectStatus('completed', done, 200)) return
    if (times === 0) completed.get(done.version.url)?.push(key)
    const { receipt = '', size } = JSON.parse(done.text) as CompleteAnswer
    if (size !== 5) wrong.push(`completed with ${size} bytes`)
    await verifyReceipt(receipt, done.version.url)
  }
  uploads += 1
  look()
}

/** Signed by one pair, whole: never by the id of one and the secret of another. */
async function download(): Promise<void> {
  const body = { bucket: 'paired', key: 'users/alice/a.txt', method: 'GET' }
  const signed = await call('POST', '/v1/sign', body)
  if (!expectStatus('signed', signed, 200)) return
  const request = JSON.parse(signed.text) as SignedRequest
  const id = new URL(request.url).searchParams.get('X-Amz-Credential')?.split('/', 1)[0]
  const pair = pairs.find((one) => one.id === id)
  const fault = pair === undefined ? 'no pair' : findSignatureFault(request, pair.secret)
  if (fault !== null) wrong.push(`signed: ${fault}`)
  downloads += 1
}

async function line(at: number): Promise<void> {
  while (!load.isOver) await (at % 2 === 0 ? upload() : download())
}

/** So many more uploads from now on, so that every step has some in its middle. */
function go(more: number): Promise<void> {
  const wanted = uploads + more
  return until(() => uploads >= wanted)
}

/** The next version serves beside the one before, and then alone. */
async function rollOut(secrets: Secrets): Promise<void> {
  const next = await deploy(secrets)
  const before = serving
  serving = [...before, next]
  await go(10)
  serving = [next]
  for (const version of before) {
    await until(() => inFlight.get(version) === 0 && isTold(version.url))
    await version.stop()
  }
}

afterAll(async () => {
  for (const stop of running) await stop()
  for (const server of [issuer, receiver]) {
    server.closeAllConnections()
    server.close()
  }
})

test(
  'all secrets rotated, step by step, in the middle of uploads and downloads: no wrong answer',
  { timeout: 180_000 },
  async () => {
    serving = [await deploy({ now: 0, other: null, hasNewPair: false })]
    const lines = Promise.all(Array.from({ length: LINES }, (_, at) => line(at)))
    await go(10)
    // The issuer publishes its next key, and signs with it at once.
    published = issuerKeys
    signingWith = issuerKeys[1]
    await go(10)
    // First the new ones are known everywhere, then they are used, then the old ones are dropped.
    await rollOut({ now: 0, other: 1, hasNewPair: false })
    await rollOut({ now: 1, other: 0, hasNewPair: true })
    receiverSecret = webhookSecrets[1] ?? ''
    published = issuerKeys.slice(1)
    await go(10)
    load.isOver = true
    await lines
    load.isOver = false
    const last = Promise.all(Array.from({ length: LINES }, (_, at) => line(at)))
    await rollOut({ now: 1, other: null, hasNewPair: true })
    await go(10)
    load.isOver = true
    await last
    for (const { stop } of serving) await stop()
    process.stdout.write(
      `${requests} requests, ${uploads} uploads, ${downloads} signed meanwhile\n`,
    )
    expect(wrong).toEqual([])
    expect(downloads).toBeGreaterThan(20)
  },
)
