// LIMITS: from what stands in wrangler.toml to policies that their store can really hold.
import { LIMITED_ACTIONS, type LimitPolicy } from '../core/limit/policy.ts'
import type { ConfigFault, RawEnv } from './env.ts'
import type { ConfigInput } from './schema.ts'

/** Below this a KV limit is mostly noise; ratelimit targets are stated for windows of one to two minutes. */
const KV_MIN_ALLOW = 20
const KV_EVERY_SECONDS = { min: 60, max: 120 }

function isCounter(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'limit' in value &&
    typeof value.limit === 'function'
  )
}

const DAY_SECONDS = 86_400

/** Bytes flow past the gateway: it knows those of uploads alone, and for days, since an upload may take some. */
function findQuotaFaults(
  { store, per, on, every, binding }: ConfigInput['LIMITS'][number],
  path: string,
): ConfigFault[] {
  const rules: readonly (readonly [boolean, string, string])[] = [
    [store === 'durable-object', 'store', 'bytes need "durable-object"'],
    [per === 'sub' || per === 'bucket', 'per', 'bytes are counted per sub or bucket'],
    [on?.every((action) => action === 'upload') ?? true, 'on', 'bytes are those of "upload" alone'],
    [every % DAY_SECONDS === 0, 'every', 'bytes are counted for whole days, such as "1d" or "30d"'],
    [binding === undefined, 'binding', 'a ratelimits binding counts no bytes'],
  ]
  return rules.flatMap(([holds, key, detail]) =>
    holds ? [] : [{ path: `${path}.${key}`, detail }],
  )
}

export function toLimits(
  inputs: ConfigInput['LIMITS'],
  paths: readonly string[],
  env: RawEnv,
  faults: ConfigFault[],
): readonly LimitPolicy[] {
  const names = new Set<string>()
  return inputs.map((input, index) => {
    const path = paths[index] ?? `LIMITS[${index}]`
    if (names.has(input.name)) faults.push({ path: `${path}.name`, detail: 'stands twice' })
    names.add(input.name)
    if (input.unit === 'bytes') faults.push(...findQuotaFaults(input, path))
    const isRough =
      input.allow < KV_MIN_ALLOW ||
      input.every < KV_EVERY_SECONDS.min ||
      input.every > KV_EVERY_SECONDS.max
    if (input.store === 'kv' && isRough && !input.approximate) {
      const detail =
        'KV cannot hold a limit under 20, or outside 1m…2m: use store = "durable-object", or admit approximate = true'
      faults.push({ path, detail })
    }
    const { binding } = input
    if (binding !== undefined && !isCounter(env[binding]))
      faults.push({ path: `${path}.binding`, detail: 'no ratelimits binding of this name' })
    return {
      ...(binding !== undefined && { binding }),
      name: input.name,
      per: input.per,
      allow: input.allow,
      everySeconds: input.every,
      unit: input.unit,
      on: input.on ?? (input.unit === 'bytes' ? ['upload'] : LIMITED_ACTIONS),
      store: input.store,
      preset: input.preset,
      onError: input.on_error,
    }
  })
}
