// /v1/links: what a link opens, under which conditions, and in which state it is.
import * as v from 'valibot'
import { bucketAlias, byteSize, keyText, timestamp } from './common.ts'

// valibot's own words of a bound are enough; the answer leaves out the input that they repeat.
const count = (least: number, most: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(most))
const text = (most: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(most))
const list = <S extends v.GenericSchema<unknown, string>>(of: S, most: number) =>
  v.pipe(v.array(of), v.minLength(1), v.maxLength(most))
const matching = (pattern: RegExp) => v.pipe(v.string(), v.regex(pattern))

/** Files that one link names at most. */
export const MAX_KEYS = 100
/** Files that one link takes at most: each has its place in the link's object. */
const MAX_FILES = 1000

/** What anybody with the link may send: bytes and types of each file, and how many files. */
export const uploadTerms = v.strictObject({
  maxBytes: v.pipe(byteSize, v.minValue(1)),
  /** Exact, or a family such as "image/*". */
  types: list(matching(/^(\*\/\*|[a-z0-9!#$&^_.+-]{1,127}\/(\*|[a-z0-9!#$&^_.+-]{1,127}))$/), 50),
  maxFiles: count(1, MAX_FILES),
})
export type UploadTerms = v.InferOutput<typeof uploadTerms>

/** What a link opens: one object, several, or all below a prefix (`album/` or `album/*`). */
export const target = {
  bucket: bucketAlias,
  key: v.optional(keyText),
  keys: v.optional(list(keyText, MAX_KEYS)),
  prefix: v.optional(text(4096)),
  /** A request for uploads: files are sent in below the prefix, and nothing is opened. */
  upload: v.optional(uploadTerms),
}

/** What means something only where objects are opened. */
export const DOWNLOAD_TERMS = [
  'maxDownloads',
  'disposition',
  'filename',
  'delivery',
  'tripwire',
] as const

/** Conditions and manners of a link; all of them must hold at every opening. */
const terms = {
  notBefore: timestamp,
  maxDownloads: count(1, 1_000_000),
  /** Lives in a Durable Object, so that changes hold at once. */
  strict: v.boolean(),
  /** Networks, IPv4 or IPv6, such as "192.0.2.0/24". */
  cidrs: list(text(49), 100),
  /** ISO 3166-1 alpha-2. */
  countries: list(matching(/^[A-Z][A-Z0-9]$/), 250),
  /** Hosts from whose pages it may be followed. */
  referrers: list(matching(/^[a-z0-9.-]{1,253}(:\d{1,5})?$/), 100),
  /** The whole User-Agent, any case; `*` stands for anything. */
  userAgent: text(200),
  disposition: v.picklist(['attachment', 'inline']),
  filename: text(255),
  label: text(200),
  delivery: v.picklist(['redirect', 'stream']),
  /** Freezes when opened from more networks (IPv4 /24, IPv6 /48) than this within the minutes. */
  tripwire: v.strictObject({ networks: count(1, 100), withinMinutes: count(1, 1440) }),
}

type Optional<T> = { [K in keyof T]: v.OptionalSchema<T[K] & v.GenericSchema, undefined> }
type Nullish<T> = {
  [K in keyof T]: v.OptionalSchema<v.NullableSchema<T[K] & v.GenericSchema, undefined>, undefined>
}
const entriesOf = (wrap: (schema: v.GenericSchema) => v.GenericSchema) =>
  Object.fromEntries(Object.entries(terms).map(([name, schema]) => [name, wrap(schema)]))
// Each member is wrapped alike, which the type of fromEntries cannot say.
const optional = entriesOf((schema) => v.optional(schema)) as Optional<typeof terms>
const nullish = entriesOf((schema) => v.optional(v.nullable(schema))) as Nullish<typeof terms>

const life = {
  /** Seconds; as for `expiresAt`, at most the grant's max_link_life. */
  expiresIn: v.optional(count(1, 315_360_000)),
  expiresAt: v.optional(timestamp),
}

/** `true` asks for a generated one, which the answer tells once. */
const password = v.union([v.literal(true), v.pipe(v.string(), v.minLength(4), v.maxLength(256))])

export const linkBody = v.strictObject({
  ...target,
  ...life,
  password: v.optional(password),
  ...optional,
})
export type LinkBody = v.InferOutput<typeof linkBody>

/** What is named is changed; null takes a condition away. What a link opens stays. */
export const linkPatch = v.strictObject({
  ...life,
  password: v.optional(v.nullable(password)),
  frozen: v.optional(v.boolean()),
  ...nullish,
})
export type LinkPatch = v.InferOutput<typeof linkPatch>

/** Claims of a link token beside those of every token; others are not looked at. */
export const linkClaims = v.strictObject({ ...target, ...optional })
/** Life is `exp` and `nbf`, and a password cannot be minted: whoever holds the token would hold its hash. */
export const NO_CLAIMS = ['expiresIn', 'expiresAt', 'notBefore', 'password']
export type LinkTerms = v.InferOutput<v.StrictObjectSchema<typeof optional, undefined>>

export const LINK_STATES = ['active', 'not_yet', 'spent', 'expired', 'frozen', 'revoked'] as const

export const linkAnswer = v.strictObject({
  id: v.string(),
  url: v.string(),
  ...target,
  state: v.picklist(LINK_STATES),
  createdAt: timestamp,
  expiresAt: timestamp,
  /** Downloads granted; counted where something bounds them. */
  used: v.number(),
  /** Files received, of a request for uploads. */
  uploaded: v.optional(v.number()),
  hasPassword: v.boolean(),
  /** The generated password, this once. */
  password: v.optional(v.string()),
  ...optional,
})
export type LinkAnswer = v.InferOutput<typeof linkAnswer>

export const linksQuery = v.strictObject({
  cursor: v.optional(text(2048)),
  limit: v.optional(matching(/^([1-9]|[12]\d|30)$/)),
  /** With the grant `admin`: links of this subject, or of what stands below this prefix of the bucket. */
  sub: v.optional(text(255)),
  bucket: v.optional(bucketAlias),
  prefix: v.optional(v.pipe(v.string(), v.maxLength(4096))),
})
export const linksAnswer = v.strictObject({
  links: v.array(linkAnswer),
  /** Absent on the last page. */
  cursor: v.optional(v.string()),
})
export type LinksAnswer = v.InferOutput<typeof linksAnswer>

/** What a request for uploads takes, and how many files more. */
export const uploadRequest = v.strictObject({
  upload: uploadTerms,
  left: v.number(),
  label: v.optional(v.string()),
})

/** Of a link with several files, to whoever does not ask for a page. */
export const linkFiles = v.strictObject({
  files: v.array(v.strictObject({ name: v.string(), url: v.string() })),
})
