// The first step of every request: id, configuration, CORS, headers of every answer, one log line.
import type { MiddlewareHandler } from 'hono'
import { toBase64Url } from '../../core/base64url.ts'
import { toRateLimitFields } from '../../core/limit/headers.ts'
import type { EventLog } from '../../ports.ts'
import type { AppEnv, Ctx, Platform, RequestRecord } from '../env.ts'
import { toEventPoint } from '../event.ts'
import { refuse } from '../problem.ts'
import { mark, toServerTiming } from '../timing.ts'

const EXPOSED = 'ETag, Date, Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id'

/** Paths that answer without a usable configuration. */
const LIVENESS_PATH = '/healthz'
const READINESS_PATH = '/readyz'

function setCors(c: Ctx, headers: Headers): void {
  headers.append('Vary', 'Origin')
  const origin = c.req.header('Origin')
  if (origin === undefined || !c.get('deps')?.config.origins.has(origin)) return
  headers.set('Access-Control-Allow-Origin', origin)
  headers.set('Access-Control-Allow-Credentials', 'true')
  headers.set('Access-Control-Expose-Headers', EXPOSED)
  if (c.req.method !== 'OPTIONS') return
  headers.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, PATCH, DELETE')
  headers.set(
    'Access-Control-Allow-Headers',
    'Authorization, Content-Type, Accept, Idempotency-Key, Postern-Password',
  )
  headers.set('Access-Control-Max-Age', '600')
}

/** Ids that are made and not given out yet, of 16 characters each. */
let ids = ''

/** 96 random bits: they are asked for many requests at once. */
function toRequestId(): string {
  if (ids === '') ids = toBase64Url(crypto.getRandomValues(new Uint8Array(768)))
  const id = ids.slice(0, 16)
  ids = ids.slice(16)
  return id
}

/** Gives the answer the headers that all answers have; what a route set itself stays. */
function finish(c: Ctx, startedMs: number): void {
  // In place: every answer is made here, and a copy of its headers would cost as much as a signature.
  const { headers } = c.res
  headers.set('X-Request-Id', c.get('requestId'))
  // RFC 9110 §6.6.1. Cloudflare sets it too, a local workerd does not: clients tell by it how wrong their clock is.
  headers.set('Date', new Date().toUTCString())
  headers.set('X-Content-Type-Options', 'nosniff')
  headers.set('Referrer-Policy', 'no-referrer')
  headers.set('Strict-Transport-Security', 'max-age=63072000; includeSubDomains')
  if (!headers.has('Content-Security-Policy')) {
    headers.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
  }
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store')
  setCors(c, headers)
  mark(c, 'work')
  const [decisions, marks] = [c.get('decisions'), c.get('marks')]
  if (marks !== undefined) headers.set('Server-Timing', toServerTiming(marks, startedMs))
  if (decisions.length > 0) {
    const fields = toRateLimitFields(decisions, c.get('deps').config.limits)
    headers.set('RateLimit', fields.rateLimit)
    headers.set('RateLimit-Policy', fields.rateLimitPolicy)
  }
}

/** Issuer and subject of the caller, the subject as a pseudonym. */
async function toCaller(c: Ctx): Promise<{ issuer?: string; subject?: string }> {
  const [session, deps] = [c.get('session'), c.get('deps')]
  if (session === undefined || deps === undefined) return {}
  return {
    issuer: session.issuer,
    subject: await deps.toPseudonym(session.issuer, session.subject),
  }
}

/** A record with its object key as the log may show it (AUDIT.keys). */
function toShown(c: Ctx, record: RequestRecord): RequestRecord | Promise<RequestRecord> {
  const deps = c.get('deps')
  if (record.key === undefined || deps?.config.audit.keys !== 'hmac') return record
  return deps.toPseudonym('key', record.key).then((key) => ({ ...record, key }))
}

/** One line for the request, and in a batch one for each request in it, under the same id. */
async function writeLog(c: Ctx, log: EventLog, startedMs: number): Promise<void> {
  const who = { id: c.get('requestId'), ...(await toCaller(c)) }
  const time = new Date(startedMs).toISOString()
  for (const [item, record] of c.get('items').entries())
    log.write({ time, ...who, item, ...(await toShown(c, record)) })
  const ms = Date.now() - startedMs
  log.write({
    time,
    ...who,
    method: c.req.method,
    status: c.res.status,
    ...(await toShown(c, c.get('record'))),
    ms,
  })
  c.get('deps')?.events?.write(toEventPoint(c, who, ms))
}

export function enter(platform: Platform): MiddlewareHandler<AppEnv> {
  return async function enterRequest(c, next) {
    const startedMs = Date.now()
    c.set('requestId', toRequestId())
    c.set('record', {})
    c.set('decisions', [])
    c.set('items', [])
    const deps = await platform.depsOf(c.env)
    if (deps.ok) {
      c.set('deps', deps.value)
      // By http it is served on this machine alone.
      if (deps.value.config.publicUrl.startsWith('http:')) c.set('marks', [])
    }
    if (!deps.ok && c.req.path !== LIVENESS_PATH) {
      c.res = refuse(c, {
        kind: 'misconfigured',
        faults: deps.error,
        isListed: c.req.path === READINESS_PATH,
      })
    } else if (
      c.req.method === 'OPTIONS' &&
      c.req.header('Access-Control-Request-Method') !== undefined
    ) {
      c.res = new Response(null, { status: 204 })
    } else {
      await next()
    }
    finish(c, startedMs)
    await writeLog(c, platform.log, startedMs)
  }
}
