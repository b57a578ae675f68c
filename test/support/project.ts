// A project of an operator: a folder with a wrangler.toml as examples/own-worker has it, for a bucket of the S3 suite.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GatewayFacts } from './s3/gateway.ts'

const example = readFileSync(
  join(import.meta.dirname, '../../examples/own-worker/wrangler.toml'),
  'utf8',
)
/** Everything before the variables: bindings, migrations, assets, the cron trigger. */
const [HEAD = ''] = example.split('[vars]')

export interface Project {
  readonly cwd: string
  readonly secrets: Readonly<Record<string, string>>
}

export interface Settings {
  /** Members of BUCKETS.media beside those of the suite's bucket. */
  readonly bucket?: Readonly<Record<string, string>>
  readonly origins?: readonly string[]
  readonly secrets?: Readonly<Record<string, string>>
  /** A last word on the text of wrangler.toml. */
  readonly rewrite?: (toml: string) => string
}

const SECRETS = {
  POSTERN_KEY: Buffer.alloc(32, 'doctor').toString('base64url'),
  SESSION_SECRET: 'a session secret of the doctor’s own, long enough',
}

export function createProject(s3: GatewayFacts['s3'], settings: Settings = {}): Project {
  const cwd = mkdtempSync(join(tmpdir(), 'postern-project-'))
  const bucket = {
    provider: s3.kind === 'embedded' ? 'r2' : 'ceph',
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    addressing: 'path',
    credentials: 'MEDIA',
    ...settings.bucket,
  }
  const members = Object.entries(bucket).map(([name, value]) => `${name} = "${value}"\n`)
  const toml = `${HEAD}[vars]
PUBLIC_URL = "http://localhost:8787"
ORIGINS = ${JSON.stringify(settings.origins ?? ['http://localhost:4997'])}

[[vars.ISSUERS]]
issuer = "https://login.example.com"
audience = "https://files.example.com"
algorithms = ["HS256"]
secret = "SESSION_SECRET"

[vars.BUCKETS.media]
${members.join('')}
[[vars.GRANTS]]
bucket = "media"
prefix = "users/\${sub}/"
allow = ["read", "upload", "list"]
max_bytes = "1GiB"
`
  writeFileSync(join(cwd, 'wrangler.toml'), settings.rewrite?.(toml) ?? toml)
  const keys = { MEDIA_ACCESS_KEY_ID: s3.accessKeyId, MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey }
  const secrets = { ...SECRETS, ...keys, ...settings.secrets }
  const lines = Object.entries(secrets).map(([name, value]) => `${name}="${value}"\n`)
  writeFileSync(join(cwd, '.dev.vars'), lines.join(''))
  return { cwd, secrets }
}
