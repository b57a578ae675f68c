// POST /v1/sign: one S3 request to be signed, and the query of GET /o/{bucket}/{key}.
import * as v from 'valibot'
import {
  bucketAlias,
  byteSize,
  contentType,
  dispositionText,
  expiresIn,
  headerText,
  keyText,
  queryInteger,
  signedRequest,
  timestamp,
  typeFamily,
  versionId,
} from './common.ts'
import { checksum } from './checksum.ts'
import { problem } from './problem.ts'
import { putOptions } from './put.ts'
import { etag } from './upload.ts'

const target = { bucket: bucketAlias, key: keyText, expiresIn: v.optional(expiresIn) }

export const responseOverrides = v.strictObject({
  contentType: v.optional(contentType),
  contentDisposition: v.optional(dispositionText),
  cacheControl: v.optional(headerText),
  contentLanguage: v.optional(headerText),
  contentEncoding: v.optional(headerText),
  expires: v.optional(headerText),
})

const overwrite = v.optional(v.boolean('expected true or false'), false)

/**
 * A POST policy for HTML forms. It cannot refuse to replace an object: either the gateway makes the key below `prefix`,
 * or the caller may overwrite `key`.
 */
const postBody = v.strictObject({
  bucket: bucketAlias,
  key: v.optional(keyText),
  /** Empty, or ending in "/". */
  prefix: v.optional(v.pipe(v.string('expected a prefix'), v.maxLength(4096))),
  method: v.literal('POST'),
  minBytes: v.optional(byteSize, 0),
  maxBytes: byteSize,
  /** A content type, or all of a family such as "image/*". */
  type: v.union(
    [contentType, typeFamily],
    'expected a content type, or a family such as "image/*"',
  ),
  overwrite,
  expiresIn: v.optional(expiresIn),
})

export const signBody = v.variant(
  'method',
  [
    v.strictObject({
      ...target,
      method: v.literal('GET'),
      versionId: v.optional(versionId),
      response: v.optional(responseOverrides),
    }),
    v.strictObject({ ...target, method: v.literal('HEAD'), versionId: v.optional(versionId) }),
    v.strictObject({
      ...target,
      method: v.literal('PUT'),
      size: byteSize,
      type: contentType,
      overwrite,
      ifMatch: v.optional(etag),
      checksum: v.optional(checksum),
      ...putOptions,
    }),
    v.strictObject({ ...target, method: v.literal('DELETE'), versionId: v.optional(versionId) }),
    postBody,
  ],
  'expected GET, HEAD, PUT, DELETE or POST',
)
export type SignBody = v.InferOutput<typeof signBody>

const queryExpiresIn = v.pipe(queryInteger, expiresIn)

export const downloadQuery = v.strictObject({
  /** Whole seconds, 1 … 604800; 900 unless said. */
  expiresIn: v.optional(queryExpiresIn),
  filename: v.optional(
    v.pipe(v.string(), v.minLength(1), v.maxLength(255, 'expected at most 255 characters')),
  ),
  disposition: v.optional(v.picklist(['attachment', 'inline'], 'expected attachment or inline')),
  versionId: v.optional(versionId),
})

/** Requests that one batch holds at most. */
export const MAX_BATCH = 1000

/** A batch: each request is judged by itself, with `signBody`. */
export const signBatch = v.strictObject({
  requests: v.pipe(
    v.array(v.unknown(), 'expected a list of requests'),
    v.minLength(1, 'expected 1 to 1000 requests'),
    v.maxLength(MAX_BATCH, 'expected 1 to 1000 requests'),
  ),
})

/** A form that may be posted: all of `fields` first, then the file as `file`. */
export const signedPost = v.strictObject({
  method: v.literal('POST'),
  url: v.string(),
  fields: v.record(v.string(), v.string()),
  expiresAt: timestamp,
})
export type SignedPost = v.InferOutput<typeof signedPost>

const status = v.literal(200)

/** One result for each request, in order. */
export const signBatchAnswer = v.strictObject({
  results: v.array(
    v.union([
      v.strictObject({ status, ...signedRequest.entries }),
      v.strictObject({ status, ...signedPost.entries }),
      problem,
    ]),
  ),
})
export type SignBatchAnswer = v.InferOutput<typeof signBatchAnswer>
