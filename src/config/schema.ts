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

export const bucketSchema = v.strictObject({
  provider: v.pipe(
    v.picklist(PROVIDERS, `expected one of ${PROVIDERS.join(', ')}`),
    v.description('Who serves the bucket; decides what it can do.'),
  ),
  bucket: v.pipe(
    v.string(),
    v.regex(
      /^[a-z0-9A-Z][a-zA-Z0-9._-]{1,61}[a-zA-Z0-9]$/,
      'expected a bucket name of 3 to 63 characters',
    ),
    v.description('Name of the bucket at the provider.'),
  ),
  region: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[a-z0-9-]{1,40}$/, 'expected a region such as "eu-west-1"'),
      v.description('Region of the signature; optional for r2 (`auto`).'),
    ),
  ),
  endpoint: v.optional(
    v.pipe(
      v.string(),
      v.description('Origin of the S3 API, https; derived for aws, and for r2 from `account_id`.'),
    ),
  ),
  account_id: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9a-f]{32}$/, 'expected the 32 hexadecimal digits of the account'),
      v.description('Cloudflare account, for r2.'),
    ),
  ),
  addressing: v.optional(
    v.pipe(
      v.picklist(['virtual', 'path'], 'expected virtual or path'),
      v.description('Where the bucket’s name stands in the URL; default by provider.'),
    ),
  ),
  credentials: credentialsSchema,
  disabled: v.optional(
    v.pipe(v.boolean(), v.description('Kill switch: 403 for everything in the bucket.')),
    false,
  ),
})

export const grantSchema = v.strictObject({
  bucket: v.pipe(name, v.description('Alias of a bucket in BUCKETS.')),
  issuer: v.optional(
    v.pipe(
      text,
      v.description('Whose tokens it is for; required as soon as there are several ISSUERS.'),
    ),
  ),
  prefix: v.pipe(
    v.string(),
    v.description(
      '`""` (the whole bucket) or ending in `/`; `${claim}` stands for one whole segment from the token.',
    ),
  ),
  allow: v.pipe(
    listOf(ACTIONS),
    v.nonEmpty('expected at least one action'),
    v.description('Actions granted.'),
  ),
  when: v.optional(
    v.pipe(
      v.record(
        v.string(),
        v.union([
          claimValue,
          v.pipe(v.array(claimValue), v.nonEmpty('expected at least one value')),
        ]),
      ),
      v.description('Every claim named must match one of its values.'),
    ),
    {},
  ),
  max_bytes: v.optional(
    v.pipe(size, v.minValue(1, 'at least 1'), v.description('Largest object that may be written.')),
  ),
  types: v.optional(
    v.pipe(
      v.array(typePattern),
      v.nonEmpty('expected at least one type'),
      v.description('Content types that may be written.'),
    ),
  ),
  max_expires: v.optional(
    v.pipe(
      duration,
      v.minValue(1, 'at least 1s'),
      v.maxValue(604_800, 'at most 7d'),
      v.description('Longest life of one URL.'),
    ),
  ),
  max_link_life: v.optional(
    v.pipe(duration, v.minValue(1, 'at least 1s'), v.description('Longest life of a link.')),
    '30d',
  ),
  stable_urls: v.optional(
    v.pipe(
      duration,
      v.minValue(1, 'at least 1s'),
      v.description(
        'Window within which reads of an object give the same URL, so that browsers can cache it; `max_expires` is at least 1.5 times as long.',
      ),
    ),
  ),
  inline: v.optional(
    v.pipe(
      v.array(plainType),
      v.description(
        'Types that may be shown in the browser; everything else downloads as attachment.',
      ),
    ),
    [],
  ),
  options: v.optional(
    v.pipe(listOf(OPTIONS), v.description('Which of these a caller may use.')),
    [],
  ),
})

/** All of [vars]; lists may be split over NAME, NAME_1, NAME_2 … */
export const configSchema = v.strictObject({
  PUBLIC_URL: v.pipe(
    v.string(),
    v.description('Base of links and identity, https, without a path; never taken from a request.'),
  ),
  ORIGINS: v.optional(
    v.pipe(v.array(v.string()), v.description('Exact origins for CORS and cookie requests.')),
    [],
  ),
  ISSUERS: v.pipe(
    v.array(issuerSchema),
    v.nonEmpty('expected at least one issuer'),
    v.description('Who signs session tokens.'),
  ),
  SESSION: v.optional(
    v.strictObject({
      cookie: v.pipe(
        v.string(),
        v.regex(/^__Host-[A-Za-z0-9_-]{1,64}$/, 'expected a name that begins with "__Host-"'),
        v.description('Name of the session cookie, with the prefix `__Host-`.'),
      ),
    }),
  ),
  BUCKETS: v.pipe(
    v.record(name, bucketSchema),
    v.description('Buckets by the alias that clients use.'),
  ),
  GRANTS: v.pipe(v.array(grantSchema), v.description('Who may do what; deny by default.')),
  LIMITS: v.optional(v.pipe(v.array(limitSchema), v.description('Rate limits.')), []),
  WEBHOOK: v.optional(
    v.pipe(
      v.strictObject({
        url: v.pipe(
          v.string(),
          v.description('Where events are sent, https; signed with the secret WEBHOOK_SECRET.'),
        ),
      }),
      v.description(
        'Events for the application’s own server, as Standard Webhooks: `url`, and the secret WEBHOOK_SECRET.',
      ),
    ),
  ),
  AUDIT: v.optional(
    v.strictObject({
      keys: v.optional(
        v.pipe(
          v.picklist(['plain', 'hmac'], 'expected plain or hmac'),
          v.description('How an object key appears in the log.'),
        ),
        'plain',
      ),
    }),
    {},
  ),
})
export type ConfigInput = v.InferOutput<typeof configSchema>
