// /v1/objects: lists what stands below a granted prefix, and deletes.
import * as v from 'valibot'
import { bucketAlias, byteSize, queryInteger, timestamp, versionId } from './common.ts'

export const objectsQuery = v.strictObject({
  bucket: bucketAlias,
  /** Empty, or ending in "/". */
  prefix: v.optional(v.pipe(v.string(), v.maxLength(4096)), ''),
  /** As the page before gave it: of what XML can carry (https://www.w3.org/TR/xml/#charsets), as S3 says it there and back. */
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\t\n\r -\uFFFD]{1,4096}$/, 'expected a cursor of an earlier answer'),
    ),
  ),
  limit: v.optional(v.pipe(queryInteger, v.maxValue(1000, 'expected an integer from 1 to 1000'))),
})

export const objectsAnswer = v.strictObject({
  objects: v.array(
    v.strictObject({
      key: v.string(),
      size: byteSize,
      etag: v.string(),
      lastModified: timestamp,
    }),
  ),
  /** The next levels, each ending in "/". */
  prefixes: v.array(v.string()),
  /** Absent on the last page. */
  cursor: v.optional(v.string()),
})
export type ObjectsAnswer = v.InferOutput<typeof objectsAnswer>

export const deleteQuery = v.strictObject({ versionId: v.optional(versionId) })
