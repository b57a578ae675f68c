// One run: a contender serves the arrivals of a scenario in isolates that come and go.
import { createEngine, type Engine } from './engine.ts'
import { createKv, type Kv, type KvCounts, type Place } from './kv-model.ts'
import { createGenerator, exponential, type Generator } from './random.ts'
import { type Scenario, START_MS, toArrivals } from './scenario.ts'
import type { ColoCounter } from '../../src/core/limit/policy.ts'
import { createColoCounters } from './colo-model.ts'

/** What became of one request. */
export type Answer = 'admitted' | 'refused' | 'error'

/** What a contender has in one isolate. */
export interface World extends Place {
  readonly scenario: Scenario
  readonly engine: Engine
  /** Rejects never, but stops when the isolate dies. */
  wait(ms: number): Promise<void>
  readonly kv: Kv
  readonly colo: ColoCounter
  readonly random: Generator
  /** Shared by all isolates of a run, such as the objects of a lease. */
  readonly shared: Map<string, unknown>
  /** Runs after the answer; the isolate's death ends it. */
  waitUntil(work: Promise<unknown>): void
}

export type Contender = (world: World) => () => Answer | Promise<Answer>

export interface Run {
  readonly arrivals: readonly number[]
  readonly admitted: readonly number[]
  readonly requests: number
  readonly errors: number
  /** Added latency of every request that waited. */
  readonly waitedMs: readonly number[]
  readonly kv: KvCounts
  /** Calls to Durable Objects. */
  readonly calls: number
  /** Isolates that served in each window. */
  readonly served: readonly number[]
  readonly unhandled: number
}

/** Three regions: an upper tier of KV serves several locations. */
const REGIONS = 3

export async function simulate(
  contender: Contender,
  scenario: Scenario,
  seed: number,
  arrivals: readonly number[] = toArrivals(scenario, seed),
): Promise<Run> {
  const engine = createEngine(START_MS)
  const random = createGenerator(seed * 2)
  const kv = createKv(engine, random, scenario.kv)
  const shared = new Map<string, unknown>()
  const windowMs = scenario.everySeconds * 1000
  const colos = createColoCounters(engine, scenario)
  const asked = Array<number>(scenario.windows).fill(0)
  const admitted = Array<number>(scenario.windows).fill(0)
  const served = Array.from({ length: scenario.windows }, () => new Set<object>())
  const waitedMs: number[] = []
  let [errors, unhandled] = [0, 0]

  function createIsolate(location: number, machine: number) {
    const diesAtMs = engine.now() + exponential(random, scenario.lifeMs)
    const world: World = {
      scenario,
      engine,
      location,
      region: location % REGIONS,
      kv,
      colo: colos(location, machine),
      random,
      shared,
      wait: (ms) =>
        new Promise((wake) =>
          engine.after(ms, () => {
            if (engine.now() < diesAtMs) wake()
          }),
        ),
      waitUntil(work) {
        engine.stir()
        work.catch(() => (unhandled += 1))
      },
    }
    return { diesAtMs, serve: contender(world) }
  }

  const isolates = Array.from({ length: scenario.locations * scenario.isolates }, (_, index) =>
    createIsolate(Math.floor(index / scenario.isolates), index % scenario.isolates),
  )

  function settle(answer: Answer, startedMs: number): void {
    if (answer === 'error') errors += 1
    // Counted where it was decided: a lease that arrives late is spent in the window that it is of.
    const window = Math.floor((engine.now() - START_MS) / windowMs)
    if (answer === 'admitted') admitted[window] = (admitted[window] ?? 0) + 1
    if (engine.now() > startedMs) waitedMs.push(engine.now() - startedMs)
  }

  await engine.play(
    arrivals,
    () => {
      const nowMs = engine.now()
      const window = Math.floor((nowMs - START_MS) / windowMs)
      asked[window] = (asked[window] ?? 0) + 1
      const index = Math.floor(random() * isolates.length)
      let isolate = isolates[index]
      if (isolate === undefined) return
      if (nowMs >= isolate.diesAtMs) {
        isolate = createIsolate(Math.floor(index / scenario.isolates), index % scenario.isolates)
        isolates[index] = isolate
      }
      served[window]?.add(isolate)
      const answer = isolate.serve()
      if (typeof answer === 'string') settle(answer, nowMs)
      else {
        engine.stir()
        answer.then(
          (late) => settle(late, nowMs),
          () => settle('error', nowMs),
        )
      }
    },
    START_MS + scenario.windows * windowMs + 60_000,
  )
  return {
    arrivals: asked,
    admitted,
    requests: arrivals.length,
    errors,
    waitedMs,
    kv: kv.counts,
    calls: Number(shared.get('calls') ?? 0),
    unhandled,
    served: served.map(({ size }) => size),
  }
}
