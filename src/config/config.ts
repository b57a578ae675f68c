// The configuration: a Worker's environment parsed once to one frozen typed value, or all its faults.
import * as v from 'valibot'
import type { LimitPolicy } from '../core/limit/policy.ts'
import type { Policy } from '../core/policy/decide.ts'
import { type IdentityKey, parseIdentityKey } from '../core/identity/key.ts'
import { createGrants } from '../core/policy/grants.ts'
import { err, ok, type Result } from '../core/result.ts'
import { createSealingKey, parsePosternKey, type SealingKey } from '../core/seal.ts'
import type { Issuer } from '../core/token/issuer.ts'
import { findOpenToCopies, toBuckets } from './buckets.ts'
import type { AssumeRole } from './credentials.ts'
import {
  type ConfigFault,
  findNearCap,
  findUnknownVariables,
  gatherList,
  type RawEnv,
  readSecret,
} from './env.ts'
import { toGrants } from './grants.ts'
import { type FetchKeys, toIssuers } from './issuers.ts'
import { toLimits } from './limits.ts'
import { configSchema } from './schema.ts'
import { toWebhook } from './webhook.ts'
import { type Place, toUppyPlace } from './uppy.ts'
import { isExactOrigin, parseBaseUrl } from './urls.ts'

export interface Config {
  /** Without a trailing slash. */
  readonly publicUrl: string
  readonly origins: ReadonlySet<string>
  readonly issuers: ReadonlyMap<string, Issuer>
  readonly policy: Policy
  readonly limits: readonly LimitPolicy[]
  /** Where Uppy's uploads go; absent without them. */
  readonly uppy?: Place
  /** Name of the session cookie; absent without cookie sessions. */
  readonly cookie?: string
  readonly hasWebhook: boolean
  readonly audit: { readonly keys: 'plain' | 'hmac' }
  /** POSTERN_KEY, then POSTERN_KEY_PREVIOUS during a rotation. */
  readonly sealingKeys: readonly SealingKey[]
  /** POSTERN_SIGNING_KEY, then POSTERN_SIGNING_KEY_PREVIOUS, which is published but signs no more. */
  readonly identityKeys: readonly IdentityKey[]
  /** Not faults, but the operator should know. */
  readonly warnings: readonly string[]
}

const LISTS = ['ORIGINS', 'ISSUERS', 'GRANTS', 'LIMITS'] as const
const KNOWN: ReadonlySet<string> = new Set(Object.keys(configSchema.entries))

/** `GRANTS[2].prefix` from a path of member names and positions. */
function toPath(
  steps: readonly PropertyKey[],
  listPaths: ReadonlyMap<string, readonly string[]>,
): string {
  const [first, second, ...rest] = steps
  const entry = typeof second === 'number' ? listPaths.get(String(first))?.[second] : undefined
  const start = entry ?? String(first)
  const others = entry === undefined && second !== undefined ? [second, ...rest] : rest
  return others.reduce<string>(
    (path, step) => path + (typeof step === 'number' ? `[${step}]` : `.${String(step)}`),
    start,
  )
}

function toDetail(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object') return issue.expected === 'never' ? 'unknown key' : 'required'
  // valibot's own texts repeat the input, which may be a secret in the wrong place.
  return issue.message.startsWith('Invalid ')
    ? `expected ${issue.expected ?? 'another value'}`
    : issue.message
}

async function readSealingKeys(env: RawEnv, faults: ConfigFault[]): Promise<SealingKey[]> {
  const keys: SealingKey[] = []
  for (const name of ['POSTERN_KEY', 'POSTERN_KEY_PREVIOUS']) {
    const text = readSecret(env, name)
    if (text === undefined && name === 'POSTERN_KEY_PREVIOUS') continue
    const bytes = text === undefined ? null : parsePosternKey(text)
    if (bytes === null) {
      const detail =
        text === undefined ? 'secret is not set' : 'expected at least 32 bytes as base64url'
      faults.push({ path: name, detail })
    } else keys.push(await createSealingKey(bytes))
  }
  return keys
}

async function readIdentityKeys(env: RawEnv, faults: ConfigFault[]): Promise<IdentityKey[]> {
  const keys: IdentityKey[] = []
  for (const name of ['POSTERN_SIGNING_KEY', 'POSTERN_SIGNING_KEY_PREVIOUS']) {
    const text = readSecret(env, name)
    if (text === undefined) continue
    const key = await parseIdentityKey(text)
    if (key === null) faults.push({ path: name, detail: 'expected an ES256 private JWK' })
    else if (keys.some(({ kid }) => kid === key.kid))
      faults.push({ path: name, detail: 'has the kid of the other key' })
    else keys.push(key)
  }
  return keys
}

/** Reads the variables against the schema, with split lists joined; null when their shape is wrong. */
function parseShape(env: RawEnv, faults: ConfigFault[]) {
  const input: Record<string, unknown> = {}
  const paths = new Map<string, readonly string[]>()
  for (const name of KNOWN) if (Object.hasOwn(env, name)) input[name] = env[name]
  for (const name of LISTS) {
    const list = gatherList(env, name, faults)
    if (list === undefined) continue
    input[name] = list.entries
    paths.set(name, list.paths)
  }
  const parsed = v.safeParse(configSchema, input)
  for (const issue of parsed.issues ?? []) {
    faults.push({
      path: toPath(issue.path?.map((step) => step.key as PropertyKey) ?? [], paths),
      detail: toDetail(issue),
    })
  }
  return parsed.success
    ? { value: parsed.output, paths: (name: (typeof LISTS)[number]) => paths.get(name) ?? [] }
    : null
}

/** Parses everything and reports every fault that it can see, each with its path. */
export async function parseConfig(
  env: RawEnv,
  fetchKeys: FetchKeys,
  assumeRole: AssumeRole,
): Promise<Result<Config, readonly ConfigFault[]>> {
  const faults: ConfigFault[] = [...findUnknownVariables(env, KNOWN, LISTS)]
  const shape = parseShape(env, faults)
  const sealingKeys = await readSealingKeys(env, faults)
  const identityKeys = await readIdentityKeys(env, faults)
  if (shape === null) return err(faults)
  const { value, paths } = shape
  const publicUrl = parseBaseUrl(value.PUBLIC_URL)
  if (publicUrl === null || publicUrl.pathname !== '/') {
    faults.push({
      path: 'PUBLIC_URL',
      detail: 'expected an https URL without a path; http only for localhost',
    })
  }
  for (const [index, origin] of value.ORIGINS.entries()) {
    if (!isExactOrigin(origin)) {
      faults.push({
        path: paths('ORIGINS')[index] ?? 'ORIGINS',
        detail: 'expected an exact https origin such as "https://app.example.com"',
      })
    }
  }
  const issuers = await toIssuers(value.ISSUERS, paths('ISSUERS'), env, faults, fetchKeys)
  if (identityKeys.length > 0 && issuers.has(publicUrl?.origin ?? '')) {
    // What the gateway signs itself must never be taken for a session (RFC 8725 §3.8).
    faults.push({
      path: 'ISSUERS',
      detail: 'one of them is PUBLIC_URL, which the gateway signs as',
    })
  }
  const warnings = findNearCap(env, KNOWN)
  const buckets = toBuckets(value.BUCKETS, {
    env,
    faults,
    warnings,
    publicUrl: publicUrl?.origin ?? '',
    identityKey: identityKeys[0],
    assumeRole,
  })
  const known = {
    buckets: new Set(Object.keys(value.BUCKETS)),
    issuers: value.ISSUERS.map(({ issuer }) => issuer),
  }
  const grants = toGrants(value.GRANTS, paths('GRANTS'), known, faults)
  warnings.push(...findOpenToCopies(buckets, grants))
  const hasWebhook = toWebhook(value.WEBHOOK, env, faults)
  const limits = toLimits(value.LIMITS, paths('LIMITS'), env, faults)
  const uppy = value.UPPY && toUppyPlace(value.UPPY, known.buckets, faults)
  if (faults.length > 0 || publicUrl === null) return err(faults)
  return ok(
    Object.freeze({
      publicUrl: publicUrl.origin,
      origins: new Set(value.ORIGINS),
      issuers,
      policy: {
        buckets,
        grants: createGrants(grants, (alias) => buckets.get(alias)?.can.foldsToNfc ?? false),
      },
      limits,
      ...(uppy !== undefined && { uppy }),
      ...(value.SESSION !== undefined && { cookie: value.SESSION.cookie }),
      hasWebhook,
      audit: value.AUDIT,
      sealingKeys,
      identityKeys,
      warnings,
    }),
  )
}
