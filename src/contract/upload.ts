// /v1/uploads: the handshake of an upload, from plan to verified object.
import * as v from 'valibot'
import { checksum, CHECKSUM_ALGORITHMS } from './checksum.ts'
import { bucketAlias, byteSize, contentType, keyText, signedRequest, timestamp } from './common.ts'
import { problem } from './problem.ts'
import { metadata } from './put.ts'

/** Parts that one answer signs at most. */
export const MAX_WINDOW = 100

/** MD5 travels as Content-MD5 (RFC 1864), which every S3 verifies. */
export const UPLOAD_CHECKSUMS = [...CHECKSUM_ALGORITHMS, 'md5'] as const
export type UploadChecksum = (typeof UPLOAD_CHECKSUMS)[number]

/** Of one request: a part, or the one PUT of a small object. */
const requestChecksum = v.union(
  [
    checksum,
    v.strictObject({
      algorithm: v.literal('md5'),
      value: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{21}[AQgw]==$/, 'expected base64')),
    }),
  ],
  'expected an algorithm, and the bytes of that checksum in base64',
)
/** The value may come at completion: whoever records does not know it before. */
const declaredChecksum = v.union(
  [requestChecksum, v.strictObject({ algorithm: v.picklist(CHECKSUM_ALGORITHMS) })],
  'expected an algorithm, and the bytes of that checksum in base64',
)

/** What an upload may say of its object beside name, size and type. */
const about = {
  /** Kept with the object as metadata `mtime`, in seconds, as rclone does. */
  lastModified: v.optional(v.pipe(timestamp, v.regex(/Z$/, 'expected a time in UTC'))),
  metadata: v.optional(metadata, {}),
  checksum: v.optional(declaredChecksum),
}

/** By a link: it has a prefix, and the gateway names the object. */
export const linkUploadBody = v.strictObject({
  filename: keyText,
  size: byteSize,
  type: contentType,
  ...about,
})

/** The object is named by `key`, or by `prefix` and `filename`, which are joined. */
export const uploadBody = v.pipe(
  v.strictObject({
    bucket: bucketAlias,
    key: v.optional(keyText),
    prefix: v.optional(v.pipe(v.string('expected a prefix'), v.maxLength(4096))),
    filename: v.optional(keyText),
    /** Bytes; absent for a recording or stream whose size nobody knows yet. */
    size: v.optional(byteSize),
    type: contentType,
    overwrite: v.optional(v.boolean('expected true or false'), false),
    ...about,
  }),
  v.check(
    ({ key, prefix, filename }) =>
      key === undefined
        ? prefix !== undefined && filename !== undefined
        : prefix === undefined && filename === undefined,
    'expected either `key`, or `prefix` and `filename`',
  ),
)
export type UploadBody = v.InferOutput<typeof uploadBody>

export const partNumber = v.pipe(
  v.number('expected a part number'),
  v.safeInteger('expected a part number'),
  v.minValue(1, 'expected a part number from 1 to 10000'),
  v.maxValue(10_000, 'expected a part number from 1 to 10000'),
)

/** Without quotes in answers; taken with or without. */
export const etag = v.pipe(
  v.string('expected an ETag'),
  v.regex(/^(?:"[\x21\x23-\x7e]{1,256}"|[\x21\x23-\x7e]{1,256})$/, 'expected an ETag'),
)

export const uploadPart = v.strictObject({
  partNumber,
  /** Bytes; bound by the signature. */
  size: byteSize,
  ...signedRequest.entries,
})
export type UploadPart = v.InferOutput<typeof uploadPart>

export const uploadAnswer = v.strictObject({
  id: v.string(),
  bucket: v.string(),
  key: v.string(),
  strategy: v.picklist(['put', 'multipart']),
  /** Absent where it is not known yet. */
  size: v.optional(byteSize),
  partSize: byteSize,
  /** Where the size is unknown: at most. */
  partCount: v.number(),
  /** How many parts to send at a time. */
  concurrency: v.number(),
  /** When the first URL of `parts` dies. */
  expiresAt: timestamp,
  resumableUntil: timestamp,
  parts: v.array(uploadPart),
})
export type UploadAnswer = v.InferOutput<typeof uploadAnswer>

/** Uploads that are opened, or completed, by one call at most: each may cost a call to S3. */
export const MAX_UPLOADS = 100
const requests = v.pipe(
  v.array(v.unknown(), 'expected a list of requests'),
  v.minLength(1, 'expected 1 to 100 requests'),
  v.maxLength(MAX_UPLOADS, 'expected 1 to 100 requests'),
)

/** Many uploads at once: each request is judged by itself, with `uploadBody`. */
export const uploadBatch = v.strictObject({ requests })
export const uploadBatchAnswer = v.strictObject({
  /** In order. */
  results: v.array(
    v.union([v.strictObject({ status: v.literal(201), ...uploadAnswer.entries }), problem]),
  ),
})
export type UploadBatchAnswer = v.InferOutput<typeof uploadBatchAnswer>

export const partsBody = v.strictObject({
  parts: v.pipe(
    v.array(
      v.strictObject({
        partNumber,
        size: v.optional(byteSize),
        /** Signed as a header, so that S3 refuses other bytes. */
        checksum: v.optional(requestChecksum),
      }),
      'expected a list of parts',
    ),
    v.minLength(1, 'expected 1 to 100 parts'),
    v.maxLength(MAX_WINDOW, 'expected 1 to 100 parts'),
  ),
})
export type AskedPart = v.InferOutput<typeof partsBody>['parts'][number]

export const partsAnswer = v.strictObject({ parts: v.array(uploadPart) })
export type PartsAnswer = v.InferOutput<typeof partsAnswer>

export const uploadState = v.strictObject({
  state: v.picklist(['open', 'complete', 'gone']),
  /** Absent where it is not known yet. */
  size: v.optional(byteSize),
  partSize: byteSize,
  /** What has arrived. */
  parts: v.array(v.strictObject({ partNumber, size: byteSize, etag: v.string() })),
})
export type UploadState = v.InferOutput<typeof uploadState>

export const completeBody = v.strictObject({
  parts: v.optional(
    v.pipe(
      v.array(v.strictObject({ partNumber, etag }), 'expected a list of parts'),
      v.maxLength(10_000, 'expected at most 10000 parts'),
    ),
  ),
  /** Of the whole object. */
  checksum: v.optional(checksum),
})

export const completeAnswer = v.strictObject({
  bucket: v.string(),
  key: v.string(),
  size: byteSize,
  etag: v.string(),
  versionId: v.optional(v.string()),
  /** Compact JWS of all this, where the gateway has a signing key. */
  receipt: v.optional(v.string()),
  /** As S3 reports it for the whole object. */
  checksum: v.optional(checksum),
})
export type CompleteAnswer = v.InferOutput<typeof completeAnswer>

/** Many completions at once: each request is judged by itself. */
export const completeBatch = v.strictObject({ requests })
/** One of them: as for one upload, with its id. */
export const completeItem = v.strictObject({
  id: v.pipe(v.string('expected the id of an upload'), v.maxLength(8192)),
  ...completeBody.entries,
})
export const completeBatchAnswer = v.strictObject({
  /** In order. */
  results: v.array(
    v.union([v.strictObject({ status: v.literal(200), ...completeAnswer.entries }), problem]),
  ),
})
export type CompleteBatchAnswer = v.InferOutput<typeof completeBatchAnswer>
