// Judges answers: what the model wants, or a failure that a fault of that moment excuses; anything else is a wrong answer.
import { Agent } from 'node:http'
import { type Call, describeCall, type Reply, sendCall } from '../fuzz/call.ts'
import { findMisfit } from '../fuzz/oracle.ts'
import type { Ledger, Side } from './faults.ts'

/** What a call depends on: only a fault of that may show in its answer. */
export type Need = 'kv' | 's3'

export interface Want {
  readonly status: number | readonly number[]
  readonly code?: string
  readonly needs: readonly Need[]
  /** What it may be as well once a failed attempt may have done it. */
  readonly again?: readonly number[]
  /** Why the answer is wrong all the same. */
  readonly judge?: (reply: Reply) => string | null
}

/** One attempt: an answer as wanted, or the fault that stood against it. */
export type Outcome =
  | { readonly kind: 'answer'; readonly reply: Reply }
  | { readonly kind: 'excused'; readonly status: number }
  | { readonly kind: 'wrong' }

export interface Asking {
  readonly side: Side
  readonly subject: string
  readonly call: Call
  readonly want: Want
}

/** A scenario whose model has been left ends: nothing more of it can be known. */
export class WrongAnswer extends Error {}

/** A stream that was begun when its storage broke off has no other way to say so than to break off, too. */
const NO_ANSWER = 0
const ATTEMPTS = 80
const PAUSE_MS = 400
const TAKEN_MS = 45_000

const typeOf = (reply: Reply): string =>
  (reply.headers.get('Content-Type') ?? '').split(';', 1)[0] ?? ''

export function codeOf(reply: Reply): string | undefined {
  if (!typeOf(reply).endsWith('json')) return undefined
  const value: unknown = JSON.parse(reply.body.toString() || '{}')
  return typeof value === 'object' && value !== null && 'code' in value
    ? String(value.code)
    : undefined
}

export function createModel(urls: Readonly<Record<Side, string>>, ledger: Ledger, seed: number) {
  // A line for each request: one that the gateway closes when it is idle would be no answer of it.
  const agent = new Agent({ keepAlive: false })
  const wrongs: string[] = []
  const statuses = new Map<string, number>()
  let [requests, excused] = [0, 0]

  /** The fault that makes this failure right; null when nothing does. */
  function findExcuse(asking: Asking, reply: Reply | null, span: [number, number]) {
    const { side, subject, want } = asking
    const { needs } = want
    const isCut = reply === null
    if (side === 'b' && isCut && ledger.isDown(...span)) return 'killed'
    if (isStillTaken(asking, reply, span[1])) return 'killed'
    if (needs.includes('s3') && ledger.isCallHit(subject, ...span)) {
      const code = isCut ? undefined : codeOf(reply)
      if (isCut || code === 'upstream_error' || code === 'upstream_timeout') return 's3'
      if (reply.body.length === 0 && [502, 504].includes(reply.status)) return 's3'
    }
    if (side === 'a' && needs.includes('kv') && reply?.status === 503 && ledger.isKvHit(...span))
      return reply.headers.get('Retry-After') === '5' ? 'kv' : null
    return null
  }

  /** Killed while it opened an upload, a gateway leaves its Idempotency-Key taken for half a minute. */
  function isStillTaken({ side, call }: Asking, reply: Reply | null, toMs: number): boolean {
    const isNamed = call.headers.some(([name]) => name === 'Idempotency-Key')
    const isBusy = reply?.status === 409 && reply.body.includes('still runs')
    return side === 'b' && isNamed && isBusy && ledger.isDown(toMs - TAKEN_MS, toMs)
  }

  function tell({ side, call, want }: Asking, reply: Reply | null, fault: string): void {
    const wanted = `${String(want.status)} ${want.code ?? ''}`.trim()
    const answer =
      reply === null ? 'no answer' : `${reply.status} ${reply.body.toString().slice(0, 800)}`
    const line = `WRONG (seed ${seed}): ${fault}\nat gateway ${side}: ${describeCall(call)}\nanswer: ${answer}\nmodel: ${wanted}; it needs ${want.needs.join(' and ') || 'nothing'}\n`
    wrongs.push(line)
    process.stdout.write(line)
  }

  function findFault({ call, side, want }: Asking, reply: Reply, isAgain: boolean): string | null {
    const allowed = [want.status].flat().concat(isAgain ? (want.again ?? []) : [])
    if (!allowed.includes(reply.status)) return 'another status'
    const isWanted = [want.status].flat().includes(reply.status)
    if (
      isWanted &&
      want.code !== undefined &&
      call.method !== 'HEAD' &&
      codeOf(reply) !== want.code
    )
      return 'another code'
    return findMisfit(call, reply, urls[side]) ?? (isWanted ? (want.judge?.(reply) ?? null) : null)
  }

  async function once(asking: Asking, isAgain = false): Promise<Outcome> {
    const fromMs = Date.now()
    const reply = await sendCall(agent, new URL(urls[asking.side]), asking.call).catch(() => null)
    const span: [number, number] = [fromMs, Date.now()]
    requests += 1
    const status = String(reply?.status ?? 'cut')
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    const fault = reply === null ? 'no answer' : findFault(asking, reply, isAgain)
    if (fault === null && reply !== null) return { kind: 'answer', reply }
    const excuse = findExcuse(asking, reply, span)
    const misfit =
      reply !== null && excuse !== null ? findMisfit(asking.call, reply, urls[asking.side]) : null
    if (excuse === null || misfit !== null) {
      tell(asking, reply, misfit ?? fault ?? '')
      return { kind: 'wrong' }
    }
    excused += 1
    ledger.count(`excused by ${excuse}`)
    return { kind: 'excused', status: reply?.status ?? NO_ANSWER }
  }

  return {
    once,
    /** Asks until the fault is over: then the answer is the model's, or it is a wrong one. */
    async ask(asking: Asking): Promise<Reply> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const outcome = await once(asking, attempt > 0)
        if (outcome.kind === 'answer') return outcome.reply
        if (outcome.kind === 'wrong') throw new WrongAnswer()
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
      tell(asking, null, `failed ${ATTEMPTS} times`)
      throw new WrongAnswer()
    },
    /** What no single answer shows: an object that is lost, a link opened too often. */
    fail(what: string): never {
      const line = `WRONG (seed ${seed}): ${what}\n`
      wrongs.push(line)
      process.stdout.write(line)
      throw new WrongAnswer()
    },
    seen: () => ({ requests, excused, wrongs, statuses }),
  }
}
export type Model = ReturnType<typeof createModel>
