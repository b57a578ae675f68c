// Where a bucket's credentials come from: names of secrets, or a role of a security token service.
import * as v from 'valibot'
import { duration } from '../core/units.ts'
import { secretName, text } from './schema-text.ts'

/** [vars.BUCKETS.alias.credentials] */
export const roleSchema = v.strictObject({
  via: v.pipe(
    v.picklist(['web-identity', 'assume-role'], 'expected web-identity or assume-role'),
    v.description(
      'How the gateway shows who it is: `web-identity` by a token that it signs with POSTERN_SIGNING_KEY, `assume-role` by the keys that `base` names.',
    ),
  ),
  role_arn: v.pipe(
    v.string(),
    v.regex(
      /^arn:[\w-]*:iam::[\w-]*:role\/[\w+=,.@/-]{1,576}$/,
      'expected the ARN of a role, such as "arn:aws:iam::123456789012:role/postern"',
    ),
    v.description('The role whose temporary credentials sign for the bucket.'),
  ),
  base: v.optional(
    v.pipe(
      secretName,
      v.description('For assume-role: prefix of the secrets that hold the keys that assume it.'),
    ),
  ),
  session: v.optional(
    v.pipe(
      duration,
      v.minValue(900, 'at least 15m'),
      v.maxValue(43_200, 'at most 12h'),
      v.description(
        'Life of the credentials, at most what the role allows. They are renewed at half of it, and no URL outlives them.',
      ),
    ),
    '1h',
  ),
  endpoint: v.optional(
    v.pipe(
      v.string(),
      v.description('Of the token service, https; derived for aws, elsewhere that of the bucket.'),
    ),
  ),
  audience: v.optional(
    v.pipe(text, v.description('For web-identity: `aud` of the token.')),
    'sts.amazonaws.com',
  ),
  external_id: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\w+=,.@:/-]{2,1224}$/, 'expected 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -'),
      v.description('For assume-role: the external id that the role’s trust policy asks for.'),
    ),
  ),
})

const twoNames = v.pipe(
  v.array(secretName),
  v.minLength(1, 'expected one or two names'),
  v.maxLength(2, 'expected one or two names'),
)

export const credentialsSchema = v.pipe(
  // Not a union: its faults would name the whole table, not the member.
  v.lazy((input) => {
    if (typeof input === 'string') return secretName
    return Array.isArray(input) ? twoNames : roleSchema
  }),
  v.description(
    'Prefix of the secrets `…_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY` and optional `…_SESSION_TOKEN`; or two prefixes, of which the first complete pair signs; or a role, see below.',
  ),
)
