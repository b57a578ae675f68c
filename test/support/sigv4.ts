// A second implementation of AWS Signature Version 4 in the query, written from the specification, to verify ours.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { createHash, createHmac } from 'node:crypto'

export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Headers that the client sends beside Host. */
  readonly headers: Readonly<Record<string, string>>
}

/** What is signed, stage by stage, and the signature that it should have. */
export interface Stages {
  readonly canonicalRequest: string
  readonly stringToSign: string
  readonly signature: string
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** Query pairs exactly as written, sorted by name, without the signature. */
function toCanonicalQuery(search: string): string {
  const pairs = search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('='))
    .filter(([name]) => name !== 'X-Amz-Signature')
  const sorted = pairs.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))
  return sorted.map(([name, value = '']) => `${name}=${value}`).join('&')
}

/** Signs a text, which may be a string to sign or the base64 of a POST policy. */
export function toSignature(
  text: string,
  secretAccessKey: string,
  date: string,
  region: string,
): string {
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), 's3'), 'aws4_request')
  return hmac(key, text).toString('hex')
}

/** Only default ports of their scheme are left out of Host. */
const toHost = (origin: string): string =>
  origin.replace(/^(?:https:\/\/(.+):443|http:\/\/(.+):80|https?:\/\/(.+))$/, '$1$2$3')

/** How a store sees headers that are named in the signature and not sent: as no line, or as one without a value. */
export type Absence = 'skipped' | 'empty'

/** What stands in the signature beside what is sent may only be there to keep headers out. */
function findNamesFault(
  method: string,
  names: readonly string[],
  sent: ReadonlyMap<string, string>,
  absence: Absence | undefined,
): string | null {
  const unsigned = [...sent.keys()].filter((name) => !names.includes(name))
  const absent = names.filter((name) => !sent.has(name))
  if (unsigned.length > 0 || names.join() !== [...new Set(names)].toSorted().join())
    return 'signed headers are not those that are sent'
  if (absence === undefined)
    return absent.length === 0 ? null : 'signed headers are not those that are sent'
  if (!absent.every((name) => name.startsWith('x-amz-'))) return 'a header is signed and not sent'
  return method !== 'PUT' || absent.includes('x-amz-copy-source') ? null : 'the PUT could copy'
}

/** The stages of a pre-signed request, or why it cannot be one. */
export function toStages(
  request: PresignedRequest,
  secretAccessKey: string,
  absence?: Absence,
): Stages | { readonly fault: string } {
  const [, origin = '', path = '', search = ''] =
    /^(https?:\/\/[^/]+)([^?]*)(\?.*)$/.exec(request.url) ?? []
  const query = new URLSearchParams(search)
  const names = (query.get('X-Amz-SignedHeaders') ?? '').split(';')
  const sent: ReadonlyMap<string, string> = new Map([
    ...Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    ['host', toHost(origin)],
  ])
  const fault = findNamesFault(request.method, names, sent, absence)
  if (fault !== null) return { fault }
  // From the end, since an access key id may hold a slash.
  const [end, service, region = '', date = ''] = (query.get('X-Amz-Credential') ?? '')
    .split('/')
    .toReversed()
  const amzDate = query.get('X-Amz-Date') ?? ''
  if (service !== 's3' || end !== 'aws4_request' || !amzDate.startsWith(date))
    return { fault: 'wrong scope' }
  const expires = Number(query.get('X-Amz-Expires'))
  if (!(expires >= 1 && expires <= 604_800)) return { fault: 'expiry out of range' }
  const headers = names
    .filter((name) => absence !== 'skipped' || sent.has(name))
    .map((name) => `${name}:${(sent.get(name) ?? '').trim().replace(/ +/g, ' ')}\n`)
    .join('')
  const canonicalRequest = [
    request.method,
    path,
    toCanonicalQuery(search),
    headers,
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const hash = createHash('sha256').update(canonicalRequest).digest('hex')
  const scope = `${date}/${region}/s3/aws4_request`
  const stringToSign = ['AWS4-HMAC-SHA256', amzDate, scope, hash].join('\n')
  const signature = toSignature(stringToSign, secretAccessKey, date, region)
  return { canonicalRequest, stringToSign, signature }
}

/**
 * Whether the URL is signed for this request with this secret: the reason if it is not, else null. With `absence`, a
 * store that takes headers which nobody signed: a PUT must keep `x-amz-copy-source` out.
 */
export function findSignatureFault(
  request: PresignedRequest,
  secretAccessKey: string,
  absence?: Absence,
): string | null {
  const stages = toStages(request, secretAccessKey, absence)
  if ('fault' in stages) return stages.fault
  return stages.signature === new URL(request.url).searchParams.get('X-Amz-Signature')
    ? null
    : 'signature differs'
}
