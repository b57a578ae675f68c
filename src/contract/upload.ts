// /v1/uploads: the handshake of an upload, from plan to verified object.
import * as v from 'valibot'
import { bucketAlias, byteSize, contentType, keyText, signedRequest, timestamp } from './common.ts'

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

export const uploadPart = v.strictObject({
  partNumber: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)),
  /** Bytes; bound by the signature. */
  size: byteSize,
  ...signedRequest.entries,
})

export const uploadAnswer = v.strictObject({
  id: v.string(),
  bucket: v.string(),
  key: v.string(),
  strategy: v.picklist(['put', 'multipart']),
  size: byteSize,
  partSize: byteSize,
  partCount: v.number(),
  concurrency: v.number(),
  expiresAt: timestamp,
  resumableUntil: timestamp,
  parts: v.array(uploadPart),
})
export type UploadAnswer = v.InferOutput<typeof uploadAnswer>

export const completeBody = v.strictObject({})

export const completeAnswer = v.strictObject({
  bucket: v.string(),
  key: v.string(),
  size: byteSize,
  etag: v.string(),
  versionId: v.optional(v.string()),
})
export type CompleteAnswer = v.InferOutput<typeof completeAnswer>
