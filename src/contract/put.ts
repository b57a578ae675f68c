// What a caller may ask of an object that is written: metadata, tags, headers, storage class, encryption.
import * as v from 'valibot'
import { dispositionText, headerText } from './common.ts'

/** S3 takes 2 KB of names and values (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html). */
const MAX_METADATA_BYTES = 2048
const MAX_TAGS = 10

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

/** Any text without control characters: what is not ASCII travels as encoded words (RFC 2047). */
const metadataValue = v.pipe(
  v.string('expected text'),
  v.check(
    (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
    'expected text without control characters',
  ),
)

export const metadata = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      // A header name (RFC 9110 §5.6.2), in one case so that no two of them are one; our own are not the caller's,
      // nor what makes a store act: with "snowball-auto-extract" MinIO unpacks an archive to any keys of the bucket.
      v.regex(
        /^(?!postern-|snowball-|minio-)[a-z0-9][a-z0-9_.-]{0,127}$/,
        'expected a name of a-z 0-9 _ . - that does not begin with "postern-", "snowball-" or "minio-"',
      ),
    ),
    metadataValue,
  ),
  v.check(
    (entries) =>
      Object.entries(entries).reduce(
        (sum, [name, value]) => sum + byteLength(name) + byteLength(value),
        0,
      ) <= MAX_METADATA_BYTES,
    'expected at most 2048 bytes of names and values',
  ),
)

const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

function areTags(pairs: readonly (readonly [string, string])[]): boolean {
  return (
    pairs.length <= MAX_TAGS &&
    new Set(pairs.map(([key]) => key)).size === pairs.length &&
    pairs.every(
      ([key, value]) =>
        key !== '' && key.length <= 128 && value.length <= 256 && TAG.test(key) && TAG.test(value),
    )
  )
}

const TAGS = 'expected at most 10 tags of letters, digits, spaces and _ . : / = + - @'

/** Tags as an object, or as the query string that SDKs take: `team=web&kind=photo`. */
export const tagging = v.pipe(
  v.union([v.string(), v.record(v.string(), v.string())], TAGS),
  v.check(
    (tags) =>
      areTags(typeof tags === 'string' ? [...new URLSearchParams(tags)] : Object.entries(tags)),
    TAGS,
  ),
)
export type Tagging = v.InferOutput<typeof tagging>

/** Its pairs, from either form. */
export function toTags(tags: Tagging): ReadonlyMap<string, string> {
  return new Map(typeof tags === 'string' ? new URLSearchParams(tags) : Object.entries(tags))
}

export const putOptions = {
  metadata: v.optional(metadata),
  cacheControl: v.optional(headerText),
  contentDisposition: v.optional(dispositionText),
  contentEncoding: v.optional(headerText),
  storageClass: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'expected a storage class such as "STANDARD_IA"'),
    ),
  ),
  tagging: v.optional(tagging),
  serverSideEncryption: v.optional(
    v.picklist(['AES256', 'aws:kms', 'aws:kms:dsse'], 'expected AES256, aws:kms or aws:kms:dsse'),
  ),
}
