// An issuer's published keys: memory, then the Cache API of the location, then the issuer, then the last good copy in KV.
// Consistency: keys are at most FRESH_MS old while the issuer answers; a kid that is not known is looked for at once, but
// a location asks at most once in RETRY_MS, and an isolate once for all requests that come together. KV may lag by a
// minute: it is only the net below. Failure: keys of up to 24 hours go on; after that, or when none were ever seen, the lookup is `unavailable`, never an empty set.
import type { Algorithm } from '../core/token/issuer.ts'
import { parseRemoteKeys } from '../core/token/remote-keys.ts'
import type { Clock, KeySet } from '../ports.ts'
import { inTime } from './in-time.ts'
import { readBounded } from './read-bounded.ts'

const FRESH_MS = 5 * 60_000
const USABLE_MS = 24 * 60 * 60_000
const RETRY_MS = 30_000
/** Without any keys the issuer is asked again sooner: everybody waits for it. */
const BARE_RETRY_MS = 5000
const TIMEOUT_MS = 3000
const KV_TIMEOUT_MS = 1000
/** How often a request looks whether another one of its isolate has learned something. */
const POLL_MS = 20
const MAX_BYTES = 64 * 1024
/** The copy in KV is renewed when it is older than this; it is for a day without the issuer. */
const COPY_MS = 60 * 60_000

export interface RemoteKeys {
  readonly url: string
  readonly algorithms: readonly Algorithm[]
  readonly clock: Clock
  readonly fetch: (request: Request) => Promise<Response>
  /** Called within a request, since the cache belongs to it. */
  readonly cache: () => Pick<Cache, 'match' | 'put'>
  readonly kv: Pick<KVNamespace, 'get' | 'put'>
}

interface Copy {
  readonly text: string
  readonly fetchedAtMs: number
}

interface Known {
  readonly keys: KeySet
  readonly fetchedAtMs: number
}

/** A copy as it stands in cache and KV; null for anything else. */
function parseCopy(text: string | null): Copy | null {
  const end = text?.indexOf('\n') ?? -1
  if (text === null || end === -1) return null
  const fetchedAtMs = Number(text.slice(0, end))
  return Number.isSafeInteger(fetchedAtMs) ? { text: text.slice(end + 1), fetchedAtMs } : null
}

export function createRemoteKeySet(remote: RemoteKeys): KeySet {
  const { url, algorithms, clock, kv } = remote
  const kvKey = `jwks1/${url}`
  // Names in the cache of this location, under a host that no issuer has.
  const name = encodeURIComponent(url)
  const copyName = `https://postern.invalid/jwks/${name}`
  const triedName = `https://postern.invalid/jwks-tried/${name}`
  let known: Known | null = null
  let triedAtMs = Number.NEGATIVE_INFINITY
  let failedAtMs = Number.NEGATIVE_INFINITY
  /** Since when a request of this isolate asks. */
  let askingSinceMs = Number.NEGATIVE_INFINITY
  /** The net is not worth a long wait. */
  const inKvTime = <T>(call: Promise<T>): Promise<T> => inTime(clock, KV_TIMEOUT_MS, call)
  const isAsking = (): boolean => clock.now() - askingSinceMs <= TIMEOUT_MS

  /** Takes a copy that is newer than what is known; what is no key set is as good as none. */
  async function learn(copy: Copy | null): Promise<boolean> {
    if (copy === null || clock.now() - copy.fetchedAtMs > USABLE_MS) return false
    if (known !== null && copy.fetchedAtMs <= known.fetchedAtMs) return false
    const keys = await parseRemoteKeys(copy.text, algorithms)
    if (keys === null) return false
    known = { keys, fetchedAtMs: copy.fetchedAtMs }
    return true
  }

  async function readCache(cacheName: string): Promise<string | null> {
    try {
      return (await (await remote.cache().match(cacheName))?.text()) ?? null
    } catch {
      return null
    }
  }

  async function writeCache(cacheName: string, text: string, seconds: number): Promise<void> {
    const headers = { 'Cache-Control': `max-age=${seconds}` }
    // Without a cache the issuer is asked more often; nothing else is lost.
    await remote
      .cache()
      .put(cacheName, new Response(text, { headers }))
      .catch(() => undefined)
  }

  /** At most once in RETRY_MS for the whole location, as far as it has a cache. */
  async function mayAsk(): Promise<boolean> {
    const now = clock.now()
    // Requests that come while the first one asks must not be refused for want of its answer.
    if (usable() === null) return now - failedAtMs >= BARE_RETRY_MS
    if (now - triedAtMs < RETRY_MS) return false
    const tried = Number((await readCache(triedName)) ?? Number.NEGATIVE_INFINITY)
    triedAtMs = Math.max(triedAtMs, tried)
    if (now - triedAtMs < RETRY_MS) return false
    triedAtMs = now
    await writeCache(triedName, String(now), RETRY_MS / 1000)
    return true
  }

  async function ask(): Promise<Copy | null> {
    try {
      // A redirect could lead anywhere: the keys come from the configured URL or not at all.
      const request = new Request(url, {
        redirect: 'manual',
        headers: { Accept: 'application/jwk-set+json, application/json' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const response = await remote.fetch(request)
      const text = response.status === 200 ? await readBounded(response, MAX_BYTES) : null
      return text === null ? null : { text, fetchedAtMs: clock.now() }
    } catch {
      return null
    }
  }

  async function keep(copy: Copy): Promise<void> {
    const text = `${copy.fetchedAtMs}\n${copy.text}`
    await writeCache(copyName, text, USABLE_MS / 1000)
    try {
      const before = parseCopy(await inKvTime(kv.get(kvKey)))
      const isOld = before === null || copy.fetchedAtMs - before.fetchedAtMs > COPY_MS
      if (isOld || before.text !== copy.text)
        await inKvTime(kv.put(kvKey, text, { expirationTtl: USABLE_MS / 1000 }))
    } catch {
      // The net is for later; this request has its keys.
    }
  }

  /** Renews what is known from the location's cache, or from the issuer if it may be asked; `isPatient` waits for others who ask. */
  async function renew(isFreshEnough: (copy: Known) => boolean, isPatient: boolean): Promise<void> {
    await learn(parseCopy(await readCache(copyName)))
    if (known !== null && isFreshEnough(known)) return
    if (usable() === null) await learn(parseCopy(await inKvTime(kv.get(kvKey)).catch(() => null)))
    if (known !== null && isFreshEnough(known)) return
    if (isAsking()) {
      // In Workers the promise of another request is not ours to wait for; what it learns is.
      const canGoOn = (): boolean => !isPatient && usable() !== null
      while (isAsking() && !canGoOn()) await clock.wait(POLL_MS)
      return
    }
    askingSinceMs = clock.now()
    const copy = (await mayAsk()) ? await ask() : undefined
    const isNew = copy !== undefined && copy !== null && (await learn(copy))
    if (copy !== undefined && !isNew) failedAtMs = clock.now()
    askingSinceMs = Number.NEGATIVE_INFINITY
    if (isNew) await keep(copy)
  }

  function usable(): Known | null {
    return known !== null && clock.now() - known.fetchedAtMs <= USABLE_MS ? known : null
  }

  return {
    async find(header) {
      const now = clock.now()
      if (known === null || now - known.fetchedAtMs > FRESH_MS)
        await renew((copy) => now - copy.fetchedAtMs <= FRESH_MS, false)
      const before = usable()
      if (before === null) return { kind: 'unavailable', reason: 'no key set' }
      const found = await before.keys.find(header)
      if (found.kind !== 'keys' || found.keys.length > 0 || header.kid === undefined) return found
      // The issuer may have rotated its keys since: what was fetched meanwhile, or a fresh look.
      await renew((copy) => copy.fetchedAtMs > before.fetchedAtMs, true)
      return (usable() ?? before).keys.find(header)
    },
  }
}
