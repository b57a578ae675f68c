// BUCKETS: from what stands in wrangler.toml to where each bucket is and with which credentials.
import type { Grant } from '../core/policy/grant.ts'
import { parseKeyPrefix } from '../core/policy/key.ts'
import type { Bucket } from '../core/sign/bucket.ts'
import { capabilitiesOf } from '../core/sign/provider.ts'
import { type BucketContext, toCredentials } from './credentials.ts'
import type { ConfigInput } from './schema.ts'
import { parseBaseUrl } from './urls.ts'

type BucketInput = ConfigInput['BUCKETS'][string]

function endpointOf(input: BucketInput): string | undefined {
  if (input.endpoint !== undefined) return input.endpoint
  if (input.provider === 'aws' && input.region !== undefined) {
    const suffix = input.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
    return `https://s3.${input.region}.${suffix}`
  }
  const isR2 = input.provider === 'r2' && input.account_id !== undefined
  return isR2 ? `https://${input.account_id}.r2.cloudflarestorage.com` : undefined
}

function toBucket(alias: string, input: BucketInput, context: BucketContext): Bucket | null {
  const path = `BUCKETS.${alias}`
  const { faults } = context
  const region = input.region ?? (input.provider === 'r2' ? 'auto' : undefined)
  if (region === undefined)
    faults.push({ path: `${path}.region`, detail: 'required for this provider' })
  if (input.account_id !== undefined && (input.provider !== 'r2' || input.endpoint !== undefined)) {
    faults.push({ path: `${path}.account_id`, detail: 'only for r2, and not beside an endpoint' })
  }
  const endpoint = parseBaseUrl(endpointOf(input) ?? '')
  if (endpoint === null) {
    const detail =
      input.endpoint === undefined
        ? 'required for this provider (aws needs a region, r2 an account_id)'
        : 'expected an https URL without query; http only for localhost'
    faults.push({ path: `${path}.endpoint`, detail })
  }
  const { provider } = input
  const place = { path: `${path}.credentials`, alias, provider, region: region ?? '', endpoint }
  const credentials = toCredentials(input.credentials, place, context)
  // A character that is written in several ways would be signed in one of them and read in another.
  if (endpoint !== null && !/^[\w.~/-]*$/.test(endpoint.pathname))
    faults.push({ path: `${path}.endpoint`, detail: 'a path of letters, digits and _ . ~ - only' })
  const staging = input.staging === undefined ? undefined : parseKeyPrefix(input.staging)
  if (staging?.ok === false)
    faults.push({ path: `${path}.staging`, detail: `the prefix ${staging.error}` })
  if (endpoint === null || region === undefined || credentials === null || staging?.ok === false)
    return null
  const endpointPath = endpoint.pathname.replace(/\/+$/, '')
  const can = capabilitiesOf(input.provider, endpointPath)
  if (input.log_subject && !can.logsParameters)
    faults.push({
      path: `${path}.log_subject`,
      detail: `not known to stand in the access log of ${provider}`,
    })
  // A dot in the name breaks the provider's wildcard certificate under virtual addressing.
  const addressing = input.addressing ?? (input.bucket.includes('.') ? 'path' : can.addressing)
  const isVirtual = addressing === 'virtual'
  const origin = isVirtual
    ? `${endpoint.protocol}//${input.bucket}.${endpoint.host}`
    : endpoint.origin
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
    const detail = 'is no part of a host name: a name in lower case, or addressing = "path"'
    faults.push({ path: `${path}.bucket`, detail })
    return null
  }
  return {
    alias,
    provider,
    name: input.bucket,
    region,
    origin,
    basePath: isVirtual ? `${endpointPath}/` : `${endpointPath}/${input.bucket}/`,
    can,
    credentials,
    disabled: input.disabled,
    namesSubject: input.log_subject,
    ...(staging !== undefined && { staging: staging.value }),
  }
}

export function toBuckets(
  input: ConfigInput['BUCKETS'],
  context: BucketContext,
): ReadonlyMap<string, Bucket> {
  const buckets = new Map<string, Bucket>()
  for (const [alias, entry] of Object.entries(input)) {
    const bucket = toBucket(alias, entry, context)
    if (bucket !== null) buckets.set(alias, bucket)
  }
  return buckets
}

/** Buckets that somebody may write to although nothing is known to keep `x-amz-copy-source` out of a signed PUT. */
export function findOpenToCopies(
  buckets: ReadonlyMap<string, Bucket>,
  grants: readonly Grant[],
): string[] {
  const isWritten = (alias: string): boolean =>
    grants.some(
      ({ bucket, allow }) => bucket === alias && (allow.has('upload') || allow.has('write')),
    )
  return [...buckets.values()]
    .filter(({ alias, can }) => can.unsignedHeaders === null && isWritten(alias))
    .map(
      ({ alias, provider }) =>
        `BUCKETS.${alias}: it is not known whether ${provider} refuses headers that are not signed; whoever may upload might copy whatever its keys can read, so give them keys for this bucket alone (docs/security.md)`,
    )
}
