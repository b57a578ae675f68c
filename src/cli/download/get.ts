// Asks S3 for a range of one object until it answers: URLs signed anew in time, failures waited out, a changed object told.
import type { IncomingMessage } from 'node:http'
import { type Api, toPath } from '../../client/api.ts'
import type { Breaker } from '../../client/breaker.ts'
import { type Ask, wait } from '../../client/control.ts'
import { isPassing, PosternError, toRetryAfterMs } from '../../client/error.ts'
import { createPatience, type Patience } from '../../client/patience.ts'
import type { Ports } from '../../client/ports.ts'
import type { SignedRequest } from '../../contract/common.ts'
import type { Agents } from '../transfer/send.ts'
import { type Facts, toFacts, toHeader } from './answer.ts'

/** A connection without a byte for so long has none. */
const STALL_MS = 30_000
/** Of a URL's life, kept back for the way to S3. */
const MARGIN = 0.1
const MAX_MARGIN_MS = 15_000
/** A URL that S3 refuses may have died; a fresh one that it refuses has not. */
const MAX_REFUSED = 2

export interface GetTools {
  readonly api: Api
  readonly ask: Ask
  readonly breaker: Breaker
  readonly agents: Agents
  readonly ports: Pick<Ports, 'clock' | 'random'>
}

export interface Answer {
  readonly body: IncomingMessage
  readonly facts: Facts
}

export interface Getter {
  /** Bytes from `start` up to `end`, or all where the store ignores that; null where there is no such range. */
  open(start: number, end: number, etag: string, signal: AbortSignal): Promise<Answer | null>
  /** All, without a range. */
  openAll(signal: AbortSignal): Promise<Answer | null>
  /** Waits before another try of a body that broke. */
  pause(): Promise<void>
  /** Bytes have come. */
  progress(): void
}

/** Resolves with the head of the answer; its body is still to come. */
function send(
  agents: Agents,
  { url, headers }: SignedRequest,
  own: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = agents.request(url, { method: 'GET', headers: { ...headers, ...own }, signal })
    outgoing.setTimeout(STALL_MS, () => outgoing.destroy(new Error('stalled')))
    outgoing.on('response', resolve)
    outgoing.on('error', () => reject(new PosternError(signal.aborted ? 'aborted' : 'network')))
    outgoing.end()
  })
}

function createSigned({ api, ask }: GetTools, bucket: string, key: string) {
  let signed: { request: SignedRequest; untilMs: number } | null = null
  let asking: Promise<SignedRequest> | null = null
  async function sign(): Promise<SignedRequest> {
    const request: SignedRequest = await ask('GET', `/o/${bucket}/${toPath(key)}`)
    const lifeMs = Date.parse(request.expiresAt) - api.now()
    // One that seems dead on arrival is worth a try: the clock is wrong, not the URL.
    const untilMs = api.now() + Math.max(1000, lifeMs - Math.min(MAX_MARGIN_MS, lifeMs * MARGIN))
    signed = { request, untilMs }
    return request
  }
  return {
    async read(): Promise<SignedRequest> {
      if (signed !== null && api.now() < signed.untilMs) return signed.request
      asking ??= sign().finally(() => (asking = null))
      return asking
    },
    /** Unless it is no longer the one that is used. */
    forget(request: SignedRequest): void {
      if (signed?.request === request) signed = null
    },
  }
}

function judge(status: number): PosternError | null {
  if (status === 412) return new PosternError('precondition_failed', status)
  if (status === 404)
    return new PosternError('not_found', status, { detail: 'there is no such object' })
  const isRefused = status === 403 || status === 400
  if (isRefused || isPassing(status)) return null
  return new PosternError('storage', status, { detail: `the storage answers ${status}` })
}

export function createGetter(tools: GetTools, bucket: string, key: string): Getter {
  const { breaker, agents, ports } = tools
  const { clock, random } = ports
  const patience: Patience = createPatience(random)
  const signed = createSigned(tools, bucket, key)

  async function pause(triedMs = 0, retryAfterMs = 0): Promise<void> {
    await wait(clock, patience.fail(triedMs, retryAfterMs))
  }

  async function ask(
    own: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    for (let refused = 0; ;) {
      const request = await signed.read()
      const { origin } = new URL(request.url)
      await breaker.passed(origin)
      if (signal.aborted) throw new PosternError('aborted')
      const startedAt = clock.now()
      try {
        const answer = await send(agents, request, own, signal)
        const status = answer.statusCode ?? 0
        if (status === 200 || status === 206 || status === 416) return answer
        answer.resume()
        const fault = judge(status)
        if (fault !== null) throw fault
        if (isPassing(status)) {
          const retryAfter = toRetryAfterMs(toHeader(answer, 'retry-after'), clock.now())
          await pause(clock.now() - startedAt, retryAfter)
          continue
        }
        signed.forget(request)
        if ((refused += 1) > MAX_REFUSED)
          throw new PosternError('storage', status, {
            detail: 'the storage refuses the signed URL',
          })
      } catch (error) {
        if (!(error instanceof PosternError) || error.code !== 'network') throw error
        await pause(clock.now() - startedAt)
        await breaker.trip(origin)
      }
    }
  }

  async function open(own: Readonly<Record<string, string>>, etag: string, signal: AbortSignal) {
    const body = await ask(own, signal)
    if (body.statusCode === 416) {
      body.resume()
      return null
    }
    const facts = toFacts(body)
    if (facts !== null && (etag === '' || facts.etag === '' || facts.etag === etag))
      return { body, facts }
    body.destroy()
    // A store that ignores If-Match.
    if (facts !== null) throw new PosternError('precondition_failed', 412)
    throw new PosternError('storage', body.statusCode, {
      detail: 'the storage does not say which bytes it sends',
    })
  }

  return {
    open: (start, end, etag, signal) =>
      open(
        {
          Range: `bytes=${start}-${end - 1}`,
          // A weak ETag never matches (RFC 9110 §13.1.1): it is compared alone.
          ...(etag !== '' && !etag.startsWith('W/') && { 'If-Match': etag }),
        },
        etag,
        signal,
      ),
    openAll: (signal) => open({}, '', signal),
    pause: () => pause(),
    progress: () => patience.progress(),
  }
}
