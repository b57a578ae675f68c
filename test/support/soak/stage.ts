// What a scenario acts with: a user of its own, the two gateways, the storage as its owner sees it, and chance.
import { createHash } from 'node:crypto'
import { Agent } from 'node:http'
import { AwsClient } from 'aws4fetch'
import type { SignedRequest } from '../../../src/contract/common.ts'
import { encodeKey } from '../../../src/core/sign/encode.ts'
import type { Chance } from '../fuzz/chance.ts'
import { type Call, type Reply, sendCall } from '../fuzz/call.ts'
import { mintHmac } from '../mint.ts'
import type { GatewayFacts } from '../s3/gateway.ts'
import { findSignatureFault } from '../sigv4.ts'
import type { Ledger, Side } from './faults.ts'
import type { SoakGateway } from './gateway.ts'
import type { Model, Outcome, Want } from './model.ts'

export const ISSUER = 'https://login.test'
export const AUDIENCE = 'https://files.test'
/** What the issuer signs with, and a key of nobody. */
export const SESSION_SECRET = 'the session secret of a soak, long enough'
export const FOREIGN_SECRET = 'a secret that no issuer of the gateway has'

export interface Options {
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  /** In place of the subject's own token; null for none at all. */
  readonly token?: string | null
  readonly side?: Side
}

export interface Shared {
  readonly model: Model
  readonly ledger: Ledger
  readonly s3: GatewayFacts['s3']
  readonly sides: Readonly<Record<Side, SoakGateway>>
  /** Objects that stay until the end, when all of them must be there: key and content. */
  readonly kept: Map<string, string>
}

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

export async function mint(
  subject: string,
  claims: object = {},
  secret = SESSION_SECRET,
  header: object = { alg: 'HS256' },
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const own = { iss: ISSUER, aud: AUDIENCE, sub: subject, iat: now, exp: now + 3600, ...claims }
  return mintHmac({ header, claims: own }, new TextEncoder().encode(secret))
}

export function createOwner(s3: GatewayFacts['s3']) {
  const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
  const base = `${s3.endpoint}/${s3.bucket}`
  return {
    /** What stands under the key; null for nothing. */
    async read(key: string): Promise<string | null> {
      const answer = await client.fetch(`${base}/${encodeKey(key)}`)
      const text = await answer.text()
      if (answer.status === 404) return null
      if (!answer.ok) throw new Error(`the storage itself: ${answer.status} ${text}`)
      return text
    },
    async write(key: string, body: string, headers: Record<string, string> = {}): Promise<void> {
      const sent = await client.fetch(`${base}/${encodeKey(key)}`, { method: 'PUT', body, headers })
      if (!sent.ok) throw new Error(`the storage itself: ${sent.status} ${await sent.text()}`)
    },
    async remove(key: string): Promise<void> {
      await client.fetch(`${base}/${encodeKey(key)}`, { method: 'DELETE' })
    },
  }
}

// A line for each: an idle one may be closed just when it is used again.
const agent = new Agent({ keepAlive: false })

/** Sends a signed request as its client does: a page, which names its origin. */
export function sendSigned(request: SignedRequest, body?: string): Promise<Reply> {
  const { origin, pathname, search } = new URL(request.url)
  const headers = Object.entries(request.headers).filter(([name]) => name !== 'content-length')
  return sendCall(agent, new URL(origin), {
    method: request.method,
    target: pathname + search,
    headers: [...headers, ['Origin', 'http://localhost']],
    body: body === undefined ? undefined : Buffer.from(body),
    mutations: [],
  })
}

export async function createStage(shared: Shared, subject: string, chance: Chance, side: Side) {
  const { model, s3 } = shared
  const token = await mint(subject)
  const owner = createOwner(s3)

  function toAsking(method: string, target: string, want: Want, options: Options) {
    const { body, headers = {}, token: other = token, side: at = side } = options
    const call: Call = {
      method,
      target,
      headers: [
        ...(other === null ? [] : [['Authorization', `Bearer ${other}`] as const]),
        ...Object.entries(headers),
      ],
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      mutations: [],
    }
    return { side: at, subject, call, want }
  }

  return {
    ...shared,
    subject,
    side,
    chance,
    token,
    owner,
    /** An answer as wanted, however often it takes while something is broken. */
    ask: (method: string, target: string, want: Want, options: Options = {}): Promise<Reply> =>
      model.ask(toAsking(method, target, want, options)),
    once: (method: string, target: string, want: Want, options: Options = {}): Promise<Outcome> =>
      model.once(toAsking(method, target, want, options)),
    mintFor: (sub: string): Promise<string> => mint(sub),
    /** Ends the scenario unless it is so. */
    expect(isSo: boolean, what: string): void {
      if (!isSo) model.fail(`${what} (${subject})`)
    },
    /** A signed request, by the second implementation. */
    verify(request: SignedRequest): SignedRequest {
      const absence = s3.kind === 'embedded' ? 'empty' : 'skipped'
      const fault = findSignatureFault(request, s3.secretAccessKey, absence)
      if (fault !== null) model.fail(`a signed URL: ${fault} (${subject})`)
      return request
    },
    /** Text of its own, short enough for half an hour of them. */
    text: (): string => `${subject} ${'x'.repeat(chance.below(200))} ${chance.below(1e9)}`,
    /** Lets other things happen in the middle of something: a kill, say. */
    pause: (ms: number): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, chance.below(ms))),
  }
}
export type Stage = Awaited<ReturnType<typeof createStage>>

/** A JSON answer whose shape the model has held against the document. */
export const json = <T>(reply: Reply): T => JSON.parse(reply.body.toString()) as T
