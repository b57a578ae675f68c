// Reads the raw environment of a Worker: variables, lists split over several of them, secrets.
import { toBytes } from '../core/bytes.ts'

/** A fault of the configuration: where it is, such as `GRANTS[2].prefix`, and what is wrong. */
export interface ConfigFault {
  readonly path: string
  readonly detail: string
}

export type RawEnv = { readonly [name: string]: unknown }

/** Cloudflare caps a variable at 5 KB; from this size on the operator is told. */
const NEAR_CAP_BYTES = 4608

/** A list gathered from NAME, NAME_1, NAME_2 …, with where each entry stands. */
export interface SplitList {
  readonly entries: readonly unknown[]
  readonly paths: readonly string[]
}

/** Names of NAME, NAME_1, NAME_2 … that are set, in order of their numbers. */
function partsOf(env: RawEnv, name: string): string[] {
  const numbered = Object.keys(env).flatMap((key) => {
    const match = key.startsWith(`${name}_`)
      ? /^[1-9]\d{0,3}$/.exec(key.slice(name.length + 1))
      : null
    return match === null ? [] : [{ key, number: Number(match[0]) }]
  })
  const parts = numbered.toSorted((a, b) => a.number - b.number).map(({ key }) => key)
  return Object.hasOwn(env, name) ? [name, ...parts] : parts
}

/** Concatenates a list variable and its numbered parts; undefined when none is set. */
export function gatherList(
  env: RawEnv,
  name: string,
  faults: ConfigFault[],
): SplitList | undefined {
  const parts = partsOf(env, name)
  if (parts.length === 0) return undefined
  const entries: unknown[] = []
  const paths: string[] = []
  for (const part of parts) {
    const value = env[part]
    if (!Array.isArray(value)) {
      faults.push({ path: part, detail: 'expected a list' })
      continue
    }
    value.forEach((entry, index) => {
      entries.push(entry)
      paths.push(`${part}[${index}]`)
    })
  }
  return { entries, paths }
}

/** A secret's text; undefined when it is not set. */
export function readSecret(env: RawEnv, name: string): string | undefined {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Variables that no configuration has, texts apart, which may be secrets: a misspelt rule must not mean no rule. */
export function findUnknownVariables(
  env: RawEnv,
  known: ReadonlySet<string>,
  lists: readonly string[],
): ConfigFault[] {
  return Object.entries(env).flatMap(([name, value]) => {
    const isPlain =
      Array.isArray(value) ||
      typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'object' &&
        value !== null &&
        Object.getPrototypeOf(value) === Object.prototype)
    // Only lists are read in parts.
    const isKnown = known.has(name) || lists.includes(name.replace(/_[1-9]\d{0,3}$/, ''))
    return isPlain && !isKnown ? [{ path: name, detail: 'unknown variable' }] : []
  })
}

/** Variables close to the size at which Cloudflare refuses them; splitting the list is the cure. */
export function findNearCap(env: RawEnv, known: ReadonlySet<string>): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!known.has(name.replace(/_[1-9]\d{0,3}$/, ''))) return []
    const bytes = toBytes(JSON.stringify(value)).length
    return bytes < NEAR_CAP_BYTES
      ? []
      : [`${name} has ${bytes} of at most 5120 bytes; split it over ${name}_1, ${name}_2 …`]
  })
}
