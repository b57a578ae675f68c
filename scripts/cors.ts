// `npm run cors [-- ALIAS]`: prints the CORS configuration of each bucket in wrangler.toml, as its provider takes it.
import { parseArgs } from 'node:util'
import { toCommand, toCorsFile } from '../src/cli/doctor/cors-file.ts'
import { toCorsRule } from '../src/core/sign/cors.ts'
import { capabilitiesOf, PROVIDERS } from '../src/core/sign/provider.ts'

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
