// Every route under fitting and broken requests made from the OpenAPI document: never a 500, every answer as described, every refusal a problem.
import { createHash } from 'node:crypto'
import { Agent } from 'node:http'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UploadAnswer } from '../../src/contract/upload.ts'
import { operations } from '../support/api-document.ts'
import { type Call, describeCall, type Reply, sendCall } from '../support/fuzz/call.ts'
import { createChance } from '../support/fuzz/chance.ts'
import { sampleFitting } from '../support/fuzz/grammar.ts'
import { type Credentials, toCall } from '../support/fuzz/mutate.ts'
import { findExpected, findFault } from '../support/fuzz/oracle.ts'
import type { Hints } from '../support/from-schema.ts'
import { createClient, gateway, send } from '../support/s3/client.ts'
import { type GatewayFacts, startGateway } from '../support/s3/gateway.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 5000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_128)
/** Between two batches the uploads and links that requests may name are made afresh: many of them do not survive one. */
const BATCH = 1000
const LINES = 8
const UPLOADS = 4
const BYTES = 'ok'

let facts: GatewayFacts
let stop: () => Promise<void>
let user: ReturnType<typeof createClient>

beforeAll(async () => {
  const limits = [{ name: 'all', per: 'sub', allow: 10_000_000, every: '1m' }]
  const started = await startGateway(() => ({ LIMITS: limits }), gateway.script)
  facts = started.facts
  stop = started.stop
  user = createClient(facts)
})
afterAll(async () => {
  await stop()
})

interface Ids {
  readonly uploads: readonly string[]
  readonly links: readonly string[]
  /** A link that takes uploads, and some of those. */
  readonly inbox: string
  readonly arriving: readonly string[]
}

async function makeIds(): Promise<Ids> {
  const open = async (): Promise<UploadAnswer> => {
    const key = `users/alice/${crypto.randomUUID()}`
    const body = { bucket: 'media', key, size: 2, type: 'text/plain' }
    // The fuzzer itself checks the shape of this answer.
    return (await (await user.call('alice', 'POST', '/v1/uploads', body)).json()) as UploadAnswer
  }
  const uploads = await Promise.all(Array.from({ length: UPLOADS }, open))
  for (const { parts } of uploads.slice(0, 2))
    if (parts[0] !== undefined) await send(parts[0], BYTES)
  const link = async (term: object): Promise<string> => {
    const body = { bucket: 'media', expiresIn: 3600, ...term }
    return ((await (await user.call('alice', 'POST', '/v1/links', body)).json()) as { id: string })
      .id
  }
  const upload = { maxBytes: 10_000_000, maxFiles: 100, types: ['text/plain'] }
  const inbox = await link({ prefix: 'users/alice/in/', upload })
  const arrive = async (): Promise<UploadAnswer> => {
    const body = JSON.stringify({ filename: 'a.txt', size: 2, type: 'text/plain' })
    const answer = await fetch(`${facts.url}/l/${inbox}/uploads`, { method: 'POST', body })
    return (await answer.json()) as UploadAnswer
  }
  const arriving = await Promise.all(Array.from({ length: 6 * UPLOADS }, arrive))
  for (const { parts } of arriving) if (parts[0] !== undefined) await send(parts[0], BYTES)
  const terms = [
    { key: 'users/alice/shared.txt' },
    { prefix: 'users/alice/' },
    { keys: ['users/alice/shared.txt', 'users/alice/b'], maxDownloads: 2 },
    { key: 'users/alice/shared.txt', password: 'open sesame' },
    { key: 'users/alice/shared.txt', delivery: 'stream' },
    { prefix: 'users/alice/too/', upload },
  ]
  return {
    uploads: uploads.map(({ id }) => id),
    links: await Promise.all(terms.map(link)),
    inbox,
    arriving: arriving.map(({ id }) => id),
  }
}

const toHints = (ids: readonly string[]): Hints =>
  new Map<string, fc.Arbitrary<unknown>>([
    ['bucket', fc.constantFrom('media', 'media', 'media', 'staged', 'other')],
    [
      'key',
      fc.oneof(
        fc.constant('users/alice/shared.txt'),
        fc
          .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
          .map((name) => `users/alice/${name}`),
      ),
    ],
    ['prefix', fc.constantFrom('users/alice/', 'users/alice/deep/', 'users/bob/', '')],
    ['filename', fc.string({ minLength: 1, maxLength: 20 })],
    ['id', fc.constantFrom(...ids)],
    ['cursor', fc.string({ minLength: 1, maxLength: 9 })],
    ['type', fc.constantFrom('text/plain', 'image/png', 'video/mp4; codecs="a b"')],
    ['size', fc.constantFrom(0, 1, 2, 9_000_000, 2 ** 30, 2 ** 34)],
    ['overwrite', fc.constantFrom(false, false, true)],
    ['partNumbers', fc.constantFrom('1', '1,2', '2,1', 'x')],
    ['partNumber', fc.constantFrom(1, 1, 2, 10_000)],
    ['expiresIn', fc.constantFrom(1, 60, 900, 3600, 604_800)],
  ])

/** An id is that of a link or of an upload, as the path says; now and then the other. */
function toHintsOf({ uploads, links, inbox, arriving }: Ids): (path: string) => Hints {
  const ofLinks = toHints([...links, ...links, ...links, ...uploads])
  const ofUploads = toHints([...uploads, ...uploads, ...uploads, ...links])
  const ofInbox = new Map([
    ...toHints([inbox]),
    // One of a stranger would be an object's name at any other link, and as such in the log.
    ['upload', fc.constantFrom(...arriving)] as const,
    ['partNumber', fc.constant(1)] as const,
    ['size', fc.constant(2)] as const,
    // Of the bytes that were sent; the local R2, which lists no parts, must be told.
    ['etag', fc.constant(createHash('md5').update(BYTES).digest('hex'))] as const,
  ])
  const ofUppy = new Map([
    ...ofUploads,
    ['key', fc.uuid().map((name) => `users/alice/uppy/${name}`)] as const,
  ])
  return (path) => {
    if (path.startsWith('/l/{id}/uploads')) return ofInbox
    if (path.startsWith('/v1/uppy')) return ofUppy
    return /^\/(?:l|v1\/links)\//.test(path) ? ofLinks : ofUploads
  }
}

async function makeCredentials(): Promise<Credentials> {
  const begun = await user.call('alice', 'POST', '/v1/session')
  const cookie = begun.headers.get('Set-Cookie')?.split(';', 1)[0] ?? ''
  return {
    good: await user.tokenOf('alice'),
    others: [
      await user.tokenOf('bob'),
      await user.tokenOf('alice', -3600),
      await user.tokenOf('a/b'),
    ],
    cookie,
  }
}

/** Sends the calls on a few lines at a time; gives what was wrong. */
async function judge(calls: readonly Call[], seen: Map<string, number>): Promise<string[]> {
  const faults: string[] = []
  // Fresh lines: between two batches the gateway may have closed those that were idle.
  const agent = new Agent({ keepAlive: true, maxSockets: LINES })
  const base = new URL(facts.url)
  const count = (name: string): void => void seen.set(name, (seen.get(name) ?? 0) + 1)
  let next = 0
  async function line(): Promise<void> {
    for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
      const reply: Reply | null = await sendCall(agent, base, call).catch(() => null)
      const fault = reply === null ? 'no answer' : findFault(call, reply, facts.url)
      if (fault !== null)
        faults.push(`${fault}\n${describeCall(call)}\n${reply?.body.toString().slice(0, 600)}`)
      if (reply === null) continue
      const expected = findExpected(call)
      count(
        `${expected.kind === 'operation' ? expected.operation.operationId : expected.kind} ${reply.status}`,
      )
      count(String(reply.status))
    }
  }
  await Promise.all(Array.from({ length: LINES }, line))
  agent.destroy()
  return faults
}

test(`${REQUESTS} requests`, { timeout: 120_000 + REQUESTS * 60 }, async () => {
  const seen = new Map<string, number>()
  const faults: string[] = []
  const stored = { method: 'PUT', key: 'users/alice/shared.txt', size: 5, type: 'text/plain' }
  const signed = await user.call('alice', 'POST', '/v1/sign', { bucket: 'media', ...stored })
  // A signed request by its schema.
  await send((await signed.json()) as Parameters<typeof send>[0], 'bytes')
  for (let done = 0; done < REQUESTS; done += BATCH) {
    const seed = SEED + done
    const chance = createChance(seed)
    const credentials = await makeCredentials()
    const fitting = sampleFitting(
      Math.min(BATCH, REQUESTS - done),
      seed,
      toHintsOf(await makeIds()),
    )
    const calls = fitting.map((entry) => toCall(entry, credentials, chance))
    const found = await judge(calls, seen)
    // A long run tells at once.
    for (const fault of found) process.stdout.write(`seed ${seed}: ${fault}\n`)
    faults.push(...found)
    if ((done + BATCH) % (10 * BATCH) === 0)
      process.stdout.write(`${done + BATCH} requests, ${faults.length} faults\n`)
  }
  expect(faults.slice(0, 10)).toEqual([])
  const statuses = [...seen].filter(([name]) => /^\d+$/.test(name)).toSorted()
  process.stdout.write(`${statuses.map(([name, times]) => `${name}: ${times}`).join(', ')}\n`)
  // Fuzzing that only met refusals would show little. Nobody has set a signing key here (test/s3/receipts.test.ts has one);
  // the local R2 takes no form for a file whose size nobody tells, and lists no parts; and parts of an upload by a link are
  // signed and put together in an order that chance seldom meets before it drops the upload (test/s3/link-uploads.test.ts).
  const unlikely = [
    'companionParams',
    'completeLinkUpload',
    'discovery',
    'jwks',
    'readLinkUpload',
    'signLinkParts',
  ]
  const missed = operations
    .map(({ operation }) => operation)
    .filter(({ operationId, responses }) =>
      Object.keys(responses).every(
        (status) => status >= '400' || !seen.has(`${operationId} ${status}`),
      ),
    )
    .map(({ operationId }) => operationId)
  expect(missed.filter((id) => !unlikely.includes(id))).toEqual([])
})
