// What each storage provider can do, as data; what it cannot do is refused, never silently unsigned.
// docs/providers.md is generated from this table, with the sources of scripts/docs/providers.ts.
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '../../contract/checksum.ts'

export const PROVIDERS = ['aws', 'r2', 'minio', 'b2', 'wasabi', 'gcs', 'ceph', 'generic'] as const
export type Provider = (typeof PROVIDERS)[number]

export interface Capabilities {
  /** Header that makes a PUT fail when the object exists, or null where there is none. */
  readonly createOnly: { readonly name: string; readonly value: string } | null
  /** Whether CompleteMultipartUpload honours that header too. */
  readonly conditionalComplete: boolean
  /** How a PUT takes the ETag in If-Match, which replaces only what the caller has seen; null where it is ignored. */
  readonly ifMatch: 'quoted' | 'bare' | null
  /** Header that makes a CopyObject fail when its target exists, or null where there is none. */
  readonly copyCreateOnly: { readonly name: string; readonly value: string } | null
  /** ListParts and ListMultipartUploads. */
  readonly listParts: boolean
  /** Whether HTML forms can upload under a POST policy. */
  readonly postPolicy: boolean
  /** Whole-object checksums that are verified on PUT; others would be ignored. */
  readonly checksums: readonly ChecksumAlgorithm[]
  /** Those that a multipart upload can have for the whole object; others are of its parts' checksums. */
  readonly multipartChecksums: readonly ChecksumAlgorithm[]
  /** Whether a multipart object's ETag is the MD5 of its parts' MD5s, as on S3 without KMS. */
  readonly md5Etags: boolean
  readonly tagging: boolean
  readonly storageClass: boolean
  /** `x-amz-server-side-encryption` values that are honoured. */
  readonly encryption: readonly string[]
  /** Whether `versionId` names a version of an object. */
  readonly versions: boolean
  /** Largest object, in bytes. */
  readonly maxObjectBytes: number
  /** Whether keys are folded to Unicode NFC by the store, so that policy must look at that form. */
  readonly foldsToNfc: boolean
  /**
   * What keeps out `x-amz-…` headers that a signature does not name. `refused`: the store itself. Otherwise they are
   * named although absent, and the store computes their lines in the canonical request as it finds none: `skipped`,
   * no line; `empty`, a line without a value; `query`, the same, of a parameter by that name. null: no way is known.
   */
  readonly unsignedHeaders: 'refused' | 'skipped' | 'empty' | 'query' | null
  /** Whether a signed parameter that begins with "x-" is taken, and stands in the store's own access log. */
  readonly logsParameters: boolean
  /** Where the bucket's name stands in the URL unless configuration says otherwise. */
  readonly addressing: 'virtual' | 'path'
}

const TIB = 2 ** 40
const NONE: readonly never[] = []

/** What every S3 can be trusted with; each provider adds what its documentation promises. */
const PLAIN: Capabilities = {
  createOnly: { name: 'if-none-match', value: '*' },
  conditionalComplete: false,
  ifMatch: null,
  copyCreateOnly: null,
  listParts: true,
  postPolicy: true,
  checksums: NONE,
  multipartChecksums: NONE,
  md5Etags: false,
  tagging: false,
  storageClass: false,
  encryption: NONE,
  versions: true,
  maxObjectBytes: 5 * TIB,
  foldsToNfc: false,
  unsignedHeaders: null,
  logsParameters: false,
  addressing: 'path',
}
const FULL: Capabilities = {
  ...PLAIN,
  conditionalComplete: true,
  ifMatch: 'quoted',
  checksums: CHECKSUM_ALGORITHMS,
  multipartChecksums: ['crc32', 'crc32c', 'crc64nvme'],
  tagging: true,
  storageClass: true,
  encryption: ['AES256', 'aws:kms'],
}

const TABLE: { readonly [P in Provider]: Capabilities } = {
  aws: {
    ...FULL,
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html (If-None-Match)
    copyCreateOnly: { name: 'if-none-match', value: '*' },
    encryption: ['AES256', 'aws:kms', 'aws:kms:dsse'],
    maxObjectBytes: 50e12,
    // "There were headers present in the request which were not signed", with HeadersNotSigned: x-amz-copy-source
    unsignedHeaders: 'refused',
    // "Custom access log information": https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
    logsParameters: true,
    addressing: 'virtual',
  },
  r2: {
    ...PLAIN,
    ifMatch: 'quoted',
    postPolicy: false,
    // https://developers.cloudflare.com/r2/api/s3/extensions/
    copyCreateOnly: { name: 'cf-copy-destination-if-none-match', value: '*' },
    checksums: CHECKSUM_ALGORITHMS,
    multipartChecksums: ['crc64nvme'],
    storageClass: true,
    versions: false,
    maxObjectBytes: 5 * TIB - 5 * 2 ** 30,
    foldsToNfc: true,
  },
  // cmd/signature-v4-utils.go, extractSignedHeaders: a header that is named and absent is looked for in the query.
  minio: { ...FULL, unsignedHeaders: 'query' },
  b2: {
    ...PLAIN,
    createOnly: null,
    postPolicy: false,
    encryption: ['AES256'],
    addressing: 'virtual',
  },
  wasabi: { ...PLAIN, createOnly: null, md5Etags: true, addressing: 'virtual' },
  gcs: {
    ...PLAIN,
    createOnly: { name: 'x-goog-if-generation-match', value: '0' },
    postPolicy: false,
    versions: false,
  },
  // Ceph 16: no x-amz-checksum-*, no condition on completion, and an ETag in quotes never matches.
  ceph: {
    ...FULL,
    conditionalComplete: false,
    ifMatch: 'bare',
    checksums: NONE,
    multipartChecksums: NONE,
    md5Etags: true,
    // src/rgw/rgw_auth_s3.cc, get_v4_canonical_headers: one that is absent is passed over; seen on 16.2.
    unsignedHeaders: 'skipped',
    // The access line of its front end has the whole request line; seen on 16.2.
    logsParameters: true,
  },
  generic: PLAIN,
}

/** The local R2 of wrangler and Miniflare: no ListParts, and checksums and storage classes are ignored. */
const EMBEDDED: Capabilities = {
  ...TABLE.r2,
  listParts: false,
  copyCreateOnly: null,
  checksums: NONE,
  multipartChecksums: NONE,
  md5Etags: true,
  storageClass: false,
  // Miniflare's r2/s3 worker, canonicalHeaders: `request.headers.get(name) ?? ''`.
  unsignedHeaders: 'empty',
}

export function capabilitiesOf(provider: Provider, endpointPath: string): Capabilities {
  return endpointPath.endsWith('/cdn-cgi/local/r2/s3') ? EMBEDDED : TABLE[provider]
}
