// What each storage provider can do, as data; what it cannot do is refused, never silently unsigned.

export const PROVIDERS = ['aws', 'r2', 'minio', 'b2', 'wasabi', 'gcs', 'ceph', 'generic'] as const
export type Provider = (typeof PROVIDERS)[number]

export interface Capabilities {
  /** Header that makes a PUT fail when the object exists, or null where there is none. */
  readonly createOnly: { readonly name: string; readonly value: string } | null
  /** Whether CompleteMultipartUpload honours that header too. */
  readonly conditionalComplete: boolean
  readonly listParts: boolean
  /** Largest object, in bytes. */
  readonly maxObjectBytes: number
  /** Whether keys are folded to Unicode NFC by the store, so that policy must look at that form. */
  readonly foldsToNfc: boolean
  /** Where the bucket's name stands in the URL unless configuration says otherwise. */
  readonly addressing: 'virtual' | 'path'
}

const IF_NONE_MATCH = { name: 'if-none-match', value: '*' } as const
const TIB = 2 ** 40
const S3: Capabilities = {
  createOnly: IF_NONE_MATCH,
  conditionalComplete: true,
  listParts: true,
  maxObjectBytes: 5 * TIB,
  foldsToNfc: false,
  addressing: 'virtual',
}

const TABLE: { readonly [P in Provider]: Capabilities } = {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html (50 TB)
  aws: { ...S3, maxObjectBytes: 50e12 },
  // https://developers.cloudflare.com/r2/api/s3/api/ (keys are normalised to NFC)
  // https://developers.cloudflare.com/r2/platform/limits/ (5 TiB less 5 GiB)
  r2: {
    ...S3,
    conditionalComplete: false,
    maxObjectBytes: 5 * TIB - 5 * 2 ** 30,
    foldsToNfc: true,
    addressing: 'path',
  },
  minio: { ...S3, addressing: 'path' },
  // https://www.backblaze.com/docs/cloud-storage-s3-compatible-api: no conditional writes
  b2: { ...S3, createOnly: null, conditionalComplete: false },
  wasabi: { ...S3, createOnly: null, conditionalComplete: false },
  // https://cloud.google.com/storage/docs/xml-api/reference-headers#xgoogifgenerationmatch
  gcs: {
    ...S3,
    createOnly: { name: 'x-goog-if-generation-match', value: '0' },
    conditionalComplete: false,
    addressing: 'path',
  },
  ceph: { ...S3, conditionalComplete: false, addressing: 'path' },
  generic: { ...S3, conditionalComplete: false, addressing: 'path' },
}

/** The local R2 of wrangler and Miniflare answers NotImplemented to ListParts. */
const EMBEDDED: Capabilities = { ...TABLE.r2, listParts: false }

export function capabilitiesOf(provider: Provider, endpointPath: string): Capabilities {
  return endpointPath.endsWith('/cdn-cgi/local/r2/s3') ? EMBEDDED : TABLE[provider]
}
