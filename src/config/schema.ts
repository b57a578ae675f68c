// The shape of every configuration variable, as it stands in wrangler.toml.
import * as v from 'valibot'
import { LIMITED_ACTIONS } from '../core/limit/policy.ts'
import { ACTIONS, OPTIONS } from '../core/policy/grant.ts'
import { PROVIDERS } from '../core/sign/provider.ts'
import { ALGORITHMS } from '../core/token/issuer.ts'
import { duration, size } from './units.ts'

const name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'expected 1 to 63 of A-Z a-z 0-9 _ -'),
)
const secretName = v.pipe(
  v.string(),
  v.regex(/^[A-Z][A-Z0-9_]*$/, 'expected the NAME of a secret, such as "SESSION_SECRET"'),
)
const text = v.pipe(v.string(), v.nonEmpty('expected non-empty text'))
const listOf = <const T extends readonly string[]>(allowed: T) =>
  v.array(v.picklist(allowed, `expected one of ${allowed.join(', ')}`))
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
})

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
  credentials: v.pipe(
    secretName,
    v.description(
      'Prefix of the secrets `…_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY` and optional `…_SESSION_TOKEN`.',
    ),
  ),
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

export const limitSchema = v.strictObject({
  name: v.pipe(name, v.description('Label in headers.')),
  per: v.pipe(
    v.picklist(['sub', 'ip', 'link', 'bucket'], 'expected sub, ip, link or bucket'),
    v.description('What is counted separately.'),
  ),
  allow: v.pipe(
    v.number(),
    v.safeInteger('expected an integer'),
    v.minValue(1, 'at least 1'),
    v.description('Units in a window.'),
  ),
  every: v.pipe(duration, v.minValue(1, 'at least 1s'), v.description('Length of the window.')),
  unit: v.optional(
    v.pipe(v.picklist(['requests'], 'expected requests'), v.description('What a unit is.')),
    'requests',
  ),
  on: v.optional(
    v.pipe(
      listOf(LIMITED_ACTIONS),
      v.nonEmpty('expected at least one kind of request'),
      v.description('Kinds of request it applies to; all by default.'),
    ),
  ),
  store: v.optional(
    v.pipe(
      v.picklist(['kv', 'durable-object'], 'expected kv or durable-object'),
      v.description('`kv` is approximate, `durable-object` exact.'),
    ),
    'kv',
  ),
  preset: v.optional(
    v.pipe(
      v.picklist(['eco', 'standard', 'tight'], 'expected eco, standard or tight'),
      v.description('For kv: how much KV traffic accuracy may cost.'),
    ),
    'standard',
  ),
  on_error: v.optional(
    v.pipe(
      v.picklist(['allow', 'deny'], 'expected allow or deny'),
      v.description('When the store fails: go on, or answer 503.'),
    ),
    'allow',
  ),
  approximate: v.optional(
    v.pipe(
      v.boolean(),
      v.description('Admits that a kv limit under 20, or outside 1m…2m, is only approximate.'),
    ),
    false,
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
  BUCKETS: v.pipe(
    v.record(name, bucketSchema),
    v.description('Buckets by the alias that clients use.'),
  ),
  GRANTS: v.pipe(v.array(grantSchema), v.description('Who may do what; deny by default.')),
  LIMITS: v.optional(v.pipe(v.array(limitSchema), v.description('Rate limits.')), []),
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
