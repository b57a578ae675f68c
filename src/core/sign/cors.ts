// The CORS rule that a bucket needs, so that browsers may send what was signed and read what S3 answers.
import { toChecksumHeader } from '../../contract/checksum.ts'
import type { Bucket } from './bucket.ts'

export interface CorsRule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  /** Request headers beyond those that every page may send. */
  readonly headers: readonly string[]
  /** Answer headers that scripts may read. */
  readonly expose: readonly string[]
  readonly maxAgeSeconds: number
}

/** `origins`: the pages that upload and download, exact. */
export function toCorsRule(bucket: Pick<Bucket, 'can'>, origins: readonly string[]): CorsRule {
  const { createOnly, ifMatch, checksums, storageClass, tagging, encryption } = bucket.can
  return {
    origins,
    methods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
    headers: [
      'content-type',
      'cache-control',
      'content-disposition',
      'content-encoding',
      'content-md5',
      'range',
      'x-amz-meta-mtime',
      'x-amz-meta-postern-upload',
      ...(createOnly === null ? [] : [createOnly.name]),
      ...(ifMatch === null ? [] : ['if-match']),
      ...checksums.map(toChecksumHeader),
      ...(storageClass ? ['x-amz-storage-class'] : []),
      ...(tagging ? ['x-amz-tagging'] : []),
      ...(encryption.length > 0 ? ['x-amz-server-side-encryption'] : []),
    ],
    // Without the ETag a page cannot name the parts that it sent.
    expose: ['ETag', 'Content-Range', 'x-amz-version-id'],
    maxAgeSeconds: 3600,
  }
}
