// Where `aws s3 presign` would send a request: the host of a bucket by region, endpoint and addressing.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
import { ok } from '../../core/result.ts'
import type { Bucket, Credentials } from '../../core/sign/bucket.ts'
import { capabilitiesOf, type Provider } from '../../core/sign/provider.ts'
import type { Profile } from '../aws/profile.ts'
import { UsageError } from '../frame/usage.ts'

export interface Place extends Omit<Profile, 'region'> {
  readonly bucket: string
  readonly region: string
  /** What is known of the store; without it all that S3 can do is signed as it is asked. */
  readonly provider: Provider | undefined
}

/** Partitions by the beginning of their regions' names; all others are the first one's. */
const SUFFIXES: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['us-iso-', 'c2s.ic.gov'],
  ['eu-isoe-', 'cloud.adc-e.uk'],
  ['us-isof-', 'csp.hci.ic.gov'],
  ['eusc-', 'amazonaws.eu'],
]

/** A name that may stand as one label before the host: a dot in it would break the wildcard certificate. */
const LABEL = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/
/** Where nothing can stand before the host. */
const ADDRESS = /^(?:[\d.]+|\[.*\])$/

/** A host without a region serves the regions of the first partition alone. */
const isWithoutGlobal = (region: string): boolean =>
  region.startsWith('us-gov-') || SUFFIXES.some(([start]) => region.startsWith(start))

function toAwsHost({ bucket, region, addressing, isRegional }: Place): string {
  const suffix = SUFFIXES.find(([start]) => region.startsWith(start))?.[1] ?? 'amazonaws.com'
  const isGlobal =
    !isWithoutGlobal(region) &&
    !isRegional &&
    // The AWS command line leaves the region out of the host, unless it is told how to address the bucket.
    (region === 'us-east-1' || (addressing === 'auto' && LABEL.test(bucket)))
  return isGlobal ? 's3.amazonaws.com' : `s3.${region}.${suffix}`
}

function parseEndpoint(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isPlain =
    url !== null && /^https?:$/.test(url.protocol) && url.search + url.hash + url.username === ''
  if (!isPlain || !/^[\w.~/-]*$/.test(url.pathname))
    throw new UsageError('--endpoint-url is an http or https URL without a query')
  return url
}

/** The bucket as the core signs for it. */
export function toBucket(place: Place, credentials: Credentials): Bucket {
  const { bucket: name, region, endpointUrl, addressing, provider } = place
  const endpoint = parseEndpoint(endpointUrl ?? `https://${toAwsHost(place)}`)
  const isVirtual =
    LABEL.test(name) &&
    !ADDRESS.test(endpoint.hostname) &&
    (endpointUrl === undefined ? addressing !== 'path' : addressing === 'virtual')
  const path = endpoint.pathname.replace(/\/+$/, '')
  return {
    alias: name,
    provider: provider ?? 'aws',
    name,
    region,
    origin: isVirtual ? `${endpoint.protocol}//${name}.${endpoint.host}` : endpoint.origin,
    basePath: isVirtual ? `${path}/` : `${path}/${name}/`,
    can: provider === undefined ? capabilitiesOf('aws', '') : capabilitiesOf(provider, path),
    credentials: { get: async () => ok(credentials) },
    disabled: false,
    namesSubject: false,
  }
}
