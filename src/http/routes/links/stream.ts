// A streamed link: the object through the gateway, with ranges and conditions, from the edge's cache where it can be.
import { toAsked } from '../../../core/link/asked.ts'
import { encodeKey } from '../../../core/sign/encode.ts'
import { type ReadPermit, type SignFault, signRead } from '../../../core/sign/requests.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { StoreFault } from '../../../ports.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { toSigning } from '../../middleware/permit.ts'
import type { LinkCode } from '../../link-answers.ts'
import { refusal } from './find.ts'

const URL_SECONDS = 60
/** Time for the storage's first word; its bytes take as long as the client does. */
const TIMEOUT_MS = 10_000
/**
 * What the cache takes fast and a slow client does not is held in memory meanwhile, of which an isolate has 128 MB
 * (https://developers.cloudflare.com/workers/platform/limits/#memory); a second fetch would cost its bytes twice.
 */
const MAX_CACHED_BYTES = 4 * 2 ** 20
/** How long a change of the object may go unseen. */
const FRESH_SECONDS = 60
const ASKED = [
  'range',
  'if-range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
]
const TOLD = [
  'content-length',
  'content-range',
  'content-type',
  'content-encoding',
  'content-language',
  'etag',
  'last-modified',
  'accept-ranges',
]

/** What stored HTML may do here, in the gateway's own origin: show itself, with its pictures; never run. */
const POLICY =
  "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const CODES = new Map<number, LinkCode>([
  [404, 'not_found'],
  [412, 'precondition_failed'],
  [416, 'range_not_satisfiable'],
])

function refused(status: number): { ok: false; error: Failure } {
  const code = CODES.get(status)
  return code === undefined
    ? err({ kind: 'store', fault: { reason: 'status', status } })
    : refusal(code, 'S3')
}

/** Why nothing could be signed: only an end of the link's own is the link's. */
export function unsigned(fault: SignFault): { ok: false; error: Failure } {
  return fault.reason === 'session_over'
    ? refusal('link_gone', 'over')
    : err({ kind: 'sign', fault })
}

/** The answer of S3, or of the cache under a name without any signature: what may be seen was decided before. */
async function fetchObject(
  c: Ctx,
  permit: ReadPermit,
  method: 'GET' | 'HEAD',
): Promise<Result<Response, Failure>> {
  const { clock, config } = c.var.deps
  const { bucket, operation } = permit
  const wishes = ASKED.map((name) => [name, toAsked(name, c.req.header(name))] as const)
  if (wishes.some(([, value]) => value === null)) return refusal('precondition_failed', 'malformed')
  const asked = wishes.flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, value]],
  )
  const isPlain = asked.length === 0 && method === 'GET'
  const name = `${config.publicUrl}/.objects/${bucket.alias}/${encodeKey(operation.key)}`
  const cache = caches.default
  const found = isPlain ? await cache.match(name) : undefined
  if (found !== undefined) return ok(found)
  const signing = await toSigning(c, permit)
  const signed = await signRead(permit, method, new Map(), URL_SECONDS, signing)
  if (!signed.ok) return unsigned(signed.error)
  const headers = [...asked, ['accept-encoding', 'identity'] as [string, string]]
  const stop = new AbortController()
  const answer = await Promise.race([
    fetch(signed.value.url, { method, headers, redirect: 'manual', signal: stop.signal }).catch(
      () => 'unreachable' as const,
    ),
    clock.wait(TIMEOUT_MS).then(() => 'timeout' as const),
  ])
  // A page of something before S3 is no object: S3 gives none without its ETag.
  if (typeof answer === 'string' || (answer.ok && !answer.headers.has('etag'))) {
    stop.abort()
    const fault: StoreFault =
      typeof answer === 'string' ? { reason: answer } : { reason: 'status', status: answer.status }
    return err({ kind: 'store', fault })
  }
  const bytes = Number(answer.headers.get('content-length') ?? Infinity)
  // The cache would compress once more what is stored compressed.
  const isCached = bytes <= MAX_CACHED_BYTES && !answer.headers.has('content-encoding')
  if (!isPlain || answer.status !== 200 || !isCached) return ok(answer)
  const copy = new Response(answer.clone().body, answer)
  copy.headers.set('Cache-Control', `max-age=${FRESH_SECONDS}`)
  // Read to its end first: the cache keeps what breaks off as if it were whole.
  const kept = copy.arrayBuffer().then((whole) => cache.put(name, new Response(whole, copy)))
  c.executionCtx.waitUntil(kept.catch(() => undefined))
  return ok(answer)
}

export async function stream(
  c: Ctx,
  permit: ReadPermit,
  method: 'GET' | 'HEAD',
  query: ReadonlyMap<string, string>,
  headers: Headers,
): Promise<Result<Response, Failure>> {
  const fetched = await fetchObject(c, permit, method)
  if (!fetched.ok) return fetched
  const answer = fetched.value
  if (answer.status !== 304 && answer.status >= 300) {
    await answer.body?.cancel()
    return refused(answer.status)
  }
  for (const name of TOLD) {
    const value = answer.headers.get(name)
    if (value !== null) headers.set(name, value)
  }
  headers.set('Content-Disposition', query.get('response-content-disposition') ?? 'attachment')
  const type = query.get('response-content-type')
  if (type !== undefined && answer.status !== 304) headers.set('Content-Type', type)
  // The client may keep it, but asks every time: the link may be gone.
  headers.set('Cache-Control', 'private, no-cache')
  headers.set('Content-Security-Policy', POLICY)
  return ok(new Response(answer.body, { status: answer.status, headers }))
}
