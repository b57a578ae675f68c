// A second implementation of AWS Signature Version 4 in the query, written from the specification, to verify ours.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
import { createHash, createHmac } from 'node:crypto'

export interface PresignedRequest {
  readonly method: string
  readonly url: string
  /** Headers that the client sends beside Host. */
  readonly headers: Readonly<Record<string, string>>
}

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest()

/** Query pairs exactly as written, sorted by name, without the signature. */
function toCanonicalQuery(search: string): string {
  const pairs = search
    .slice(1)
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
  return pairs.toSorted((a, b) => (a < b ? -1 : 1)).join('&')
}

/** Whether the URL is signed for this request with this secret: the reason if it is not, else null. */
export function findSignatureFault(
  request: PresignedRequest,
  secretAccessKey: string,
): string | null {
  const [, origin = '', path = '', search = ''] =
    /^(https?:\/\/[^/]+)([^?]*)(\?.*)$/.exec(request.url) ?? []
  const query = new URLSearchParams(search)
  const names = (query.get('X-Amz-SignedHeaders') ?? '').split(';')
  const sent: ReadonlyMap<string, string> = new Map([
    ...Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const),
    ['host', origin.replace(/^https?:\/\//, '')],
  ])
  if (names.join() !== [...sent.keys()].toSorted().join())
    return 'signed headers are not those that are sent'
  const [, date = '', region = '', service = '', end = ''] = (
    query.get('X-Amz-Credential') ?? ''
  ).split('/')
  const amzDate = query.get('X-Amz-Date') ?? ''
  if (service !== 's3' || end !== 'aws4_request' || !amzDate.startsWith(date)) return 'wrong scope'
  const expires = Number(query.get('X-Amz-Expires'))
  if (!(expires >= 1 && expires <= 604_800)) return 'expiry out of range'
  const headers = names
    .map((name) => `${name}:${sent.get(name)?.trim().replace(/ +/g, ' ')}\n`)
    .join('')
  const canonical = [
    request.method,
    path,
    toCanonicalQuery(search),
    headers,
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ]
  const hash = createHash('sha256').update(canonical.join('\n')).digest('hex')
  const text = ['AWS4-HMAC-SHA256', amzDate, `${date}/${region}/s3/aws4_request`, hash].join('\n')
  const key = hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), 's3'), 'aws4_request')
  return hmac(key, text).toString('hex') === query.get('X-Amz-Signature')
    ? null
    : 'signature differs'
}
