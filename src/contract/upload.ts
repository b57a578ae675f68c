// /v1/uploads: the handshake of an upload, from plan to verified object.
import * as v from 'valibot'
import { bucketAlias, byteSize, contentType, keyText, signedRequest, timestamp } from './common.ts'

/** Parts that one answer signs at most. */
export const MAX_WINDOW = 100

/** The object is named by `key`, or by `prefix` and `filename`, which are joined. */
export const uploadBody = v.pipe(
  v.strictObject({
    bucket: bucketAlias,
    key: v.optional(keyText),
    prefix: v.optional(v.pipe(v.string('expected a prefix'), v.maxLength(4096))),
    filename: v.optional(keyText),
    size: byteSize,
    type: contentType,
    overwrite: v.optional(v.boolean('expected true or false'), false),
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
  size: byteSize,
  partSize: byteSize,
  partCount: v.number(),
  /** How many parts to send at a time. */
  concurrency: v.number(),
  /** When the first URL of `parts` dies. */
  expiresAt: timestamp,
  resumableUntil: timestamp,
  parts: v.array(uploadPart),
})
export type UploadAnswer = v.InferOutput<typeof uploadAnswer>

export const partsBody = v.strictObject({
  parts: v.pipe(
    v.array(v.strictObject({ partNumber, size: v.optional(byteSize) }), 'expected a list of parts'),
    v.minLength(1, 'expected 1 to 100 parts'),
    v.maxLength(MAX_WINDOW, 'expected 1 to 100 parts'),
  ),
})

export const partsAnswer = v.strictObject({ parts: v.array(uploadPart) })
export type PartsAnswer = v.InferOutput<typeof partsAnswer>

export const uploadState = v.strictObject({
  state: v.picklist(['open', 'complete', 'gone']),
  size: byteSize,
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
})

export const completeAnswer = v.strictObject({
  bucket: v.string(),
  key: v.string(),
  size: byteSize,
  etag: v.string(),
  versionId: v.optional(v.string()),
  /** Compact JWS of all this, where the gateway has a signing key. */
  receipt: v.optional(v.string()),
})
export type CompleteAnswer = v.InferOutput<typeof completeAnswer>
