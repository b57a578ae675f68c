// A bucket's credentials: from what stands in wrangler.toml to the source that gives them.
import type { IdentityKey } from '../core/identity/key.ts'
import { ok } from '../core/result.ts'
import type { Credentials } from '../core/sign/bucket.ts'
import type { Provider } from '../core/sign/provider.ts'
import type { Proof, Role } from '../core/sign/role.ts'
import type { CredentialSource } from '../ports.ts'
import { type ConfigFault, type RawEnv, readSecret } from './env.ts'
import type { ConfigInput } from './schema.ts'
import { parseBaseUrl } from './urls.ts'

/** Gives a role's temporary credentials, fetched when they are needed. */
export type AssumeRole = (role: Role) => CredentialSource

/** What all buckets share while they are read. */
export interface BucketContext {
  readonly env: RawEnv
  readonly faults: ConfigFault[]
  readonly warnings: string[]
  readonly publicUrl: string
  readonly identityKey: IdentityKey | undefined
  readonly assumeRole: AssumeRole
}

type CredentialsInput = ConfigInput['BUCKETS'][string]['credentials']
type RoleInput = Exclude<CredentialsInput, string | string[]>

/** The bucket whose credentials are read, as far as it is known: every fault is reported. */
export interface Place {
  readonly path: string
  readonly alias: string
  readonly provider: Provider
  readonly region: string
  readonly endpoint: URL | null
}

/** Providers that have no token service. https://developers.cloudflare.com/r2/api/tokens/ */
const WITHOUT_STS: ReadonlySet<Provider> = new Set(['r2', 'b2', 'gcs'])

function readPair({ env }: BucketContext, name: string): Credentials | ConfigFault['detail'][] {
  const details: string[] = []
  const read = (suffix: string): string => {
    const value = readSecret(env, `${name}_${suffix}`)
    const what = value === undefined ? 'is not set' : 'has white space or other than ASCII'
    if (value === undefined || !/^[\x21-\x7e]+$/.test(value))
      details.push(`secret ${name}_${suffix} ${what}`)
    return value ?? ''
  }
  const accessKeyId = read('ACCESS_KEY_ID')
  const secretAccessKey = read('SECRET_ACCESS_KEY')
  const sessionToken = readSecret(env, `${name}_SESSION_TOKEN`)
  if (details.length > 0) return details
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}

/** The first pair that is whole: while keys are rotated, the next one may be half set or not at all. */
function readKeys(context: BucketContext, names: readonly string[], path: string): Credentials {
  const details: string[] = []
  for (const name of names) {
    const pair = readPair(context, name)
    if (!Array.isArray(pair)) {
      context.warnings.push(...details.map((detail) => `${path}: ${detail}`))
      return pair
    }
    details.push(...pair)
  }
  context.faults.push(...details.map((detail) => ({ path, detail })))
  return { accessKeyId: '', secretAccessKey: '' }
}

function toStsEndpoint(input: RoleInput, { provider, region, endpoint }: Place): URL | null {
  if (input.endpoint !== undefined) return parseBaseUrl(input.endpoint)
  if (provider !== 'aws') return endpoint && new URL('/', endpoint)
  return new URL(`https://sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`)
}

function toProof(
  input: RoleInput,
  { path, alias, region }: Place,
  context: BucketContext,
): Proof | null {
  const { via, base, external_id: externalId } = input
  const { faults, publicUrl: issuer, identityKey: key } = context
  if (via === 'assume-role') {
    if (base === undefined)
      faults.push({ path: `${path}.base`, detail: 'required for assume-role' })
    else {
      const pair = readKeys(context, [base], `${path}.base`)
      return { via, base: pair, region, ...(externalId !== undefined && { externalId }) }
    }
    return null
  }
  for (const member of ['base', 'external_id'] as const) {
    if (input[member] !== undefined)
      faults.push({ path: `${path}.${member}`, detail: 'only for assume-role' })
  }
  if (key === undefined) {
    const detail = 'web-identity needs the secret POSTERN_SIGNING_KEY'
    faults.push({ path: `${path}.via`, detail })
    return null
  }
  return { via, key, issuer, subject: `bucket:${alias}`, audience: input.audience }
}

function toRole(input: RoleInput, place: Place, context: BucketContext): Role | null {
  const { path, alias, provider } = place
  const endpoint = toStsEndpoint(input, place)
  const hasNone = WITHOUT_STS.has(provider) && input.endpoint === undefined
  if (hasNone)
    context.faults.push({ path, detail: 'this provider has no token service: name two secrets' })
  else if (endpoint === null) {
    const detail = 'expected an https URL without query; http only for localhost'
    context.faults.push({ path: `${path}.endpoint`, detail })
  }
  const proof = toProof(input, place, context)
  if (proof === null || endpoint === null || hasNone) return null
  const { role_arn: roleArn, session: sessionSeconds } = input
  return {
    endpoint: endpoint.href,
    roleArn,
    // 2 to 64 characters: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    sessionName: `postern-${alias}`.slice(0, 64),
    sessionSeconds,
    proof,
  }
}

/** The source of a bucket's credentials; null when a fault stands in its way. */
export function toCredentials(
  input: CredentialsInput,
  place: Place,
  context: BucketContext,
): CredentialSource | null {
  if (typeof input === 'string' || Array.isArray(input)) {
    const credentials = ok(readKeys(context, [input].flat(), place.path))
    return { get: () => credentials }
  }
  const role = toRole(input, place, context)
  return role && context.assumeRole(role)
}
