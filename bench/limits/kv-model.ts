// Workers KV as a model: latencies, caches of location and region, late visibility, one write a second, errors.
// The figures of "typical" come from Cloudflare's documentation and published measurements, "pessimistic" doubts them all.
import type { Engine } from './engine.ts'
import { type Generator, logNormal } from './random.ts'

export interface KvProfile {
  readonly writeMs: { readonly median: number; readonly p99: number }
  readonly coldMs: { readonly median: number; readonly p99: number }
  readonly hotMs: number
  /** Whether a location sees its own writes as soon as they are acknowledged. */
  readonly seesOwn: boolean
  /** How long a region keeps what it read: of single keys, of lists. */
  readonly tierMs: { readonly get: number; readonly list: number }
  /** The part of all writes that others see late, and by how much at most. */
  readonly late: { readonly part: number; readonly mostMs: number }
  readonly errors: number
  /** Writes until the free plan refuses more of them; without it any number. */
  readonly writesLeft?: number
}

export const TYPICAL: KvProfile = {
  writeMs: { median: 150, p99: 600 },
  coldMs: { median: 90, p99: 400 },
  hotMs: 3,
  seesOwn: true,
  tierMs: { get: 5000, list: 60_000 },
  late: { part: 0.02, mostMs: 2000 },
  errors: 0.001,
}

export const PESSIMISTIC: KvProfile = {
  ...TYPICAL,
  writeMs: { median: 500, p99: 3000 },
  seesOwn: false,
  tierMs: { get: 60_000, list: 60_000 },
  late: { part: 0.15, mostMs: 5000 },
  errors: 0.01,
}

export const DOWN: KvProfile = { ...TYPICAL, errors: 1 }

export interface KvCounts {
  writes: number
  lists: number
  gets: number
  /** Refused for more than one write a second to a key. */
  throttled: number
  failed: number
  /** Keys that were written more than once. */
  rewritten: number
}

interface Write {
  readonly key: string
  readonly value: unknown
  readonly location: number
  readonly ackMs: number
  readonly seenMs: number
}

interface Cached<T> {
  readonly value: T
  readonly atMs: number
}

export interface Place {
  readonly location: number
  readonly region: number
}

export interface Kv {
  readonly counts: KvCounts
  put(place: Place, key: string, value: unknown): Promise<void>
  list(place: Place, prefix: string): Promise<{ id: string; meta: unknown }[]>
  /** The value, or null; `cacheMs` as the option cacheTtl. */
  get(place: Place, key: string, cacheMs: number): Promise<unknown>
}

const LOCATION_LIST_MS = 60_000
/** What the adapter gives a list. */
const LIST_TIMEOUT_MS = 1000

export function createKv(engine: Engine, random: Generator, profile: KvProfile): Kv {
  const counts = { writes: 0, lists: 0, gets: 0, throttled: 0, failed: 0, rewritten: 0 }
  const byPrefix = new Map<string, Write[]>()
  const byKey = new Map<string, Write>()
  const startedMs = new Map<string, number>()
  const cache = new Map<string, Cached<readonly Write[]>>()

  /** Prefixes that a limiter may list: up to each "." and "/" of the last two parts. */
  function prefixesOf(key: string): string[] {
    const prefixes: string[] = []
    for (let at = key.indexOf('/', 4); at < key.length - 1; at += 1)
      if (at > 0 && (key[at] === '/' || key[at] === '.')) prefixes.push(key.slice(0, at + 1))
    return prefixes
  }

  async function pause(ms: number): Promise<void> {
    await engine.wait(ms)
    if (random() >= profile.errors) return
    counts.failed += 1
    throw new Error('KV')
  }

  /** Through the caches of the location and of its region; each is filled by whoever comes first. */
  function read(
    { location, region }: Place,
    name: string,
    all: () => readonly Write[],
    ages: { readonly location: number; readonly tier: number },
  ): readonly Write[] {
    const nowMs = engine.now()
    const local = cache.get(`${location}|${name}`)
    if (local !== undefined && nowMs - local.atMs < ages.location) return local.value
    let tier = cache.get(`r${region}|${name}`)
    if (tier === undefined || nowMs - tier.atMs >= ages.tier) {
      tier = { value: all().filter(({ seenMs }) => seenMs <= nowMs), atMs: nowMs }
      cache.set(`r${region}|${name}`, tier)
    }
    cache.set(`${location}|${name}`, { value: tier.value, atMs: nowMs })
    return tier.value
  }

  function isCached({ location }: Place, name: string, ageMs: number): boolean {
    const local = cache.get(`${location}|${name}`)
    return local !== undefined && engine.now() - local.atMs < ageMs
  }

  const coldMs = (): number => logNormal(random, profile.coldMs.median, profile.coldMs.p99)

  return {
    counts,
    async put({ location }, key, value) {
      counts.writes += 1
      if (counts.writes > (profile.writesLeft ?? Number.POSITIVE_INFINITY)) throw new Error('quota')
      const nowMs = engine.now()
      if (nowMs - (startedMs.get(key) ?? Number.NEGATIVE_INFINITY) < 1000) {
        counts.throttled += 1
        await engine.wait(profile.hotMs)
        throw new Error('429')
      }
      if (startedMs.has(key)) counts.rewritten += 1
      startedMs.set(key, nowMs)
      await pause(logNormal(random, profile.writeMs.median, profile.writeMs.p99))
      const ackMs = engine.now()
      const isLate = random() < profile.late.part
      const seenMs = ackMs + (isLate ? random() * profile.late.mostMs : 0)
      const write = { key, value, location, ackMs, seenMs }
      byKey.set(key, write)
      for (const prefix of prefixesOf(key)) {
        const writes = byPrefix.get(prefix) ?? []
        writes.push(write)
        byPrefix.set(prefix, writes)
      }
    },
    async list(place, prefix) {
      counts.lists += 1
      const ms = isCached(place, prefix, LOCATION_LIST_MS) ? profile.hotMs : coldMs()
      if (ms > LIST_TIMEOUT_MS) {
        await engine.wait(LIST_TIMEOUT_MS)
        counts.failed += 1
        throw new Error('late')
      }
      await pause(ms / 2)
      const all = byPrefix.get(prefix) ?? []
      const ages = { location: LOCATION_LIST_MS, tier: profile.tierMs.list }
      const seen = new Set(read(place, prefix, () => all, ages))
      if (profile.seesOwn)
        for (const write of all) if (write.location === place.location) seen.add(write)
      await engine.wait(ms / 2)
      return [...seen].map(({ key, value }) => ({ id: key, meta: value }))
    },
    async get(place, key, cacheMs) {
      counts.gets += 1
      await pause(isCached(place, key, cacheMs) ? profile.hotMs : coldMs())
      const write = byKey.get(key)
      const all = write === undefined ? [] : [write]
      if (profile.seesOwn && write?.location === place.location) return write.value
      const ages = { location: cacheMs, tier: profile.tierMs.get }
      return read(place, key, () => all, ages)[0]?.value ?? null
    },
  }
}
