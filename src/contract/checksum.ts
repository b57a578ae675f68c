// A checksum of a whole object as callers declare it: an algorithm and its value in base64.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
import * as v from 'valibot'

export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]

/** Bytes of each checksum. */
const CHECKSUM_BYTES: { readonly [A in ChecksumAlgorithm]: number } = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
}

/** Standard base64 (RFC 4648 §4) of exactly that many bytes, written in the one way there is. */
function isBase64Of(text: string, bytes: number): boolean {
  try {
    const binary = atob(text)
    return binary.length === bytes && btoa(binary) === text
  } catch {
    return false
  }
}

export const checksum = v.pipe(
  v.strictObject({
    algorithm: v.picklist(CHECKSUM_ALGORITHMS, `expected one of ${CHECKSUM_ALGORITHMS.join(', ')}`),
    /** The CRCs big-endian, as S3 writes them. */
    value: v.pipe(v.string('expected base64'), v.maxLength(64, 'expected base64')),
  }),
  v.check(
    ({ algorithm, value }) => isBase64Of(value, CHECKSUM_BYTES[algorithm]),
    'expected the bytes of that checksum in base64',
  ),
)
export type Checksum = v.InferOutput<typeof checksum>

/** The header that carries it; as a query parameter, where SDKs hoist it, S3 ignores it. */
export function toChecksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`
}
