// The configuration as `postern doctor` sees it: all faults by path, variables near the cap, secrets, bindings.
import { type Config } from '../../config/config.ts'
import type { AssumeRole } from '../../config/credentials.ts'
import { type ConfigFault, findNearCap } from '../../config/env.ts'
import { configSchema } from '../../config/schema.ts'
import type { Result } from '../../core/result.ts'
import { parseSettings } from '../settings.ts'
import type { WranglerConfig } from '../wrangler.ts'
import { fault, type Finding, ok, warning } from './finding.ts'
import { judgeSecrets, type Secrets, toMissing } from './secrets.ts'

export interface Settings {
  readonly findings: readonly Finding[]
  /** Null when its shape is wrong: no bucket is then known. */
  readonly config: Config | null
  /** Aliases of buckets whose keys are not here. */
  readonly keyless: ReadonlySet<string>
}

/** What the Worker's code asks of `wrangler.toml` beside [vars]. */
export interface Bindings {
  readonly kv_namespaces: readonly { readonly binding: string }[]
  readonly durable_objects: {
    readonly bindings: readonly {
      readonly name: string
      readonly class_name: string
      readonly script_name?: string | undefined
    }[]
  }
  readonly migrations: readonly { readonly new_sqlite_classes?: readonly string[] | undefined }[]
  readonly assets?:
    { readonly binding?: string | undefined; readonly run_worker_first?: unknown } | undefined
  readonly compatibility_date?: string | undefined
}

export function judgeConfiguration(faults: readonly ConfigFault[]): readonly Finding[] {
  if (faults.length === 0) return [ok('configuration', 'no faults')]
  return faults.map(({ path, detail }) =>
    fault('configuration', `${path}: ${detail}`, 'correct it: docs/configuration.md'),
  )
}

export function judgeVariables(vars: WranglerConfig['vars']): readonly Finding[] {
  const near = findNearCap(vars, new Set(Object.keys(configSchema.entries)))
  if (near.length === 0) return [ok('variables', 'none is near the 5 KB that Cloudflare allows')]
  return near.map((detail) =>
    warning('variables', detail, 'split the list before a deployment is refused'),
  )
}

const OBJECTS = ['COUNTERS', 'LINKS', 'WEBHOOKS'] as const
/** Since then `%2B` in a path stays as it is; before, a key with a plus would be another key. */
const MIN_DATE = '2022-10-31'

function listMissing({ kv_namespaces, durable_objects, migrations, assets }: Bindings): string[] {
  const made = new Set(migrations.flatMap(({ new_sqlite_classes: names = [] }) => names))
  const objects = OBJECTS.flatMap((name) => {
    const found = durable_objects.bindings.find((binding) => binding.name === name)
    if (found === undefined) return [name]
    // Of another script: that one makes it.
    return found.script_name !== undefined || made.has(found.class_name)
      ? []
      : [`a migration with new_sqlite_classes = ["${found.class_name}"]`]
  })
  return [
    ...(kv_namespaces.some(({ binding }) => binding === 'POSTERN_KV') ? [] : ['POSTERN_KV']),
    ...objects,
    ...(assets?.binding === 'ASSETS' ? [] : ['assets as ASSETS']),
  ]
}

/** Bindings, migrations and assets, as wrangler.toml of the project has them. */
export function judgeBindings(bindings: Bindings): readonly Finding[] {
  const remedy = 'take it over from the wrangler.toml of postern or examples/own-worker'
  const missing = listMissing(bindings)
  const findings = [
    missing.length === 0
      ? ok('bindings', 'all are there')
      : fault('bindings', `missing: ${missing.join(', ')}`, remedy),
  ]
  if (bindings.assets !== undefined && bindings.assets.run_worker_first !== true) {
    const detail = 'assets are answered before the Worker runs, without its headers'
    findings.push(fault('assets', detail, 'run_worker_first = true below [assets]'))
  }
  const date = bindings.compatibility_date
  if (date === undefined || date < MIN_DATE) {
    const detail = 'none, or so early that + in keys is read as a space'
    findings.push(fault('compatibility_date', detail, 'compatibility_date = "2026-10-01"'))
  }
  return findings
}

const random = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(48))).toString('base64')

/** So that a missing secret hides nothing else: bytes for this run, which sign and seal nothing that leaves it. */
function toStandIn(name: string): string {
  if (name === 'WEBHOOK_SECRET') return `whsec_${random()}`
  return random().replaceAll('+', '-').replaceAll('/', '_')
}

export async function checkSettings(
  read: WranglerConfig,
  secrets: Secrets,
  assumeRole: AssumeRole,
): Promise<Settings> {
  const first = await parseSettings(read, secrets, assumeRole)
  const faults = first.ok ? [] : first.error
  const missing = faults.flatMap((one) => toMissing(one, secrets) ?? [])
  const standIns = Object.fromEntries(missing.map((name) => [name, toStandIn(name)]))
  const second: Result<Config, readonly ConfigFault[]> =
    missing.length === 0
      ? first
      : await parseSettings(read, { ...secrets, ...standIns }, assumeRole)
  const keyless = faults
    .filter((one) => toMissing(one, secrets) !== null)
    .flatMap(({ path }) => /^BUCKETS\.([^.]+)\.credentials/.exec(path)?.[1] ?? [])
  return {
    findings: [
      ...judgeConfiguration(second.ok ? [] : second.error),
      ...judgeVariables(read.vars),
      judgeSecrets([...new Set(missing)]),
      ...judgeBindings(read),
    ],
    config: second.ok ? second.value : null,
    keyless: new Set(keyless),
  }
}
