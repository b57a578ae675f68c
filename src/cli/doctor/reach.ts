// Whether a bucket answers where it is configured, with its credentials, region and addressing, and with whose clock.
import { parseXml } from '../../adapters/xml.ts'
import type { Bucket } from '../../core/sign/bucket.ts'
import type { Answer } from '../presign/ask.ts'
import { describeAnswer, fault, type Finding, ok, skipped, warning } from './finding.ts'

/** S3 refuses requests from further away. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const MAX_SKEW_SECONDS = 15 * 60
const CLOSE_SECONDS = 60

/** `date` of S3's answer against the clock that signed the question. */
export function judgeClock(date: string | null, nowMs: number): Finding {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return skipped('clock', 'the store does not say what time it is')
  const seconds = Math.round((nowMs - at) / 1000)
  const away = Math.abs(seconds)
  const detail = `this machine is ${away} s ${seconds < 0 ? 'behind' : 'ahead of'} the store`
  if (away <= CLOSE_SECONDS) return ok('clock', detail)
  const remedy = 'set the clock of this machine by NTP; Workers have Cloudflare’s'
  return away > MAX_SKEW_SECONDS ? fault('clock', detail, remedy) : warning('clock', detail, remedy)
}

/** The region that a refusal names: in a header, or in the error document. */
export function findRegion({ headers, text }: Answer): string | undefined {
  const root = text === '' ? null : parseXml(text.trimStart())
  const named =
    headers.get('x-amz-bucket-region') ??
    root?.children.find(({ name }) => name === 'Region')?.text ??
    ''
  return /^[a-z0-9-]{1,40}$/.test(named) ? named : undefined
}

const REFUSED: { readonly [code: string]: (bucket: Bucket) => Finding } = {
  InvalidAccessKeyId: () =>
    fault(
      'credentials',
      'the store does not know the access key id',
      'set …_ACCESS_KEY_ID to a key of this store and account',
    ),
  SignatureDoesNotMatch: () =>
    fault(
      'credentials',
      'the secret access key is not that of the access key id',
      'set …_SECRET_ACCESS_KEY again, whole and without white space',
    ),
  ExpiredToken: () =>
    fault('credentials', 'the temporary credentials are over', 'set fresh ones, or use a role'),
  InvalidToken: () =>
    fault(
      'credentials',
      'the session token is not valid',
      'set …_SESSION_TOKEN beside the keys that it came with, or remove it',
    ),
  RequestTimeTooSkewed: () =>
    fault('clock', 'the store refuses this machine’s time', 'set its clock by NTP'),
  NoSuchBucket: () =>
    fault(
      'bucket',
      'the store has no bucket of this name',
      'correct `bucket`, `endpoint` or `account_id`, or make the bucket',
    ),
}

/** Where the credentials are good and a list is refused. */
function judgeDenied(isListGranted: boolean, prefix: string): Finding {
  if (!isListGranted) return ok('credentials', 'accepted; they may not list, which no grant needs')
  return fault(
    'credentials',
    `accepted, but they may not list below "${prefix}", and a grant allows list`,
    'give the keys s3:ListBucket there, or take "list" from the grant',
  )
}

/** `answer`: to a signed list below `prefix`. */
export function judgeReach(
  answer: Answer,
  bucket: Bucket,
  { prefix, isListGranted }: { readonly prefix: string; readonly isListGranted: boolean },
): Finding {
  const { status, code } = answer
  if (status === 0) {
    const detail = `${new URL(bucket.origin).host} gives no answer (${code})`
    return fault('endpoint', detail, 'correct `endpoint`, `region` or `addressing`')
  }
  if (status === 200) return ok('credentials', 'accepted')
  const region = findRegion(answer)
  const isElsewhere =
    status === 301 ||
    status === 307 ||
    (status === 400 && /^Authorization\w*(?:Malformed|Error)$/.test(code))
  if (isElsewhere && region !== undefined && region !== bucket.region)
    return fault('region', `the bucket is in ${region}`, `region = "${region}"`)
  if (isElsewhere)
    return fault(
      'region',
      `sent elsewhere (${describeAnswer(answer)})`,
      'correct `region`, and `endpoint` with it',
    )
  const known = Object.hasOwn(REFUSED, code) ? REFUSED[code] : undefined
  if (known !== undefined) return known(bucket)
  // R2 answers 401 for a key that it does not know.
  if (status === 401) return REFUSED['InvalidAccessKeyId']?.(bucket) ?? judgeDenied(true, prefix)
  if (code === 'AccessDenied') return judgeDenied(isListGranted, prefix)
  return fault(
    'endpoint',
    `the store answers ${describeAnswer(answer)}`,
    'look whether `endpoint` is an S3 API, and what its operator says',
  )
}

/** The same bucket with its name at the other place of the URL; null where no host can have it. */
export function toOtherAddressing(bucket: Bucket): Bucket | null {
  const { origin, basePath, name } = bucket
  const url = new URL(origin)
  if (!basePath.endsWith(`/${name}/`)) {
    const host = url.host.slice(name.length + 1)
    return {
      ...bucket,
      origin: `${url.protocol}//${host}`,
      basePath: `${basePath}${name}/`,
    }
  }
  const virtual = `${url.protocol}//${name}.${url.host}`
  if (!URL.canParse(virtual) || new URL(virtual).origin !== virtual) return null
  return { ...bucket, origin: virtual, basePath: basePath.slice(0, -name.length - 1) }
}

/** `other`: to the same question in the other style, asked where the configured one was refused. */
export function judgeAddressing(bucket: Bucket, other: Answer | null): Finding {
  const isPath = bucket.basePath.endsWith(`/${bucket.name}/`)
  const [mine, theirs] = isPath ? ['path', 'virtual'] : ['virtual', 'path']
  if (other === null) return ok('addressing', `${mine}: the store takes it`)
  if (other.status === 200)
    return fault(
      'addressing',
      `the bucket is not found in ${mine} style, but in ${theirs} style`,
      `addressing = "${theirs}"`,
    )
  return skipped('addressing', `neither style was taken (${describeAnswer(other)})`)
}
