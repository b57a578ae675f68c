// The shape of one entry of ISSUERS.
import * as v from 'valibot'
import { ALGORITHMS } from '../core/token/issuer.ts'
import { listOf, secretName, text } from './schema-text.ts'
import { duration } from '../core/units.ts'

export const issuerSchema = v.strictObject({
  issuer: text,
  audience: v.union([text, v.pipe(v.array(text), v.nonEmpty('expected at least one audience'))]),
  algorithms: v.pipe(listOf(ALGORITHMS), v.nonEmpty('expected at least one algorithm')),
  jwks_url: v.optional(text),
  jwks: v.optional(v.looseObject({ keys: v.array(v.looseObject({})) })),
  secret: v.optional(secretName),
  typ: v.optional(text),
  subject_claim: v.optional(text, 'sub'),
  leeway: v.optional(v.pipe(duration, v.maxValue(120, 'at most 2m')), '30s'),
  max_age: v.optional(v.pipe(duration, v.minValue(1, 'at least 1s'))),
  on_revocation_error: v.optional(v.picklist(['deny', 'allow'], 'expected deny or allow'), 'deny'),
})
