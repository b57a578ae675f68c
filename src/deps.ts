// Picks the concrete adapters for an environment, once per isolate; the only file that names them.
import { systemClock, systemRandom } from './adapters/clock.ts'
import { createRemoteKeySet } from './adapters/jwks.ts'
import { createEvents } from './adapters/events.ts'
import { createHoldSource } from './adapters/holds.ts'
import { createKvRevocations } from './adapters/kv-revocations.ts'
import { createLinks } from './adapters/links.ts'
import { createKvSlots } from './adapters/kv-slots.ts'
import { createLeaseSource } from './adapters/leases.ts'
import { consoleLog } from './adapters/log.ts'
import { createRepeats } from './adapters/repeats.ts'
import { createObjectStore } from './adapters/s3.ts'
import { createRoleCredentials } from './adapters/sts.ts'
import { createWebhooks } from './adapters/webhooks.ts'
import { type Config, parseConfig } from './config/config.ts'
import { withColoCounter } from './core/limit/colo.ts'
import { createGossip } from './core/limit/gossip.ts'
import { createKvLimiter } from './core/limit/kv-limiter.ts'
import { createLeaseLimiter } from './core/limit/lease.ts'
import { createLimiter } from './core/limit/limiter.ts'
import type { ColoCounter, LimitPolicy, Strategy } from './core/limit/policy.ts'
import { createByteQuotas } from './core/limit/quotas.ts'
import { err, ok } from './core/result.ts'
import { deriveHashKey, toKeyedHash } from './core/seal.ts'
import type { SigningKeys } from './core/sign/scope.ts'
import type { Deps, FoundDeps, Platform } from './http/env.ts'

const MAX_HASHES = 10_000

/** Keyed pseudonyms of names, remembered while memory allows. */
function createHash(key: CryptoKey): (name: string) => Promise<string> {
  const known = new Map<string, string>()
  return async (name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    const hash = await toKeyedHash(key, name)
    if (known.size >= MAX_HASHES) known.clear()
    known.set(name, hash)
    return hash
  }
}

async function createDeps(env: Env, config: Config): Promise<Deps> {
  const [sealingKey] = config.sealingKeys
  if (sealingKey === undefined) throw new Error('a parsed configuration has a sealing key')
  const signingKeys: SigningKeys = new WeakMap()
  const pseudonym = createHash(await deriveHashKey(sealingKey, 'log'))
  const hashLimited = createHash(await deriveHashKey(sealingKey, 'limit'))
  const store = createKvSlots(env.POSTERN_KV, systemClock)
  const gossip = createGossip(systemClock, systemRandom)
  const toStrategy = (policy: LimitPolicy): Strategy => {
    return policy.store === 'kv'
      ? createKvLimiter({
          clock: systemClock,
          random: systemRandom,
          store,
          gossip,
          policy,
          hashSubject: (name, subject) => hashLimited(`${name}\n${subject}`),
        })
      : createLeaseLimiter({
          clock: systemClock,
          random: systemRandom,
          source: createLeaseSource(env.COUNTERS, policy),
          policy,
        })
  }
  const bindings = new Map<string, unknown>(Object.entries(env))
  const guard = (strategy: Strategy): Strategy => {
    const { binding } = strategy.policy
    // parseConfig has seen that it is there and has a method `limit`.
    return binding === undefined
      ? strategy
      : withColoCounter(strategy, bindings.get(binding) as ColoCounter)
  }
  const ofUnit = (unit: LimitPolicy['unit']): readonly LimitPolicy[] =>
    config.limits.filter((policy) => policy.unit === unit)
  return {
    config,
    clock: systemClock,
    random: systemRandom,
    limiter: createLimiter(ofUnit('requests').map(toStrategy).map(guard)),
    quotas: createByteQuotas(ofUnit('bytes'), createHoldSource(env.COUNTERS), systemClock),
    revocations: createKvRevocations(env.POSTERN_KV, systemClock),
    links: createLinks(env.POSTERN_KV, env.LINKS, systemClock),
    store: createObjectStore(systemClock, signingKeys),
    repeats: createRepeats(env.COUNTERS, systemClock),
    signingKeys,
    webhooks: createWebhooks(env.WEBHOOKS, config.hasWebhook),
    // An optional binding, which the types of wrangler.toml do not know.
    events: createEvents((env as { POSTERN_EVENTS?: AnalyticsEngineDataset }).POSTERN_EVENTS),
    toPseudonym: (...names) => pseudonym(JSON.stringify(names)),
  }
}

/** One set of dependencies per environment object: workerd gives one per isolate, tests several. */
const known = new WeakMap<object, FoundDeps>()

async function findDeps(env: object): Promise<FoundDeps> {
  const config = await parseConfig(
    { ...env },
    (url, algorithms) =>
      createRemoteKeySet({
        url,
        algorithms,
        clock: systemClock,
        fetch: (request) => fetch(request),
        cache: () => caches.default,
        // The bindings of wrangler.toml, as below.
        kv: (env as Env).POSTERN_KV,
      }),
    (role) =>
      createRoleCredentials({ role, clock: systemClock, fetch: (url, init) => fetch(url, init) }),
  )
  // The bindings of wrangler.toml; their absence would be a fault of the deployment.
  const { WEBHOOKS } = env as Partial<Env>
  const deps = !config.ok
    ? config
    : config.value.hasWebhook && WEBHOOKS === undefined
      ? err([{ path: 'WEBHOOK', detail: 'needs the Durable Object binding WEBHOOKS' }])
      : ok(await createDeps(env as Env, config.value))
  known.set(env, deps)
  return deps
}

export const platform: Platform = {
  log: consoleLog,
  depsOf: (env) => known.get(env) ?? findDeps(env),
}
