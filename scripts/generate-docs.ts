// Writes THIRD-PARTY.md and, in docs/, errors, configuration, providers, cli and the tables of uppy from the source; with --check only says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bucketSchema, configSchema, grantSchema } from '../src/config/schema.ts'
import { KEY_DOCS } from '../src/config/key-docs.ts'
import { roleSchema } from '../src/config/schema-credentials.ts'
import { issuerSchema } from '../src/config/schema-issuer.ts'
import { limitSchema } from '../src/config/schema-limit.ts'
import { WHEN } from '../src/contract/error-docs.ts'
import { ERRORS, type ErrorCode } from '../src/contract/errors.ts'
import { toCli } from './docs/cli.ts'
import { toProviders } from './docs/providers.ts'
import { toThirdParty } from './docs/third-party.ts'
import { toUppyTables } from './docs/uppy.ts'

const toPath = (name: string): string => join(import.meta.dirname, '..', name)

function toErrors(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status }]) =>
      `| <a id="${code}"></a>\`${code}\` | ${status} | ${WHEN[code as ErrorCode]} |`,
  )
  return `# Errors\n\nEvery error is \`application/problem+json\` (RFC 9457) with one of these in \`code\`.\n\n| code | status | when |\n|---|---|---|\n${rows.join('\n')}\n`
}

interface Described {
  readonly type: string
  readonly pipe?: readonly { readonly type: string; readonly description?: string }[]
  readonly wrapped?: Described
  readonly default?: unknown
}

function describe(schema: Described): string | undefined {
  const inner = schema.wrapped ?? schema
  return inner.pipe?.find(({ type }) => type === 'description')?.description
}

/** Every key has its text, in key-docs.ts or in the schema itself. */
function toTable(
  title: string,
  entries: { readonly [name: string]: Described },
  docs: { readonly [name: string]: string },
): string {
  const rows = Object.entries(entries).map(([name, schema]) => {
    const preset = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
    const text = docs[name] ?? describe(schema)
    if (text === undefined)
      throw new Error(`${title} ${name} has no text in src/config/key-docs.ts`)
    return `| \`${name}\` | ${schema.type === 'optional' ? preset : 'required'} | ${text} |`
  })
  return `## ${title}\n\n| key | default | what |\n|---|---|---|\n${rows.join('\n')}\n`
}

function toConfiguration(): string {
  return [
    '# Configuration\n\nAll of it stands in `wrangler.toml` under `[vars]`, and in Worker secrets. Sizes are bytes or text such as "5GiB", durations seconds or text such as "15m". Any list may be split over NAME, NAME_1, NAME_2 …, since Cloudflare caps a variable at 5 KB. A Worker with any fault answers 503 `misconfigured`, and `/readyz` lists all of them.\n\nSecrets: `POSTERN_KEY` (32 random bytes or more, base64url; `POSTERN_KEY_PREVIOUS` during a rotation), the issuers\' secrets, for each bucket `…_ACCESS_KEY_ID`, `…_SECRET_ACCESS_KEY`, optionally `…_SESSION_TOKEN` ([credentials.md](credentials.md)), and optionally `POSTERN_SIGNING_KEY` (an ES256 private JWK; `POSTERN_SIGNING_KEY_PREVIOUS` during a rotation), which signs receipts and identity tokens.\n',
    toTable('Variables', configSchema.entries, KEY_DOCS.variables),
    toTable('[[vars.ISSUERS]]', issuerSchema.entries, KEY_DOCS.issuer),
    toTable('[vars.BUCKETS.alias]', bucketSchema.entries, KEY_DOCS.bucket),
    toTable('[vars.BUCKETS.alias.credentials]', roleSchema.entries, KEY_DOCS.role),
    toTable('[[vars.GRANTS]]', grantSchema.entries, KEY_DOCS.grant),
    toTable('[[vars.LIMITS]]', limitSchema.entries, KEY_DOCS.limit),
  ].join('\n')
}

/** The page as it stands, with what lies between its marks made anew. */
function toMarked(name: string, tables: string): string {
  const marks = /(<!-- npm run docs -->\n)[^]*(<!-- end -->\n)/
  const page = readFileSync(toPath(name), 'utf8')
  if (!marks.test(page)) throw new Error(`${name} has lost the marks of its tables`)
  return page.replace(marks, (_, head: string, foot: string) => `${head}\n${tables}\n${foot}`)
}

let isFresh = true
for (const [name, text] of [
  ['docs/errors.md', toErrors()],
  ['docs/configuration.md', toConfiguration()],
  ['docs/providers.md', toProviders()],
  ['docs/cli.md', toCli()],
  ['docs/uppy.md', toMarked('docs/uppy.md', toUppyTables())],
  ['THIRD-PARTY.md', toThirdParty()],
] as const) {
  const file = toPath(name)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`${name} is stale: npm run docs`)
    isFresh = false
  }
}
process.exit(isFresh ? 0 : 1)
