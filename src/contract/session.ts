// GET /v1/session: who the caller is and what the grants let him do, prefixes resolved.
import * as v from 'valibot'
import { timestamp } from './common.ts'

export const sessionAnswer = v.strictObject({
  sub: v.string(),
  expiresAt: timestamp,
  grants: v.array(
    v.strictObject({
      bucket: v.string(),
      prefix: v.string(),
      allow: v.array(v.string()),
      maxBytes: v.optional(v.number()),
      types: v.optional(v.array(v.string())),
      /** How a client can prove that its bytes arrive: of one request, and of parts. */
      verify: v.optional(
        v.strictObject({
          /** To be declared for a file that goes in one PUT. */
          put: v.optional(v.picklist(['crc64nvme', 'md5'])),
          /** To be declared and signed for each part; `etag`: the ETag of a part is its MD5. */
          part: v.optional(v.picklist(['crc64nvme', 'md5', 'etag'])),
        }),
      ),
    }),
  ),
  limits: v.array(
    v.strictObject({
      name: v.string(),
      remaining: v.number(),
      /** Whole seconds until the window ends. */
      reset: v.number(),
    }),
  ),
})
export type SessionAnswer = v.InferOutput<typeof sessionAnswer>
