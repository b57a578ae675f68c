// What is simulated: who asks how often, from where, over which KV.
import { createGenerator, exponential } from './random.ts'
import { type KvProfile, TYPICAL } from './kv-model.ts'

export interface Scenario {
  readonly allow: number
  readonly everySeconds: number
  readonly locations: number
  /** Isolates that serve at the same time in a location. */
  readonly isolates: number
  /** Demand, as a multiple of the limit. */
  readonly load: number
  /** `flood`: Poisson arrivals from a random moment of the first window on; `burst`: all within 2 s, once a window. */
  readonly shape: 'flood' | 'burst'
  readonly windows: number
  readonly kv: KvProfile
  /** A ratelimits binding of the limit's size in front. */
  readonly binding: boolean
  /** How often machines of a location tell each other of the binding's counts; 0 is at once. */
  readonly bindingSyncMs: number
  readonly preset: 'eco' | 'standard' | 'tight'
  /** Mean life of an isolate, which forgets everything when it ends. */
  readonly lifeMs: number
}

export const BASE: Scenario = {
  allow: 100,
  everySeconds: 60,
  locations: 10,
  isolates: 2,
  load: 10,
  shape: 'flood',
  windows: 10,
  kv: TYPICAL,
  binding: false,
  bindingSyncMs: 500,
  preset: 'standard',
  lifeMs: 600_000,
}

/** Some aligned window in 2026. */
export const START_MS = 29_730_000 * 60_000

/** Sorted times of all requests. */
export function toArrivals(scenario: Scenario, seed: number): number[] {
  const random = createGenerator(seed * 2 + 1)
  const windowMs = scenario.everySeconds * 1000
  const endMs = START_MS + scenario.windows * windowMs
  const perWindow = scenario.allow * scenario.load
  const arrivals: number[] = []
  if (scenario.shape === 'burst') {
    for (let startMs = START_MS; startMs < endMs; startMs += windowMs) {
      const atMs = startMs + random() * (windowMs - 2000)
      for (let i = 0; i < perWindow; i += 1) arrivals.push(atMs + random() * 2000)
    }
    return arrivals.toSorted((a, b) => a - b)
  }
  const meanMs = windowMs / perWindow
  let atMs = START_MS + random() * windowMs
  for (;;) {
    atMs += exponential(random, meanMs)
    if (atMs >= endMs) return arrivals
    arrivals.push(atMs)
  }
}
