// The calls of @uppy/aws-s3: Companion's protocol below /s3, and the signer of its `signRequest`.
import * as v from 'valibot'
import { byteSize, contentType, keyText, timestamp } from './common.ts'
import { etag, MAX_WINDOW, partNumber } from './upload.ts'

/** What Uppy shows as the file's name; of it the last segment of the key is made. */
const filename = keyText
/** Of a file whose type nobody knows. */
export const DEFAULT_TYPE = 'application/octet-stream'
const type = v.optional(contentType, DEFAULT_TYPE)

/** GET /s3/params; beside these Uppy sends `metadata[name]`. */
export const paramsQuery = v.strictObject({ filename, type })
/** The whole query, metadata and all. */
export const paramsRest = v.record(v.string(), v.string())

export const paramsAnswer = v.strictObject({
  method: v.literal('POST'),
  url: v.string(),
  fields: v.record(v.string(), v.string()),
  /** Seconds. */
  expires: v.number(),
})

export const multipartBody = v.strictObject({
  filename,
  type,
  metadata: v.optional(v.record(v.string(), v.unknown()), {}),
})

export const multipartAnswer = v.strictObject({
  key: v.string(),
  /** A sealed ticket, as `id` of /v1/uploads. */
  uploadId: v.string(),
  bucket: v.string(),
})

/** Uppy names the key beside the id; the sealed ticket alone says which it is. */
export const keyQuery = v.strictObject({ key: v.optional(v.string()) })

export const partAnswer = v.strictObject({ url: v.string(), expires: v.number() })

const digits = (most: number) =>
  v.pipe(
    v.string(),
    v.regex(new RegExp(`^\\d{1,${most}}$`), 'expected an integer'),
    v.transform(Number),
  )

export const batchQuery = v.strictObject({
  ...keyQuery.entries,
  /** Part numbers with commas between them. */
  partNumbers: v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map(Number)),
    v.array(partNumber),
    v.maxLength(MAX_WINDOW, 'expected 1 to 100 parts'),
  ),
})
export const batchAnswer = v.strictObject({ presignedUrls: v.record(v.string(), v.string()) })

export const listAnswer = v.array(
  v.strictObject({ PartNumber: partNumber, ETag: v.string(), Size: v.optional(byteSize) }),
)

export const uppyCompleteBody = v.strictObject({
  parts: v.pipe(
    v.array(v.strictObject({ PartNumber: partNumber, ETag: etag }), 'expected a list of parts'),
    v.maxLength(10_000, 'expected at most 10000 parts'),
  ),
})
export const uppyCompleteAnswer = v.strictObject({
  location: v.string(),
  key: v.string(),
  bucket: v.string(),
})
export const uppyAbortAnswer = v.strictObject({})

/** What Uppy gives to `signRequest`, and the size where the caller knows it. */
export const uppySignBody = v.strictObject({
  method: v.picklist(['GET', 'PUT', 'POST', 'DELETE'], 'expected GET, PUT, POST or DELETE'),
  key: keyText,
  uploadId: v.optional(v.pipe(v.string(), v.regex(/^[\w-]+$/, 'expected an upload id'))),
  partNumber: v.optional(partNumber),
  contentType: v.optional(contentType),
  size: v.optional(byteSize),
})
export type UppySignBody = v.InferOutput<typeof uppySignBody>

export const uppySignAnswer = v.strictObject({
  url: v.string(),
  /** The key that the gateway made; the name that was asked is its last segment. */
  key: v.optional(v.string()),
  headers: v.optional(v.record(v.string(), v.string())),
  fields: v.optional(v.record(v.string(), v.string())),
  expiresAt: v.optional(timestamp),
})
export type UppySignAnswer = v.InferOutput<typeof uppySignAnswer>

/** POST /v1/uppy/uploads: the key that the signer made, and the size where it was told. */
export const uppyOpenQuery = v.strictObject({ key: keyText, size: v.optional(digits(15)) })
