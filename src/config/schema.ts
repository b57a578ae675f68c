// The shape of every configuration variable, as it stands in wrangler.toml.
import * as v from 'valibot'
import { ACTIONS, OPTIONS } from '../core/policy/grant.ts'
import { PROVIDERS } from '../core/sign/provider.ts'
import { credentialsSchema } from './schema-credentials.ts'
import { issuerSchema } from './schema-issuer.ts'
import { limitSchema } from './schema-limit.ts'
import { listOf, name, text } from './schema-text.ts'
import { duration, size } from '../core/units.ts'

const claimValue = v.union([v.string(), v.number(), v.boolean()])
const typePattern = v.pipe(
  v.string(),
  v.regex(
    /^(\*\/\*|[a-z0-9!#$&^_.+-]+\/(\*|[a-z0-9!#$&^_.+-]+))$/,
    'expected a content type such as "image/png", "image/*" or "*/*", in lower case',
  ),
)
const plainType = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/,
    'expected a content type such as "image/png", in lower case',
  ),
)

const HIDDEN = ['__proto__', 'constructor', 'prototype']

export const bucketSchema = v.strictObject({
  provider: v.picklist(PROVIDERS, `expected one of ${PROVIDERS.join(', ')}`),
  bucket: v.pipe(
    v.string(),
    v.regex(
      /^[a-z0-9A-Z][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]$/,
      'expected a bucket name of 3 to 63 characters',
    ),
  ),
  region: v.optional(
    v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/, 'expected a region such as "eu-west-1"')),
  ),
  endpoint: v.optional(v.string()),
  account_id: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9a-f]{32}$/, 'expected the 32 hexadecimal digits of the account'),
    ),
  ),
  addressing: v.optional(v.picklist(['virtual', 'path'], 'expected virtual or path')),
  credentials: credentialsSchema,
  staging: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^([^/]+\/)+$/, 'expected a prefix such as "incoming/"'),
      v.maxLength(512),
    ),
  ),
  disabled: v.optional(v.boolean(), false),
  log_subject: v.optional(v.boolean(), false),
})

export const grantSchema = v.strictObject({
  bucket: name,
  issuer: v.optional(text),
  prefix: v.string(),
  allow: v.pipe(listOf(ACTIONS), v.nonEmpty('expected at least one action')),
  when: v.optional(
    v.pipe(
      v.unknown(),
      // valibot leaves these names out of a record: the rule would be no rule.
      v.check(
        (input) => !HIDDEN.some((hidden) => Object.hasOwn(Object(input), hidden)),
        `a claim of a name other than ${HIDDEN.join(', ')}`,
      ),
      v.record(
        v.string(),
        v.union([
          claimValue,
          v.pipe(v.array(claimValue), v.nonEmpty('expected at least one value')),
        ]),
      ),
    ),
    {},
  ),
  max_bytes: v.optional(v.pipe(size, v.minValue(1, 'at least 1'))),
  types: v.optional(v.pipe(v.array(typePattern), v.nonEmpty('expected at least one type'))),
  max_expires: v.optional(
    v.pipe(duration, v.minValue(1, 'at least 1s'), v.maxValue(604_800, 'at most 7d')),
  ),
  max_link_life: v.optional(v.pipe(duration, v.minValue(1, 'at least 1s')), '30d'),
  stable_urls: v.optional(v.pipe(duration, v.minValue(1, 'at least 1s'))),
  inline: v.optional(v.array(plainType), []),
  options: v.optional(listOf(OPTIONS), []),
})

/** All of [vars]; lists may be split over NAME, NAME_1, NAME_2 … */
export const configSchema = v.strictObject({
  PUBLIC_URL: v.string(),
  ORIGINS: v.optional(v.array(v.string()), []),
  ISSUERS: v.pipe(v.array(issuerSchema), v.nonEmpty('expected at least one issuer')),
  SESSION: v.optional(
    v.strictObject({
      cookie: v.pipe(
        v.string(),
        v.regex(/^__Host-[A-Za-z0-9_-]{1,64}$/, 'expected a name that begins with "__Host-"'),
      ),
    }),
  ),
  BUCKETS: v.record(name, bucketSchema),
  GRANTS: v.array(grantSchema),
  LIMITS: v.optional(v.array(limitSchema), []),
  UPPY: v.optional(v.strictObject({ bucket: name, prefix: v.string() })),
  WEBHOOK: v.optional(
    v.strictObject({
      url: v.string(),
    }),
  ),
  AUDIT: v.optional(
    v.strictObject({
      keys: v.optional(v.picklist(['plain', 'hmac'], 'expected plain or hmac'), 'plain'),
    }),
    {},
  ),
})
export type ConfigInput = v.InferOutput<typeof configSchema>
