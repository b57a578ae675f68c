// `npm run sbom`: a CycloneDX bill of what Postern installs or bundles, into dist/sbom.cdx.json.
// Not `npm sbom`: it knows nothing of what is bundled, names the root after its folder, and npm 11.19 leaves out valibot.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '../src/version.ts'
import { listThirdParties } from './docs/third-party.ts'

const root = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  readonly packages: { readonly [path: string]: { readonly integrity?: string } }
}

// https://github.com/package-url/purl-spec: the "@" of a scope is percent-encoded.
const toUrl = (name: string, version: string): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`

function toHashes(name: string): { alg: string; content: string }[] {
  const [algorithm, value = ''] = lock.packages[`node_modules/${name}`]?.integrity?.split('-') ?? []
  if (algorithm !== 'sha512') throw new Error(`${name} has no SHA-512 in package-lock.json`)
  return [{ alg: 'SHA-512', content: Buffer.from(value, 'base64').toString('hex') }]
}

// https://cyclonedx.org/docs/1.6/json/. No time and no serial number: the same sources give the same bytes.
function toBill(): object {
  const parties = listThirdParties()
  const urls = new Map(parties.map(({ name, version }) => [name, toUrl(name, version)]))
  const self = toUrl('postern', VERSION)
  const components = parties.map(({ name, version, license }) => ({
    type: 'library',
    'bom-ref': toUrl(name, version),
    name,
    version,
    purl: toUrl(name, version),
    licenses: [{ expression: license }],
    hashes: toHashes(name),
  }))
  const dependencies = parties.map(({ name, version, needs }) => ({
    ref: toUrl(name, version),
    dependsOn: needs.flatMap((needed) => urls.get(needed) ?? []),
  }))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': self,
        name: 'postern',
        version: VERSION,
        purl: self,
        licenses: [{ expression: 'MIT' }],
      },
    },
    components,
    dependencies: [{ ref: self, dependsOn: [...urls.values()] }, ...dependencies],
  }
}

mkdirSync(join(root, 'dist'), { recursive: true })
writeFileSync(join(root, 'dist/sbom.cdx.json'), `${JSON.stringify(toBill(), null, 2)}\n`)
