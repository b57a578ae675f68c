// The AWS SDK for JavaScript as a second opinion: the URL that its presigner gives for one of our requests.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import type { Place } from './permit.ts'
import { type SigningCase, toMs } from './signing-vectors.ts'

const clients = new Map<string, S3Client>()

export function toClient(place: Place): S3Client {
  const { region, endpoint, addressing, accessKeyId, secretAccessKey, sessionToken } = place
  const credentials = {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
  }
  const name = JSON.stringify([region, endpoint, addressing, credentials])
  const client =
    clients.get(name) ??
    new S3Client({
      region,
      credentials,
      forcePathStyle: addressing === 'path',
      ...(endpoint !== undefined && { endpoint }),
      // Checksums are those that a request names: since 2025 the SDK adds a CRC32 of nothing by default.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
  clients.set(name, client)
  return client
}

/** A request on its way through the SDK's middleware, as far as it matters here. */
interface SdkRequest {
  method: string
  query: Record<string, string>
  headers: Record<string, string>
}

function toOptions({ headers, expiresIn, datetime }: SigningCase) {
  const names = new Set(Object.keys(headers))
  return {
    expiresIn,
    signingDate: new Date(toMs(datetime)),
    signableHeaders: new Set([...names, 'host']),
    unhoistableHeaders: new Set([...names, 'x-amz-content-sha256']),
    unsignableHeaders: new Set(['x-amz-content-sha256']),
  }
}

/**
 * The SDK finds host and path from place and key, encodes and signs; which method, query and headers it signs is
 * given, because its own choice differs by design (test/worker/signing-sdk.test.ts shows each difference): it adds
 * `x-id`, it leaves Content-Type and Cache-Control unsigned, and it hoists `x-amz-*` headers into the query, where
 * S3 ignores checksums. `X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`, which it would put into the query, says nothing.
 */
export function signWithSdk(vector: SigningCase): Promise<string> {
  const command = new PutObjectCommand({ Bucket: vector.bucket, Key: vector.key })
  command.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as SdkRequest
      request.method = vector.method
      request.query = { ...vector.query }
      request.headers = { ...vector.headers }
      return next(args)
    },
    { step: 'build', priority: 'low' },
  )
  return getSignedUrl(toClient(vector), command, toOptions(vector))
}

/** Percent-encoding byte by byte, from the specification's words (UriEncode). */
function toEncoded(text: string, isPath: boolean): string {
  const kept = isPath ? /[\w.~/-]/ : /[\w.~-]/
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte)
    if (kept.test(character)) return character
    return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')
}

interface Presigner {
  readonly base: URL
  readonly presigner: S3RequestPresigner
}
const presigners = new Map<string, Promise<Presigner>>()

async function createPresigner(place: Place): Promise<Presigner> {
  const command = new PutObjectCommand({ Bucket: place.bucket, Key: 'K' })
  const url = await getSignedUrl(toClient(place), command)
  const base = new URL(url.slice(0, url.indexOf('K?')))
  return { base, presigner: new S3RequestPresigner(toClient(place).config) }
}

/** Where the SDK puts a bucket, asked once for each place, and who signs there. */
function presignerOf(place: Place): Promise<Presigner> {
  const { bucket, region, endpoint, addressing, secretAccessKey, sessionToken } = place
  const name = [bucket, region, endpoint, addressing, secretAccessKey, sessionToken].join(' ')
  const presigner = presigners.get(name) ?? createPresigner(place)
  presigners.set(name, presigner)
  return presigner
}

/**
 * The same from the SDK's presigner alone, without the middleware of its client, which costs ten times as much;
 * path and query are encoded here, byte by byte, and once more by the SDK when it signs.
 */
export async function signWithPresigner(vector: SigningCase & { readonly key: string }) {
  const { base, presigner } = await presignerOf(vector)
  const request = {
    method: vector.method,
    protocol: base.protocol,
    hostname: base.hostname,
    ...(base.port !== '' && { port: Number(base.port) }),
    path: base.pathname + toEncoded(vector.key, true),
    query: { ...vector.query },
    headers: { ...vector.headers },
  }
  const { query } = await presigner.presign(request, toOptions(vector))
  const pairs = Object.entries(query ?? {}).map(
    ([name, value]) => `${toEncoded(name, false)}=${toEncoded(String(value), false)}`,
  )
  return `${base.origin}${request.path}?${pairs.join('&')}`
}
