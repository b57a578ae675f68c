// A streamed link: the object through the gateway, with ranges and conditions, from the edge's cache where it can be.
import { encodeKey } from '../../../core/sign/encode.ts'
import { type ReadPermit, signRead } from '../../../core/sign/requests.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import type { LinkCode } from '../../link-answers.ts'

const URL_SECONDS = 60
/** What Cloudflare's cache takes is more; a larger object would only push out others. */
const MAX_CACHED_BYTES = 100 * 2 ** 20
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

function toFailure(status: number): Failure {
  const code = CODES.get(status)
  return code === undefined
    ? { kind: 'store', fault: { reason: 'status', status } }
    : { kind: 'link', code, reason: 'S3' }
}

/** The answer of S3, or of the cache under a name without any signature: what may be seen was decided before. */
async function fetchObject(
  c: Ctx,
  permit: ReadPermit,
  method: 'GET' | 'HEAD',
): Promise<Response | null> {
  const { signingKeys, clock, config } = c.var.deps
  const { bucket, operation } = permit
  const asked = ASKED.flatMap((name): [string, string][] => {
    const value = c.req.header(name)
    return value === undefined ? [] : [[name, value]]
  })
  const isPlain = asked.length === 0 && method === 'GET'
  const name = `${config.publicUrl}/.objects/${bucket.alias}/${encodeKey(operation.key)}`
  const cache = caches.default
  const kept = isPlain ? await cache.match(name) : undefined
  if (kept !== undefined) return kept
  const signing = { keys: signingKeys, nowMs: clock.now() }
  const signed = await signRead(permit, method, new Map(), URL_SECONDS, signing)
  if (!signed.ok) return null
  const headers = [...asked, ['accept-encoding', 'identity'] as [string, string]]
  const answer = await fetch(signed.value.url, { method, headers, redirect: 'manual' })
  const bytes = Number(answer.headers.get('content-length') ?? Infinity)
  if (!isPlain || answer.status !== 200 || bytes > MAX_CACHED_BYTES) return answer
  const copy = new Response(answer.clone().body, answer)
  copy.headers.set('Cache-Control', `max-age=${FRESH_SECONDS}`)
  c.executionCtx.waitUntil(cache.put(name, copy).catch(() => undefined))
  return answer
}

export async function stream(
  c: Ctx,
  permit: ReadPermit,
  method: 'GET' | 'HEAD',
  query: ReadonlyMap<string, string>,
  headers: Headers,
): Promise<Result<Response, Failure>> {
  const answer = await fetchObject(c, permit, method).catch(() => null)
  if (answer === null) return err({ kind: 'store', fault: { reason: 'unreachable' } })
  if (answer.status !== 304 && answer.status >= 300) {
    await answer.body?.cancel()
    return err(toFailure(answer.status))
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
