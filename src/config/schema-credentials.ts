// Where a bucket's credentials come from: names of secrets, or a role of a security token service.
import * as v from 'valibot'
import { duration } from '../core/units.ts'
import { secretName, text } from './schema-text.ts'

/** [vars.BUCKETS.alias.credentials] */
export const roleSchema = v.strictObject({
  via: v.picklist(['web-identity', 'assume-role'], 'expected web-identity or assume-role'),
  role_arn: v.pipe(
    v.string(),
    v.regex(
      /^arn:[\w-]*:iam::[\w-]*:role\/[\w+=,.@/-]{1,576}$/,
      'expected the ARN of a role, such as "arn:aws:iam::123456789012:role/postern"',
    ),
  ),
  base: v.optional(secretName),
  session: v.optional(
    v.pipe(duration, v.minValue(900, 'at least 15m'), v.maxValue(43_200, 'at most 12h')),
    '1h',
  ),
  endpoint: v.optional(v.string()),
  audience: v.optional(text, 'sts.amazonaws.com'),
  external_id: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\w+=,.@:/-]{2,1224}$/, 'expected 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -'),
    ),
  ),
})

const twoNames = v.pipe(
  v.array(secretName),
  v.minLength(1, 'expected one or two names'),
  v.maxLength(2, 'expected one or two names'),
)

// Not a union: its faults would name the whole table, not the member.
export const credentialsSchema = v.lazy((input) => {
  if (typeof input === 'string') return secretName
  return Array.isArray(input) ? twoNames : roleSchema
})
