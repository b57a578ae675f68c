// The files of an operator's own project, as examples/own-worker has them.
import type { Answers } from './answers.ts'

/** As JSON writes a text, so does TOML: https://toml.io/en/v1.0.0#string */
const quote = (text: string): string => JSON.stringify(text)

const BINDINGS = `[assets]
directory = "node_modules/postern/dist/assets"
binding = "ASSETS"
run_worker_first = true
not_found_handling = "none"

[[kv_namespaces]]
binding = "POSTERN_KV"

[[durable_objects.bindings]]
name = "COUNTERS"
class_name = "Counters"

[[durable_objects.bindings]]
name = "LINKS"
class_name = "Links"

[[durable_objects.bindings]]
name = "WEBHOOKS"
class_name = "Webhooks"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Counters"]

[[migrations]]
tag = "v2"
new_sqlite_classes = ["Links"]

[[migrations]]
tag = "v3"
new_sqlite_classes = ["Webhooks"]

[triggers]
crons = ["17 * * * *"]             # housekeeping: uploads that nobody can go on with, and what was never published
`

/** [vars] as the Worker will have them. */
export function toVars(answers: Answers) {
  const { publicUrl, origin, issuer, jwksUrl } = answers
  const place = {
    provider: answers.provider,
    bucket: answers.bucket,
    ...(answers.region !== '' && { region: answers.region }),
    ...(answers.accountId !== '' && { account_id: answers.accountId }),
    ...(answers.endpoint !== '' && { endpoint: answers.endpoint }),
    credentials: 'MEDIA',
  }
  const keys =
    jwksUrl === ''
      ? { algorithms: ['HS256'], secret: 'SESSION_SECRET' }
      : { algorithms: ['RS256', 'ES256'], jwks_url: jwksUrl }
  return {
    PUBLIC_URL: publicUrl,
    ORIGINS: [origin],
    ISSUERS: [{ issuer, audience: publicUrl, ...keys }],
    BUCKETS: { media: place },
    GRANTS: [
      {
        bucket: 'media',
        prefix: 'users/${sub}/',
        allow: ['read', 'upload', 'delete', 'list'],
        max_bytes: '1GiB',
      },
    ],
    LIMITS: [{ name: 'sign', per: 'sub', allow: 120, every: '1m' }],
  }
}

const toTable = (head: string, members: object): string =>
  [head, ...Object.entries(members).map(([name, value]) => `${name} = ${toValue(value)}`)].join(
    '\n',
  )

function toValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toValue).join(', ')}]`
  return typeof value === 'string' ? quote(value) : String(value)
}

function toWranglerToml(answers: Answers): string {
  const { PUBLIC_URL, ORIGINS, ISSUERS, BUCKETS, GRANTS, LIMITS } = toVars(answers)
  const tables = [
    toTable('[vars]', { PUBLIC_URL, ORIGINS }),
    ...ISSUERS.map((issuer) => toTable('[[vars.ISSUERS]]', issuer)),
    toTable('[vars.BUCKETS.media]', BUCKETS.media),
    ...GRANTS.map((grant) => toTable('[[vars.GRANTS]]', grant)),
    ...LIMITS.map((limit) => toTable('[[vars.LIMITS]]', limit)),
  ]
  return `# A gateway in a repository of your own: the code comes with npm update postern. Check it: npx postern doctor
name = ${quote(answers.name)}
main = "src/index.ts"
compatibility_date = "2026-10-01"
minify = true

${BINDINGS}
${tables.join('\n\n')}
`
}

const toDevVars = ({
  jwksUrl,
}: Answers): string => `# Secrets, for .dev.vars here and npx wrangler secret put NAME for the Worker. .dev.vars is never committed.
# npx postern keys new --postern-key
POSTERN_KEY=""
${jwksUrl === '' ? '# What your application signs session tokens with, at least 32 bytes\nSESSION_SECRET=""\n' : ''}# Keys of the bucket that can do no more than they must: docs/deploy.md
MEDIA_ACCESS_KEY_ID=""
MEDIA_SECRET_ACCESS_KEY=""
`

const INDEX = `import worker, { Counters, Links, Webhooks } from 'postern/worker'
export { Counters, Links, Webhooks }
export default worker
`

const IGNORED = 'node_modules/\n.wrangler/\n.dev.vars*\n!.dev.vars.example\n'

export const PATHS = ['wrangler.toml', '.dev.vars.example', 'src/index.ts', '.gitignore'] as const

/** Texts by path below the project's folder. */
export function toFiles(answers: Answers): Readonly<Record<(typeof PATHS)[number], string>> {
  return {
    'wrangler.toml': toWranglerToml(answers),
    '.dev.vars.example': toDevVars(answers),
    'src/index.ts': INDEX,
    '.gitignore': IGNORED,
  }
}
