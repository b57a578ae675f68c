// POST /v1/sign: one S3 request to be signed, and the query of GET /o/{bucket}/{key}.
import * as v from 'valibot'
import {
  bucketAlias,
  byteSize,
  contentType,
  expiresIn,
  headerText,
  keyText,
  versionId,
} from './common.ts'

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

const queryExpiresIn = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,5}$/, 'expected an integer of seconds'),
  v.transform(Number),
  expiresIn,
)

export const downloadQuery = v.strictObject({
  expiresIn: v.optional(queryExpiresIn),
  filename: v.optional(
    v.pipe(v.string(), v.minLength(1), v.maxLength(255, 'expected at most 255 characters')),
  ),
  disposition: v.optional(v.picklist(['attachment', 'inline'], 'expected attachment or inline')),
  versionId: v.optional(versionId),
})
