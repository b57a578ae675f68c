// The Worker under the bench of signing: signs as many URLs as it is asked to, by the signer that it is asked for.
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner'
import { AwsV4Signer } from 'aws4fetch'
import { Client } from 'minio'
import { encodeKey } from '../../src/core/sign/encode.ts'
import { signRead } from '../../src/core/sign/requests.ts'
import type { SigningKeys } from '../../src/core/sign/scope.ts'
import { EXAMPLE, keyOf, permitOf, policyOf } from '../../test/support/permit.ts'

const { accessKeyId, secretAccessKey, region, bucket } = EXAMPLE
const KEYS = Array.from(
  { length: 1000 },
  (_, at) => `users/alice/2026/holiday in Rome/IMG_${at}.jpg`,
)
const NOW = Date.parse('2026-11-25T10:15:30Z')
const DISPOSITION = { 'response-content-disposition': 'attachment' }
const ORIGIN = `https://${bucket}.s3.${region}.amazonaws.com`

const policy = await policyOf(EXAMPLE)
const permits = KEYS.map((key) =>
  permitOf(policy, { action: 'read', bucket: 'media', key: keyOf(key) }),
)
const query = new Map(Object.entries(DISPOSITION))
const keys: SigningKeys = new WeakMap()

async function signOurs(at: number, nowMs: number): Promise<string> {
  const permit = permits[at]
  if (permit === undefined) throw new Error('no permit')
  const signed = await signRead(permit, 'GET', query, 900, { keys, nowMs })
  if (!signed.ok) throw new Error(signed.error.reason)
  return signed.value.url
}

const cache = new Map<string, ArrayBuffer>()
const toSigner = (at: number): AwsV4Signer =>
  new AwsV4Signer({
    url: `${ORIGIN}/${encodeKey(KEYS[at] ?? '')}?response-content-disposition=attachment&X-Amz-Expires=900`,
    accessKeyId,
    secretAccessKey,
    service: 's3',
    region,
    cache,
    datetime: '20261125T101530Z',
    signQuery: true,
    allHeaders: true,
  })

// What any signer must do: one hash of the canonical request, one HMAC of the string to sign, its hex.
const encoder = new TextEncoder()
const canonical = encoder.encode(await toSigner(0).canonicalString())
const text = encoder.encode(await toSigner(0).stringToSign())
const hmac = { name: 'HMAC', hash: 'SHA-256' }
const hmacKey = await crypto.subtle.importKey('raw', canonical.slice(0, 32), hmac, false, ['sign'])
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const client = new S3Client({ region, credentials: { accessKeyId, secretAccessKey } })
const presigner = new S3RequestPresigner(client.config)
const signingDate = new Date(NOW)
const minio = new Client({
  endPoint: `s3.${region}.amazonaws.com`,
  region,
  accessKey: accessKeyId,
  secretKey: secretAccessKey,
})

let seconds = 0
const SIGNERS: { readonly [name: string]: (at: number) => Promise<string> } = {
  floor: async () => {
    await crypto.subtle.digest('SHA-256', canonical)
    let signature = ''
    for (const byte of new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, text)))
      signature += hex[byte]
    return signature
  },
  aws4fetch: async (at) => (await toSigner(at).sign()).url.href,
  batch: (at) => signOurs(at, NOW),
  // A second of its own for every URL: nothing but the day's key is shared.
  single: (at) => {
    seconds = (seconds + 1) % 36_000
    return signOurs(at, NOW + 1000 * seconds)
  },
  sdk: (at) => {
    const input = { Bucket: bucket, Key: KEYS[at] ?? '', ResponseContentDisposition: 'attachment' }
    return getSignedUrl(client, new GetObjectCommand(input), { expiresIn: 900, signingDate })
  },
  presigner: async (at) => {
    const request = {
      method: 'GET',
      protocol: 'https:',
      hostname: new URL(ORIGIN).hostname,
      path: `/${encodeKey(KEYS[at] ?? '')}`,
      query: DISPOSITION,
      headers: {},
    }
    const { query: signed } = await presigner.presign(request, { expiresIn: 900, signingDate })
    return `${ORIGIN}${request.path}?${new URLSearchParams(signed as Record<string, string>)}`
  },
  minio: (at) => minio.presignedGetObject(bucket, KEYS[at] ?? '', 900, DISPOSITION, signingDate),
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const signer = SIGNERS[searchParams.get('by') ?? '']
    const count = Number(searchParams.get('count'))
    if (signer === undefined) return new Response('no such signer', { status: 404 })
    let last = ''
    for (let at = 0; at < count; at += 1) last = await signer(at % KEYS.length)
    return new Response(last)
  },
}
