// What each configuration key means, for docs/configuration.md; the Worker carries none of these texts.

/** By table, then by key; `npm run docs` fails when a key of a schema has none. */
export const KEY_DOCS = {
  bucket: {
    provider: 'Who serves the bucket; decides what it can do.',
    bucket: 'Name of the bucket at the provider.',
    region: 'Region of the signature; optional for r2 (`auto`).',
    endpoint: 'Origin of the S3 API, https; derived for aws, and for r2 from `account_id`.',
    account_id: 'Cloudflare account, for r2.',
    addressing: 'Where the bucket’s name stands in the URL; default by provider.',
    staging:
      'Publish after verify: clients write below this prefix alone, and completion copies what it has verified.',
    log_subject:
      'Names the caller by pseudonym in signed URLs (`x-postern-sub`), so that the store’s own access log tells who; aws and ceph.',
    disabled: 'Kill switch: 403 for everything in the bucket.',
    credentials:
      'Prefix of the secrets `…_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY` and optional `…_SESSION_TOKEN`; or two prefixes, of which the first complete pair signs; or a role, see below.',
  },
  grant: {
    bucket: 'Alias of a bucket in BUCKETS.',
    issuer: 'Whose tokens it is for; required as soon as there are several ISSUERS.',
    prefix:
      '`""` (the whole bucket) or ending in `/`; `${claim}` stands for one whole segment from the token.',
    allow: 'Actions granted.',
    when: 'Every claim named must match one of its values.',
    max_bytes: 'Largest object that may be written.',
    types: 'Content types that may be written.',
    max_expires: 'Longest life of one URL.',
    max_link_life: 'Longest life of a link.',
    stable_urls:
      'Window within which reads of an object give the same URL, so that browsers can cache it; `max_expires` is at least 1.5 times as long.',
    inline: 'Types that may be shown in the browser; everything else downloads as attachment.',
    options: 'Which of these a caller may use.',
  },
  variables: {
    PUBLIC_URL: 'Base of links and identity, https, without a path; never taken from a request.',
    ORIGINS: 'Exact origins for CORS and cookie requests.',
    ISSUERS: 'Who signs session tokens.',
    SESSION: 'Browser sessions by cookie: `cookie`, its name, with the prefix `__Host-`.',
    BUCKETS: 'Buckets by the alias that clients use.',
    GRANTS: 'Who may do what; deny by default.',
    LIMITS: 'Rate limits.',
    UPPY: 'Where Uppy uploads to, which names no bucket: `bucket`, an alias, and `prefix`, as that of a grant.',
    WEBHOOK:
      'Events for the application’s own server, as Standard Webhooks: `url`, and the secret WEBHOOK_SECRET.',
    AUDIT: 'The log: `keys`, how an object key appears in it, `plain` or `hmac`.',
  },
  issuer: {
    issuer: 'Exact value of the token’s `iss`.',
    audience: 'The token’s `aud` must contain this, or one of these.',
    algorithms: 'Exact allow-list. HS* and asymmetric algorithms never together.',
    jwks_url:
      'Where the issuer publishes its public keys, https; exactly one of `jwks_url`, `jwks` and `secret`.',
    jwks: 'Public keys inline (RFC 7517 §5).',
    secret:
      'NAME of a Worker secret: UTF-8 text, or decoded if it begins with `base64url:` or `hex:`; at least as long as the hash.',
    typ: 'When set, required of every token; else `typ` is absent or `JWT`.',
    subject_claim: 'The claim that names the subject.',
    leeway: 'Clock leeway, at most 2m.',
    max_age: 'Longest age, counted from `iat`.',
    on_revocation_error: 'When revocation records cannot be read: `deny` is 503, `allow` goes on.',
  },
  limit: {
    name: 'Label in headers.',
    per: 'What is counted separately.',
    allow: 'Units in a window.',
    every: 'Length of the window.',
    unit: 'What a unit is; `bytes` are those of uploads: durable-object only, per sub or bucket, whole days.',
    on: 'Kinds of request it applies to; all by default.',
    store: '`kv` is approximate, `durable-object` exact.',
    preset: 'For kv: how much KV traffic accuracy may cost.',
    binding: 'A ratelimits binding in front, of this size or more: one count a location.',
    on_error: 'When the store fails: go on, or answer 503.',
    approximate: 'Admits that a kv limit under 20, or outside 1m…2m, is only approximate.',
  },
  role: {
    via: 'How the gateway shows who it is: `web-identity` by a token that it signs with POSTERN_SIGNING_KEY, `assume-role` by the keys that `base` names.',
    role_arn: 'The role whose temporary credentials sign for the bucket.',
    base: 'For assume-role: prefix of the secrets that hold the keys that assume it.',
    session:
      'Life of the credentials, at most what the role allows. They are renewed at half of it, and no URL outlives them.',
    endpoint: 'Of the token service, https; derived for aws, elsewhere that of the bucket.',
    audience: 'For web-identity: `aud` of the token.',
    external_id: 'For assume-role: the external id that the role’s trust policy asks for.',
  },
} as const satisfies Record<string, Readonly<Record<string, string>>>
