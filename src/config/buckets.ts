// BUCKETS: from what stands in wrangler.toml to where each bucket is and with which credentials.
import { ok } from '../core/result.ts'
import type { Bucket, Credentials } from '../core/sign/bucket.ts'
import { capabilitiesOf } from '../core/sign/provider.ts'
import { type ConfigFault, type RawEnv, readSecret } from './env.ts'
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

function readCredentials(
  env: RawEnv,
  name: string,
  path: string,
  faults: ConfigFault[],
): Credentials {
  const read = (suffix: string): string => {
    const value = readSecret(env, `${name}_${suffix}`)
    const detail = `secret ${name}_${suffix} ${value === undefined ? 'is not set' : 'has white space or other than ASCII'}`
    if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) faults.push({ path, detail })
    return value ?? ''
  }
  const accessKeyId = read('ACCESS_KEY_ID')
  const secretAccessKey = read('SECRET_ACCESS_KEY')
  const sessionToken = readSecret(env, `${name}_SESSION_TOKEN`)
  return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) }
}

function toBucket(
  alias: string,
  input: BucketInput,
  env: RawEnv,
  faults: ConfigFault[],
): Bucket | null {
  const path = `BUCKETS.${alias}`
  const credentials = readCredentials(env, input.credentials, `${path}.credentials`, faults)
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
  if (endpoint === null || region === undefined) return null
  const endpointPath = endpoint.pathname.replace(/\/+$/, '')
  const can = capabilitiesOf(input.provider, endpointPath)
  // A dot in the name breaks the provider's wildcard certificate under virtual addressing.
  const addressing = input.addressing ?? (input.bucket.includes('.') ? 'path' : can.addressing)
  const isVirtual = addressing === 'virtual'
  return {
    alias,
    provider: input.provider,
    name: input.bucket,
    region,
    origin: isVirtual ? `${endpoint.protocol}//${input.bucket}.${endpoint.host}` : endpoint.origin,
    basePath: isVirtual ? `${endpointPath}/` : `${endpointPath}/${input.bucket}/`,
    can,
    credentials: { get: async () => ok(credentials) },
    disabled: input.disabled,
  }
}

export function toBuckets(
  input: ConfigInput['BUCKETS'],
  env: RawEnv,
  faults: ConfigFault[],
): ReadonlyMap<string, Bucket> {
  const buckets = new Map<string, Bucket>()
  for (const [alias, entry] of Object.entries(input)) {
    const bucket = toBucket(alias, entry, env, faults)
    if (bucket !== null) buckets.set(alias, bucket)
  }
  return buckets
}
