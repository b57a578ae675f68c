// `npm run cors [-- ALIAS]`: prints the CORS configuration of each bucket in wrangler.toml, as its provider takes it.
import { parseArgs } from 'node:util'
import { type CorsRule, toCorsRule } from '../src/core/sign/cors.ts'
import { capabilitiesOf, type Provider, PROVIDERS } from '../src/core/sign/provider.ts'

/** The file of `aws s3api put-bucket-cors --cors-configuration`. */
function toS3Cors(rule: CorsRule): object {
  return {
    CORSRules: [
      {
        AllowedOrigins: rule.origins,
        AllowedMethods: rule.methods,
        AllowedHeaders: rule.headers,
        ExposeHeaders: rule.expose,
        MaxAgeSeconds: rule.maxAgeSeconds,
      },
    ],
  }
}

/** The file of `wrangler r2 bucket cors set --file`. */
function toR2Cors(rule: CorsRule): object {
  const allowed = { origins: rule.origins, methods: rule.methods, headers: rule.headers }
  return {
    rules: [{ allowed, exposeHeaders: rule.expose, maxAgeSeconds: rule.maxAgeSeconds }],
  }
}

/** The file of `gcloud storage buckets update --cors-file`. */
function toGcsCors(rule: CorsRule): object {
  return [
    {
      origin: rule.origins,
      method: rule.methods,
      responseHeader: [...rule.headers, ...rule.expose],
      maxAgeSeconds: rule.maxAgeSeconds,
    },
  ]
}

/** The CORS file as this provider's tool takes it. */
export function toCorsFile(provider: Provider, rule: CorsRule): object {
  return provider === 'r2' ? toR2Cors(rule) : provider === 'gcs' ? toGcsCors(rule) : toS3Cors(rule)
}

export function toCommand(provider: Provider, name: string): string {
  if (provider === 'r2') return `npx wrangler r2 bucket cors set ${name} --file cors.json`
  if (provider === 'gcs') return `gcloud storage buckets update gs://${name} --cors-file=cors.json`
  const command = 'aws s3api put-bucket-cors --cors-configuration file://cors.json --bucket'
  return `${command} ${name}${provider === 'aws' ? '' : ' --endpoint-url …'}`
}

interface Settings {
  readonly PUBLIC_URL: string
  readonly ORIGINS?: readonly string[]
  readonly BUCKETS: { readonly [alias: string]: { provider: string; bucket: string } }
}

if (import.meta.main) {
  const { unstable_readConfig } = await import('wrangler')
  const { values, positionals } = parseArgs({
    options: { config: { type: 'string', default: 'wrangler.toml' } },
    allowPositionals: true,
  })
  // Checked by the Worker itself; here only its shape is used.
  const settings = unstable_readConfig({ config: values.config }).vars as unknown as Settings
  // The gateway's own page uploads as well.
  const origins = [...new Set([new URL(settings.PUBLIC_URL).origin, ...(settings.ORIGINS ?? [])])]
  const found = Object.entries(settings.BUCKETS).filter(
    ([alias]) => positionals.length === 0 || positionals.includes(alias),
  )
  if (found.length === 0) {
    console.error('no such bucket in wrangler.toml')
    process.exit(1)
  }
  for (const [alias, { provider: name, bucket }] of found) {
    const provider = PROVIDERS.find((candidate) => candidate === name) ?? 'generic'
    const rule = toCorsRule({ can: capabilitiesOf(provider, '') }, origins)
    console.error(`# ${alias}: save as cors.json, then: ${toCommand(provider, bucket)}`)
    console.log(JSON.stringify(toCorsFile(provider, rule), null, 2))
  }
}
