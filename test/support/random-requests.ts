// Random requests to sign: any accepted key, any query, any header that an HTTP client can send, many places.
import * as fc from 'fast-check'
import { parseObjectKey } from '../../src/core/policy/key.ts'
import { EXAMPLE, type Place } from './permit.ts'
import type { SigningCase } from './signing-vectors.ts'

const TOKEN = 'FwoGZXIvYXdzEXAMPLE//////////wEaDH+7/x=tOkEn&with~more=='
const PLACES: readonly Place[] = [
  EXAMPLE,
  { ...EXAMPLE, sessionToken: TOKEN },
  { ...EXAMPLE, region: 'cn-north-1' },
  { ...EXAMPLE, region: 'eu-central-1', addressing: 'path', bucket: 'bucket.with.dots' },
  { ...EXAMPLE, endpoint: 'http://127.0.0.1:8000', addressing: 'path' },
  { ...EXAMPLE, endpoint: 'http://localhost:9000', secretAccessKey: '+/=!"#$%&()' },
  { ...EXAMPLE, endpoint: 'https://s3.example.com:8443', region: 'local', sessionToken: 't' },
  {
    ...EXAMPLE,
    endpoint: 'https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com',
    region: 'auto',
    addressing: 'path',
  },
  {
    ...EXAMPLE,
    endpoint: 'http://localhost:8787/cdn-cgi/local/r2/s3',
    region: 'auto',
    addressing: 'path',
  },
]

/** Texts that encoders get wrong, among others. */
const awkward = fc.constantFrom(
  '+',
  ' ',
  '%2F',
  '%2f',
  '%25',
  '%',
  '~',
  "'()!*",
  '&=?#',
  ';:@,$',
  '..a',
  '\u0301',
  '\ufeff',
  '\u2028',
  '🚀',
  'é',
)
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 40 }) },
  {
    weight: 2,
    arbitrary: fc.array(awkward, { maxLength: 6 }).map((parts) => parts.join('')),
  },
)
const key = fc
  .array(text, { minLength: 1, maxLength: 6 })
  .map((segments) => segments.join('/'))
  .filter((candidate) => parseObjectKey(candidate).ok)

const QUERY_NAMES = [
  'versionId',
  'partNumber',
  'uploadId',
  'response-content-type',
  'response-content-disposition',
  'response-cache-control',
  'response-content-language',
  'response-content-encoding',
  'response-expires',
  'x-id',
]
const HEADER_NAMES = [
  'content-type',
  'content-length',
  'content-md5',
  'content-disposition',
  'content-encoding',
  'content-language',
  'cache-control',
  'expires',
  'if-match',
  'if-none-match',
  'x-amz-acl',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-server-side-encryption',
  'x-amz-checksum-crc32',
  'x-amz-checksum-crc64nvme',
  'x-amz-checksum-sha256',
  'x-goog-if-generation-match',
]
const metadataName = fc.stringMatching(/^[a-z0-9][a-z0-9_.-]{0,15}$/)
const headerName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HEADER_NAMES) },
  { weight: 1, arbitrary: metadataName.map((name) => `x-amz-meta-${name}`) },
)
/** Visible ASCII with runs of spaces inside, as Trimall of the specification is about them. */
const headerValue = fc.stringMatching(/^[!-~](?:[ -~]{0,30}[!-~])?$/)

/** Sixty seconds of this century, among them its first and last: each new day costs both sides their key. */
const SECONDS = Array.from(
  { length: 60 },
  (_, at) => 946_684_800 + Math.round((at * 3_155_759_999) / 59),
)

export const randomRequest: fc.Arbitrary<SigningCase & { readonly key: string }> = fc
  .record({
    place: fc.constantFrom(...PLACES),
    method: fc.constantFrom('GET', 'HEAD', 'PUT', 'DELETE'),
    key,
    query: fc.dictionary(fc.constantFrom(...QUERY_NAMES), text, { maxKeys: 4 }),
    headers: fc.dictionary(headerName, headerValue, { maxKeys: 6 }),
    seconds: fc.constantFrom(...SECONDS),
    expiresIn: fc.integer({ min: 1, max: 604_800 }),
  })
  .map(({ place, seconds, ...rest }) => ({
    ...place,
    ...rest,
    name: 'random',
    datetime: new Date(seconds * 1000).toISOString().replace(/[:-]|\.000/g, ''),
  }))
