// The local gateway's files: secrets made on first run, and a copy of wrangler.toml with the embedded S3 added.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')
/** What npm start serves. */
export const toConfigFile = (folder: string): string => join(folder, '.wrangler-local.toml')

export type Secrets = { readonly [name: string]: string }

/** Reads the secrets of this checkout; makes them on the first run. They never leave the ignored file. */
export function loadSecrets(folder = root): Secrets {
  const secretsFile = join(folder, '.dev.vars.local')
  if (!existsSync(secretsFile)) {
    const random = (bytes: number): string => randomBytes(bytes).toString('base64url')
    const fresh = {
      POSTERN_KEY: random(32),
      SESSION_SECRET: `base64url:${random(32)}`,
      MEDIA_ACCESS_KEY_ID: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
      MEDIA_SECRET_ACCESS_KEY: random(30),
    }
    const lines = Object.entries(fresh).map(([name, value]) => `${name}="${value}"\n`)
    writeFileSync(secretsFile, lines.join(''), { mode: 0o600 })
  }
  const lines = readFileSync(secretsFile, 'utf8').split('\n')
  return Object.fromEntries(
    lines.flatMap((line) => {
      const match = /^([A-Z_]+)="(.*)"$/.exec(line)
      return match === null ? [] : [[match[1], match[2]]]
    }),
  )
}

/** The configuration that `npm start` serves: the local environment of wrangler.toml on this port, with its bucket. */
export function writeLocalConfig(secrets: Secrets, port: number): string {
  const text = readFileSync(join(root, 'wrangler.toml'), 'utf8').replaceAll(
    /(localhost|127\.0\.0\.1):8787/g,
    `$1:${port}`,
  )
  const bucket = `
[[env.local.r2_buckets]]
binding = "LOCAL_MEDIA"
bucket_name = "media"
local_dev = { experimental_s3_credentials = { accessKeyId = "${secrets['MEDIA_ACCESS_KEY_ID']}", secretAccessKey = "${secrets['MEDIA_SECRET_ACCESS_KEY']}" } }
`
  const configFile = toConfigFile(root)
  writeFileSync(
    configFile,
    `# Made by npm start from wrangler.toml; not for editing, not for deploying.\n${text}${bucket}`,
    { mode: 0o600 },
  )
  return configFile
}
