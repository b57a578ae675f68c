// Fuzz of the handshake against a live S3: two callers, one key, lies, replays, foreign, truncated and old tickets.
import { AwsClient } from 'aws4fetch'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SignedRequest } from '../../src/contract/common.ts'
import type { CompleteAnswer, PartsAnswer, UploadAnswer } from '../../src/contract/upload.ts'
import { createSealingKey, parsePosternKey } from '../../src/core/seal.ts'
import { openTicket, sealTicket } from '../../src/core/upload/ticket.ts'
import { call, gateway, send } from '../support/s3/client.ts'

const RUNS = Number(process.env['HANDSHAKES'] ?? 60)
const SEED = 20_261_125
/** More than 5 of the 60 that every suite runs. */
const isMany = (times: number): boolean => times > RUNS / 12
/** What the grant of `tiny/` allows. */
const MAX_BYTES = 100
const s3 = new AwsClient({ ...gateway.s3, service: 's3', retries: 0 })
const sealingKey = parsePosternKey(gateway.posternKey)
if (sealingKey === null) throw new Error('the gateway has no key')
const sealing = [await createSealingKey(sealingKey)]

const sub = fc.constantFrom('alice', 'bob')
const size = fc.constantFrom(0, 1, 50, 99, MAX_BYTES, MAX_BYTES + 1, 1e9)
/** Which of the sessions, signed requests or ETags known by then. */
const pick = fc.nat(99)
const step = fc.oneof(
  fc.record({ kind: fc.constant('open'), sub, size: fc.option(size), repeat: fc.boolean() }),
  fc.record({
    kind: fc.constant('parts'),
    sub,
    pick,
    partNumber: fc.constantFrom(1, 1, 1, 2, 10_000),
    size: fc.option(size),
  }),
  fc.record({ kind: fc.constant('send'), pick, length: fc.option(size) }),
  fc.record({ kind: fc.constant('send'), pick, length: fc.constant(null) }),
  fc.record({
    kind: fc.constant('complete'),
    sub,
    pick,
    named: fc.constantFrom('all', 'all', 'none', 'wrong'),
  }),
  fc.record({ kind: fc.constantFrom('abort', 'read'), sub, pick }),
  fc.record({ kind: fc.constantFrom('truncated', 'mutated', 'old'), sub, pick, at: pick }),
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

interface Session {
  readonly id: string
  readonly owner: string
  readonly etags: Map<number, string>
}
type Sendable = SignedRequest & { size: number; partNumber: number; session: Session }

const counts = new Map<string, number>()
const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)

/** The same upload with a ticket that is past its time. */
async function toOld(id: string): Promise<string> {
  const ticket = await openTicket(sealing, id)
  if (ticket === null) throw new Error('not a ticket')
  const nonce = crypto.getRandomValues(new Uint8Array(12))
  return sealTicket(sealing, { ...ticket, resumableUntilSeconds: 1 }, nonce)
}

function createWorld(key: string) {
  const sessions: Session[] = []
  const sendables: Sendable[] = []
  let verified: CompleteAnswer | null = null

  /** Calls the gateway; whatever was sent, it is never a bug, nor a failure of S3. */
  async function ask(
    kind: string,
    who: string,
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ) {
    const answer = await call(who, method, path, body, headers)
    count(`${kind} ${answer.status}`)
    expect([500, 502, 503, 504]).not.toContain(answer.status)
    return answer
  }
  function learn(session: Session, parts: UploadAnswer['parts']): void {
    for (const part of parts) {
      expect(part.size).toBeLessThanOrEqual(MAX_BYTES)
      expect(new URL(part.url).pathname).toBe(
        `${new URL(gateway.s3.endpoint).pathname.replace(/\/$/, '')}/${gateway.s3.bucket}/${key}`,
      )
      sendables.push({ ...part, session })
    }
  }
  async function open(who: string, bytes: number | null, isRepeat: boolean): Promise<void> {
    const body = {
      bucket: 'media',
      key,
      type: 'text/plain',
      ...(bytes !== null && { size: bytes }),
    }
    const headers = isRepeat ? { 'Idempotency-Key': `fuzz-${key}` } : {}
    const answer = await ask('open', who, 'POST', '/v1/uploads', body, headers)
    if (bytes !== null && bytes > MAX_BYTES) expect(answer.status).toBe(413)
    if (answer.status !== 201) return
    const upload = (await answer.json()) as UploadAnswer
    const session = { id: upload.id, owner: who, etags: new Map<number, string>() }
    sessions.push(session)
    learn(session, upload.parts)
  }
  async function sendOne(at: number, length: number | null): Promise<void> {
    const part = sendables[at % Math.max(1, sendables.length)]
    if (part === undefined) return
    const bytes = length ?? part.size
    if (bytes > MAX_BYTES + 1) return
    const answer = await send(part, new Uint8Array(bytes).fill(sendables.indexOf(part)))
    count(`send ${answer.status}`)
    if (bytes !== part.size) expect(answer.status).not.toBe(200)
    if (answer.status === 200)
      part.session.etags.set(part.partNumber, answer.headers.get('ETag') ?? '')
  }
  async function complete(who: string, session: Session, named: string): Promise<void> {
    const parts = [...session.etags].map(([partNumber, etag]) => ({
      partNumber,
      etag: named === 'wrong' ? '0'.repeat(32) : etag,
    }))
    const path = `/v1/uploads/${session.id}/complete`
    const answer = await ask('complete', who, 'POST', path, named === 'none' ? {} : { parts })
    if (who !== session.owner) expect(answer.status).toBe(404)
    if (answer.status !== 200) return
    const done = (await answer.json()) as CompleteAnswer
    expect(done.size).toBeLessThanOrEqual(MAX_BYTES)
    // Whoever is told 200 is told so of one and the same object.
    expect(done.etag).toBe(verified?.etag ?? done.etag)
    verified = done
  }
  async function run(one: Step): Promise<void> {
    if (one.kind === 'open' && 'repeat' in one) return open(one.sub, one.size, one.repeat)
    if ('length' in one) return sendOne(one.pick, one.length)
    const session = 'pick' in one ? sessions[one.pick % Math.max(1, sessions.length)] : undefined
    if (session === undefined || !('sub' in one)) return
    const isForeign = one.sub !== session.owner
    if ('partNumber' in one) {
      const { partNumber, size: bytes } = one
      const parts = [{ partNumber, ...(bytes !== null && { size: bytes }) }]
      const answer = await ask('parts', one.sub, 'POST', `/v1/uploads/${session.id}/parts`, {
        parts,
      })
      if (isForeign) expect(answer.status).toBe(404)
      if (answer.status === 200) learn(session, ((await answer.json()) as PartsAnswer).parts)
    } else if ('named' in one) await complete(one.sub, session, one.named)
    else if ('at' in one) {
      const { id } = session
      const at = one.at % id.length
      const changed = id.slice(0, at) + (id[at] === 'A' ? 'B' : 'A') + id.slice(at + 1)
      const bad =
        { truncated: id.slice(0, at), mutated: changed, old: await toOld(id) }[one.kind] ?? ''
      const path = `/v1/uploads/${bad || '_'}/parts`
      const body = { parts: [{ partNumber: 1 }] }
      const answer = await ask(one.kind, one.sub, 'POST', path, body)
      expect(answer.status).toBe(one.kind === 'old' && !isForeign ? 409 : 404)
    } else {
      const method = one.kind === 'abort' ? 'DELETE' : 'GET'
      const answer = await ask(one.kind, one.sub, method, `/v1/uploads/${session.id}`)
      if (isForeign) expect(answer.status).toBe(404)
    }
  }
  /** What S3 holds in the end: at most the one object, within the grant, and once verified unchanged. */
  async function judge(): Promise<void> {
    const base = `${gateway.s3.endpoint}/${gateway.s3.bucket}`
    const query = new URLSearchParams({ 'list-type': '2', prefix: key })
    const list = await (await s3.fetch(`${base}?${query}`)).text()
    const keys = [...list.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, name]) => name)
    const head = await s3.fetch(`${base}/${key}`, { method: 'HEAD' })
    expect(keys).toEqual(head.status === 200 ? [key] : [])
    if (head.status === 200)
      expect(Number(head.headers.get('content-length'))).toBeLessThanOrEqual(MAX_BYTES)
    if (verified !== null) expect(head.headers.get('etag')).toBe(`"${verified.etag}"`)
    count(
      head.status !== 200
        ? 'runs that left nothing'
        : verified === null
          ? 'runs that left a put'
          : 'runs that left a verified object',
    )
  }
  return { run, judge }
}

test(`${RUNS} fuzzed handshakes`, { timeout: 60_000 + RUNS * 3000 }, async () => {
  const opening = fc.record({
    kind: fc.constant('open' as const),
    sub,
    size: fc.option(fc.constantFrom(0, 1, 50, MAX_BYTES)),
    repeat: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.uuid(),
      opening,
      fc.array(step, { minLength: 6, maxLength: 24 }),
      async (name, first, steps) => {
        const world = createWorld(`tiny/${name}-${crypto.randomUUID()}`)
        await world.run(first)
        for (const one of steps) await world.run(one)
        await world.judge()
      },
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  )
  const lines = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  process.stdout.write(`fuzzed: ${lines.map(([what, times]) => `${what}: ${times}`).join(', ')}\n`)
  // A fuzz that only met refusals would show little. The seed is fixed: so many runs count the same each time.
  for (const what of ['complete 200', 'send 200', 'parts 200', 'runs that left a verified object'])
    expect([what, counts.get(what) ?? 0]).toEqual([what, expect.toSatisfy(isMany)])
})
