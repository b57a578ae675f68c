// POST /v1/sign: one S3 request to be signed, and the query of GET /o/{bucket}/{key}.
import * as v from 'valibot'
import {
  bucketAlias,
  byteSize,
  contentType,
  expiresIn,
  headerText,
  keyText,
  queryInteger,
  signedRequest,
  versionId,
} from './common.ts'
import { problem } from './problem.ts'

const target = { bucket: bucketAlias, key: keyText, expiresIn: v.optional(expiresIn) }

export const responseOverrides = v.strictObject({
  contentType: v.optional(contentType),
  contentDisposition: v.optional(headerText),
  cacheControl: v.optional(headerText),
  contentLanguage: v.optional(headerText),
  contentEncoding: v.optional(headerText),
  expires: v.optional(headerText),
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
      overwrite: v.optional(v.boolean('expected true or false'), false),
    }),
    v.strictObject({ ...target, method: v.literal('DELETE'), versionId: v.optional(versionId) }),
  ],
  'expected GET, HEAD, PUT or DELETE',
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

/** One result for each request, in order. */
export const signBatchAnswer = v.strictObject({
  results: v.array(
    v.union([v.strictObject({ status: v.literal(200), ...signedRequest.entries }), problem]),
  ),
})
export type SignBatchAnswer = v.InferOutput<typeof signBatchAnswer>
