// Which bucket and region a host and path lead to, and what can be said of a host that S3 is not behind.
import { fault, type Finding, note, warning } from './finding.ts'
import { decode, type UrlParts } from './url.ts'

export interface Location {
  readonly store: string
  readonly style: 'virtual' | 'path' | 'unknown'
  readonly bucket: string | undefined
  readonly key: string
  /** Of the host; absent where it names none. */
  readonly region: string | undefined
}

const AWS =
  /^(?:(?<bucket>.+)\.)?s3(?<kind>-accelerate|-fips|-website)?(?:[.-]dualstack)?(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:(?<bucket>.+)\.)?[0-9a-f]{32}(?:\.(?:eu|fedramp))?\.r2\.cloudflarestorage\.com$/,
    'Cloudflare R2',
  ],
  [/^(?:(?<bucket>.+)\.)?s3\.(?<region>[\w-]+)\.backblazeb2\.com$/, 'Backblaze B2'],
  [/^(?:(?<bucket>.+)\.)?s3(?:\.(?<region>[\w-]+))?\.wasabisys\.com$/, 'Wasabi'],
  [/^(?:(?<bucket>.+)\.)?storage\.googleapis\.com$/, 'Google Cloud Storage'],
  [/^(?:(?<bucket>.+)\.)?(?<region>[\w-]+)\.digitaloceanspaces\.com$/, 'DigitalOcean Spaces'],
]

function splitPath(path: string): readonly [string | undefined, string] {
  const [, bucket, key = ''] = /^\/([^/]*)(?:\/([^]*))?$/.exec(path) ?? []
  return [bucket === '' ? undefined : bucket, key]
}

export function locate({ host, path }: UrlParts): Location {
  const named = [[AWS, 'AWS S3'] as const, ...OTHERS].flatMap(([pattern, store]) => {
    const match = pattern.exec(host)
    return match === null ? [] : [{ store, groups: match.groups ?? {} }]
  })[0]
  const region = named?.groups['region']
  const virtual = named?.groups['bucket']
  if (named !== undefined && virtual !== undefined)
    return {
      store: named.store,
      style: 'virtual',
      bucket: virtual,
      key: decode(path.slice(1)),
      region,
    }
  const [bucket, key] = splitPath(path)
  return {
    store: named?.store ?? 'a store that this host does not tell',
    style: named === undefined ? 'unknown' : 'path',
    bucket: bucket === undefined ? undefined : decode(bucket),
    key: decode(key),
    region,
  }
}

/** What the host makes of the scope's region; a signature holds for one region and one host. */
export function judgeHost(
  url: UrlParts,
  location: Location,
  region: string | undefined,
): Finding[] {
  const findings: Finding[] = []
  const isAws = location.store === 'AWS S3'
  if (url.host.endsWith('.cloudfront.net'))
    findings.push(
      fault(
        'cloudfront',
        'this is a CloudFront host: it takes its own signatures, and would pass another host on to S3',
      ),
    )
  else if (/(?:^|\.)s3-website[.-]/.test(url.host))
    findings.push(
      fault('website-host', 'website endpoints take no signatures: use the host of the REST API'),
    )
  else if (location.style === 'unknown')
    findings.push(
      note(
        'own-host',
        'the host is no store’s that is known here: the signature holds for exactly this host, so a proxy before the store must pass Host on as it is',
      ),
    )
  if (isAws && region !== undefined && location.region !== undefined && region !== location.region)
    findings.push(
      fault(
        'region-mismatch',
        `signed for the region ${region}, sent to ${location.region}: sign for the region of the bucket`,
      ),
    )
  if (
    isAws &&
    location.region === undefined &&
    region !== undefined &&
    region !== 'us-east-1' &&
    findings.length === 0
  )
    findings.push(
      warning(
        'host-without-region',
        'the host has no region: a new bucket redirects to its region’s host, for which the signature does not hold; sign for the host with the region',
      ),
    )
  if (
    isAws &&
    location.style === 'virtual' &&
    location.bucket?.includes('.') &&
    url.scheme === 'https'
  )
    findings.push(
      fault(
        'dotted-bucket',
        'a dot in the bucket’s name breaks the certificate of this host: use path style',
      ),
    )
  if (url.scheme === 'http' && (isAws || !/^(?:localhost|127\.|\[::1\])/.test(url.host)))
    findings.push(
      warning(
        'plain-http',
        'sent without TLS: whoever sees the request can use the URL; the scheme is not signed, so https works as well',
      ),
    )
  if (url.port !== '')
    findings.push(
      note(
        'port',
        'the port is part of the signed Host, unless it is the scheme’s own: a proxy or tunnel on another port breaks the signature',
      ),
    )
  return findings
}
