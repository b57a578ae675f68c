// Who competes: the shipped limiter, plain read-modify-write on KV, the store of a known library, a fixed split.
import { withColoCounter } from '../../src/core/limit/colo.ts'
import { createKvLimiter } from '../../src/core/limit/kv-limiter.ts'
import { createLeaseLimiter } from '../../src/core/limit/lease.ts'
import { createLeaseLedger, type LeaseLedger } from '../../src/core/limit/lease-ledger.ts'
import type { Decision, LimitPolicy, SlotStore, Strategy } from '../../src/core/limit/policy.ts'
import { createMemoryRows } from '../../src/core/limit/rows.ts'
import type { Random } from '../../src/ports.ts'
import { logNormal } from './random.ts'
import type { Scenario } from './scenario.ts'
import type { Answer, Contender, World } from './simulate.ts'

export function toPolicy(scenario: Scenario): LimitPolicy {
  return {
    name: 'bench',
    per: 'sub',
    allow: scenario.allow,
    everySeconds: scenario.everySeconds,
    unit: 'requests',
    on: ['read'],
    store: 'kv',
    preset: scenario.preset,
    onError: 'allow',
  }
}

function toRandom({ random }: World): Random {
  return { bytes: (length) => Uint8Array.from({ length }, () => Math.floor(random() * 256)) }
}

const toAnswer = ({ ok }: Decision): Answer => (ok ? 'admitted' : 'refused')

/** Any Strategy of src/core/limit as a contender. */
export function fromStrategy(create: (world: World) => Strategy): Contender {
  return (world) => {
    const strategy = create(world)
    const ctx = { waitUntil: world.waitUntil, colo: `C${world.location}` }
    return () => {
      const decision = strategy.check('alice', 1, ctx)
      return 'then' in decision ? decision.then(toAnswer) : toAnswer(decision)
    }
  }
}

/** Median round trips to an object that is near, on the same continent, or far. */
const TRIP_MS = [8, 35, 140] as const

/** The Durable Object's leases, as they ship; the object is in the first region. */
export const lease = fromStrategy((world) => {
  const { engine, random, scenario, shared } = world
  const known = shared.get('ledger') as LeaseLedger | undefined
  const ledger = known ?? createLeaseLedger(createMemoryRows())
  shared.set('ledger', ledger)
  const median = TRIP_MS[world.region] ?? 140
  return createLeaseLimiter({
    clock: { now: engine.now, wait: world.wait },
    random: toRandom(world),
    policy: { ...toPolicy(scenario), store: 'durable-object' },
    source: {
      async ask(_, ask) {
        shared.set('calls', Number(shared.get('calls') ?? 0) + 1)
        const tripMs = logNormal(random, median, 3 * median)
        await engine.wait(tripMs / 2)
        const reply = ledger.ask(ask, engine.now())
        await engine.wait(tripMs / 2)
        return reply
      },
    },
  })
})

/** What ships. */
export const gossip = fromStrategy((world) => {
  const { kv, engine, scenario, colo } = world
  const strategy = createKvLimiter({
    clock: { now: engine.now, wait: world.wait },
    random: toRandom(world),
    store: {
      put: (key, meta) => kv.put(world, key, meta),
      // The model gives back what this limiter wrote.
      list: (prefix) => kv.list(world, prefix) as ReturnType<SlotStore['list']>,
    },
    policy: toPolicy(scenario),
    hashSubject: async (_, subject) => subject,
  })
  return scenario.binding ? withColoCounter(strategy, colo) : strategy
})
interface Hits {
  readonly hits: number
  readonly untilMs: number
}

/** A counter in one key, read and written back; the write goes on after the answer and its failure is ignored. */
export const plain: Contender = (world) => async () => {
  const { kv, engine, scenario } = world
  const windowMs = scenario.everySeconds * 1000
  const key = `rl/plain/alice/${Math.floor(engine.now() / windowMs)}`
  try {
    const hits = Number((await kv.get(world, key, 60_000)) ?? 0)
    if (hits >= scenario.allow) return 'refused'
    world.waitUntil(kv.put(world, key, hits + 1).catch(() => undefined))
    return 'admitted'
  } catch {
    return 'admitted'
  }
}

/**
 * The logic of the store of @hono-rate-limiter/cloudflare in our own words: hits and the end of the window stand in
 * one key; every request reads it and writes it back before it is decided; what fails is an exception, a 500.
 */
export const library: Contender = (world) => async () => {
  const { kv, engine, scenario } = world
  const nowMs = engine.now()
  const stored = (await kv.get(world, 'rl/library/alice', 60_000)) as Hits | null
  const isOver = stored === null || stored.untilMs <= nowMs
  const hits = isOver ? 1 : stored.hits + 1
  const untilMs = isOver ? nowMs + scenario.everySeconds * 1000 : stored.untilMs
  await kv.put(world, 'rl/library/alice', { hits, untilMs })
  return hits > scenario.allow ? 'refused' : 'admitted'
}

/** Every isolate has its fixed part of the limit and knows nothing of the others. */
export const split: Contender = ({ engine, scenario }) => {
  const part = scenario.allow / (10 * scenario.isolates)
  let [window, used] = [0, 0]
  return () => {
    const current = Math.floor(engine.now() / (scenario.everySeconds * 1000))
    if (current !== window) [window, used] = [current, 0]
    used += 1
    return used <= part ? 'admitted' : 'refused'
  }
}
