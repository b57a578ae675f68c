// THIRD-PARTY.md: every package that Postern installs or bundles, with its licence as it ships.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const root = join(import.meta.dirname, '../..')
const modules = join(root, 'node_modules')

export interface ThirdParty {
  readonly name: string
  readonly version: string
  /** An SPDX expression. */
  readonly license: string
  readonly text: string
  /** Packages that it needs at run time. */
  readonly needs: readonly string[]
}

interface Manifest {
  readonly version: string
  readonly license?: string
  readonly dependencies?: { readonly [name: string]: string }
  readonly exports?: { readonly [path: string]: { readonly default: string } }
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** What is built of our sources: the Worker, the page, the command, and the browser modules of the package. */
function listEntries(): string[] {
  const modulesOfPages = Object.keys(readManifest(root).exports ?? {})
    .map((path) => join(root, `src/client/${path.slice('./'.length)}.ts`))
    .filter((file) => existsSync(file))
  const others = ['src/index.ts', 'src/console/main.ts', 'src/cli/main.ts']
  return [...others.map((file) => join(root, file)), ...modulesOfPages]
}

/** Packages whose code is in a bundle, whether package.json calls them dependencies or not. */
function listBundled(): string[] {
  const { metafile } = buildSync({
    entryPoints: listEntries(),
    outdir: join(root, 'dist/nowhere'),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: ['cloudflare:workers', 'wrangler'],
    logLevel: 'error',
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  )
  return inputs.flatMap((file) => {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
    return name === undefined ? [] : [name]
  })
}

function findFile(name: string): string | undefined {
  const folder = join(modules, name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(-mit)?(\.md|\.txt)?$/i.test(entry))
  return file === undefined ? undefined : readFileSync(join(folder, file), 'utf8').trim()
}

/** Some packages of a repository ship without the text of its licence; its core has it. */
function findText(name: string): string | undefined {
  const scope = /^@(?:aws-sdk|smithy)\//.exec(name)?.[0]
  return findFile(name) ?? (scope === undefined ? undefined : findFile(`${scope}core`))
}

function read(name: string): ThirdParty {
  const { version, license, dependencies = {} } = readManifest(join(modules, name))
  const text = findText(name)
  if (license === undefined || text === undefined) throw new Error(`${name} has no licence`)
  return { name, version, license, text, needs: Object.keys(dependencies) }
}

/** All packages that reach a user: dependencies, theirs, and what is bundled. */
export function listThirdParties(): ThirdParty[] {
  const found = new Map<string, ThirdParty>()
  const visit = (name: string): void => {
    if (found.has(name)) return
    const party = read(name)
    found.set(name, party)
    party.needs.forEach(visit)
  }
  for (const name of Object.keys(readManifest(root).dependencies ?? {})) visit(name)
  for (const name of listBundled()) visit(name)
  return [...found.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

export function toThirdParty(): string {
  const parties = listThirdParties()
  const rows = parties.map(({ name, version, license }) => `| ${name} | ${version} | ${license} |`)
  const byText = Map.groupBy(parties, ({ text }) => text)
  const texts = [...byText].map(([text, of]) => {
    const names = of.map(({ name, version }) => `${name} ${version}`).join(', ')
    return `## ${names}\n\n\`\`\`text\n${text}\n\`\`\`\n`
  })
  return `# Software of others in Postern

Postern itself is under the MIT licence (LICENSE). What it installs at run time or carries in its bundles comes from these
packages. The list is made of \`package.json\` and of the bundles themselves.

| package | version | licence |
|---|---|---|
${rows.join('\n')}

${texts.join('\n')}`
}
