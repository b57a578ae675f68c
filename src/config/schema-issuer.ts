// The shape of one entry of ISSUERS.
import * as v from 'valibot'
import { ALGORITHMS } from '../core/token/issuer.ts'
import { listOf, secretName, text } from './schema-text.ts'
import { duration } from '../core/units.ts'

export const issuerSchema = v.strictObject({
  issuer: v.pipe(text, v.description('Exact value of the token’s `iss`.')),
  audience: v.pipe(
    v.union([text, v.pipe(v.array(text), v.nonEmpty('expected at least one audience'))]),
    v.description('The token’s `aud` must contain this, or one of these.'),
  ),
  algorithms: v.pipe(
    listOf(ALGORITHMS),
    v.nonEmpty('expected at least one algorithm'),
    v.description('Exact allow-list. HS* and asymmetric algorithms never together.'),
  ),
  jwks_url: v.optional(
    v.pipe(
      text,
      v.description(
        'Where the issuer publishes its public keys, https; exactly one of `jwks_url`, `jwks` and `secret`.',
      ),
    ),
  ),
  jwks: v.optional(
    v.pipe(
      v.looseObject({ keys: v.array(v.looseObject({})) }),
      v.description('Public keys inline (RFC 7517 §5).'),
    ),
  ),
  secret: v.optional(
    v.pipe(
      secretName,
      v.description(
        'NAME of a Worker secret: UTF-8 text, or decoded if it begins with `base64url:` or `hex:`; at least as long as the hash.',
      ),
    ),
  ),
  typ: v.optional(
    v.pipe(
      text,
      v.description('When set, required of every token; else `typ` is absent or `JWT`.'),
    ),
  ),
  subject_claim: v.optional(
    v.pipe(text, v.description('The claim that names the subject.')),
    'sub',
  ),
  leeway: v.optional(
    v.pipe(duration, v.maxValue(120, 'at most 2m'), v.description('Clock leeway, at most 2m.')),
    '30s',
  ),
  max_age: v.optional(
    v.pipe(
      duration,
      v.minValue(1, 'at least 1s'),
      v.description('Longest age, counted from `iat`.'),
    ),
  ),
  on_revocation_error: v.optional(
    v.pipe(
      v.picklist(['deny', 'allow'], 'expected deny or allow'),
      v.description('When revocation records cannot be read: `deny` is 503, `allow` goes on.'),
    ),
    'deny',
  ),
})
