// Published keys from a real server on loopback: rotation, outage, and every way in which it can misbehave.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { exportJWK } from 'jose/key/export'
import { generateKeyPair } from 'jose/key/generate/keypair'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createRemoteKeySet } from '../../../src/adapters/jwks.ts'
import type { KeyLookup } from '../../../src/ports.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const MINUTE = 60_000
let server: Server
let handler: Handler
let requests: number
let url: string
let nowMs: number
let cached: Map<string, { text: string; untilMs: number }>
let kv: Map<string, string>

beforeEach(async () => {
  requests = 0
  nowMs = 1_800_000_000_000
  cached = new Map()
  kv = new Map()
  server = createServer((request, response) => {
    requests += 1
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  url = `http://127.0.0.1:${address.port}/jwks.json`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function makeJwk(kid?: string, extra: object = {}): Promise<object> {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  return { ...jwk, ...(kid !== undefined && { kid }), ...extra }
}

function answerWith(body: unknown, status = 200, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
}

const never = new Promise<never>(() => undefined)

/** A new isolate of the same location: its memory is empty, cache and KV are shared. */
function createIsolate(location = 'here', silentKv = false) {
  return createRemoteKeySet({
    url,
    algorithms: ['ES256'],
    clock: { now: () => nowMs, wait: () => new Promise((resolve) => setImmediate(resolve)) },
    fetch: (request) => fetch(request),
    cache: () => ({
      async match(name) {
        const found = cached.get(`${location} ${String(name)}`)
        return found === undefined || found.untilMs <= nowMs ? undefined : new Response(found.text)
      },
      async put(name, response) {
        const seconds = Number(
          /max-age=(\d+)/.exec(response.headers.get('Cache-Control') ?? '')?.[1],
        )
        const text = await response.text()
        cached.set(`${location} ${String(name)}`, { text, untilMs: nowMs + seconds * 1000 })
      },
    }),
    // The two calls that the adapter makes; the real namespace has more overloads.
    kv: {
      get: async (name: string) => (silentKv ? never : (kv.get(name) ?? null)),
      put: async (name: string, text: string) => (silentKv ? never : void kv.set(name, text)),
    } as unknown as KVNamespace,
  })
}

const count = (lookup: KeyLookup): number | string =>
  lookup.kind === 'keys' ? lookup.keys.length : lookup.kind
const find = async (keys: ReturnType<typeof createIsolate>, kid?: string) =>
  count(await keys.find({ alg: 'ES256', ...(kid !== undefined && { kid }) }))

describe('published keys', () => {
  test('are fetched once, for the isolate and for the location', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const isolate = createIsolate()
    for (let times = 0; times < 5; times += 1) expect(await find(isolate, 'a')).toBe(1)
    expect(await find(createIsolate(), 'a')).toBe(1)
    expect(requests).toBe(1)
  })

  test('rotate without a failed request', async () => {
    const [a, b] = [await makeJwk('a'), await makeJwk('b')]
    handler = answerWith({ keys: [a] })
    const isolate = createIsolate()
    expect(await find(isolate, 'a')).toBe(1)
    nowMs += MINUTE
    handler = answerWith({ keys: [a, b] })
    expect(await find(isolate, 'b')).toBe(1)
    expect(await find(isolate, 'a')).toBe(1)
    nowMs += 10 * MINUTE
    handler = answerWith({ keys: [b] })
    expect(await find(isolate, 'b')).toBe(1)
    expect(await find(isolate, 'a')).toBe(0)
  })

  test('are asked for once by requests of one isolate that come together', async () => {
    const [a, b] = [await makeJwk('a'), await makeJwk('b')]
    handler = answerWith({ keys: [a] })
    const isolate = createIsolate()
    const together = (kid: (at: number) => string) =>
      Promise.all(Array.from({ length: 20 }, (_, at) => find(isolate, kid(at))))
    expect(new Set(await together(() => 'a'))).toEqual(new Set([1]))
    expect(requests).toBe(1)
    nowMs += MINUTE
    expect(new Set(await together((at) => `junk-${at}`))).toEqual(new Set([0]))
    expect(requests).toBe(2)
    nowMs += MINUTE
    handler = answerWith({ keys: [a, b] })
    // No request of a rotation fails, though only the first of them asks.
    expect(new Set(await together(() => 'b'))).toEqual(new Set([1]))
    expect(requests).toBe(3)
  })

  test('that are known are used while another request renews them', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const isolate = createIsolate()
    await find(isolate, 'a')
    nowMs += 6 * MINUTE
    let answer = (): void => undefined
    const asked = new Promise<void>((resolve) => {
      handler = (_request, response) => {
        answer = () => response.end('{}')
        resolve()
      }
    })
    const first = find(isolate, 'a')
    await asked
    expect(await find(isolate, 'a')).toBe(1)
    answer()
    expect(await first).toBe(1)
  })

  test('an unknown kid asks again at most once in 30 seconds in a location', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const isolates = [createIsolate(), createIsolate(), createIsolate()]
    for (const isolate of isolates) await find(isolate, 'a')
    expect(requests).toBe(1)
    for (let times = 0; times < 20; times += 1)
      for (const isolate of isolates) expect(await find(isolate, `junk-${times}`)).toBe(0)
    expect(requests).toBe(2)
    nowMs += 31_000
    for (const isolate of isolates) await find(isolate, 'more junk')
    expect(requests).toBe(3)
    await find(createIsolate('elsewhere'), 'junk')
    expect(requests).toBe(4)
  })

  test('many requests to a cold isolate all get their keys', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const isolate = createIsolate()
    const found = await Promise.all(Array.from({ length: 50 }, () => find(isolate, 'a')))
    expect(new Set(found)).toEqual(new Set([1]))
  })
})

describe('an issuer that is down', () => {
  test('is lived without for a day, in memory and in new isolates, then is unavailable', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const isolate = createIsolate()
    expect(await find(isolate, 'a')).toBe(1)
    handler = (request) => request.socket.destroy()
    nowMs += 23 * 60 * MINUTE
    expect(await find(isolate, 'a')).toBe(1)
    expect(await find(createIsolate('elsewhere'), 'a')).toBe(1)
    nowMs += 2 * 60 * MINUTE
    expect(await find(isolate, 'a')).toBe('unavailable')
    expect(await find(createIsolate('elsewhere'), 'a')).toBe('unavailable')
  })

  test('is asked again after five seconds when there are no keys at all', async () => {
    handler = answerWith('no', 500)
    const isolate = createIsolate()
    for (let times = 0; times < 5; times += 1) expect(await find(isolate, 'a')).toBe('unavailable')
    expect(requests).toBe(1)
    nowMs += 5000
    handler = answerWith({ keys: [await makeJwk('a')] })
    expect(await find(isolate, 'a')).toBe(1)
  })

  test('a KV that never answers keeps nobody waiting for ever', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    expect(await find(createIsolate('here', true), 'a')).toBe(1)
    handler = answerWith('', 500)
    expect(await find(createIsolate('elsewhere', true), 'a')).toBe('unavailable')
  })

  test('a cache and a KV that fail lose nothing but speed', async () => {
    handler = answerWith({ keys: [await makeJwk('a')] })
    const broken = () => Promise.reject(new Error('down'))
    const isolate = createRemoteKeySet({
      url,
      algorithms: ['ES256'],
      clock: { now: () => nowMs, wait: () => new Promise((resolve) => setImmediate(resolve)) },
      fetch: (request) => fetch(request),
      cache: () => ({ match: broken, put: broken }),
      kv: { get: broken, put: broken } as unknown as KVNamespace,
    })
    expect(await find(isolate, 'a')).toBe(1)
    expect(await find(isolate, 'junk')).toBe(0)
  })
})

describe('an answer that is refused', () => {
  const rows: readonly (readonly [string, () => Promise<Handler> | Handler])[] = [
    ['404', () => answerWith('', 404)],
    ['a redirect', () => answerWith('', 302, { Location: '/other.json' })],
    ['no JSON', () => answerWith('<html>')],
    ['a member twice', () => answerWith('{"keys":[],"keys":[]}')],
    ['a list', () => answerWith('[]')],
    ['keys that are no list', () => answerWith({ keys: {} })],
    ['a key that is no object', () => answerWith({ keys: [1] })],
    ['no keys', () => answerWith({ keys: [] })],
    [
      'more than 64 KiB',
      async () => answerWith({ keys: [await makeJwk('a')], x: 'x'.repeat(65_536) }),
    ],
    ['a private member', async () => answerWith({ keys: [await makeJwk('a', { d: 'AAAA' })] })],
    ['a symmetric key', () => answerWith({ keys: [{ kty: 'oct', kid: 'a', k: 'AAAA' }] })],
    [
      'a key for encryption',
      async () => answerWith({ keys: [await makeJwk('a', { use: 'enc' })] }),
    ],
    ['another curve', async () => answerWith({ keys: [await makeJwk('a', { crv: 'P-384' })] })],
    [
      'a point that is on no curve',
      async () => answerWith({ keys: [await makeJwk('a', { y: 'AAAA' })] }),
    ],
    ['one kid twice', async () => answerWith({ keys: [await makeJwk('a'), await makeJwk('a')] })],
    ['another algorithm', async () => answerWith({ keys: [await makeJwk('a', { alg: 'ES384' })] })],
  ]
  test.each(rows)('%s', async (_name, make) => {
    handler = await make()
    expect(await find(createIsolate(), 'a')).toBe('unavailable')
    expect(requests).toBe(1)
  })

  test('one that comes too slowly', { timeout: 20_000 }, async () => {
    handler = (_request, response) => void response.writeHead(200).write('{"keys":[')
    expect(await find(createIsolate(), 'a')).toBe('unavailable')
  })

  test('a bad key beside a good one costs the good one nothing', async () => {
    handler = answerWith({ keys: [{ kty: 'oct', kid: 'x', k: 'AAAA' }, await makeJwk('a')] })
    expect(await find(createIsolate(), 'a')).toBe(1)
    expect(await find(createIsolate(), 'x')).toBe(0)
  })
})
