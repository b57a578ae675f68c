// What a release consists of: the packed package under two linters, licences, the bill of materials, workflows that are pinned.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { beforeAll, describe, expect, test } from 'vitest'
import { listThirdParties } from '../scripts/docs/third-party.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'postern-release-'))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const manifest: { version: string; files: string[] } = JSON.parse(read('package.json'))
let tarball: Buffer
let names: string[]

beforeAll(() => {
  // The build has just run (pretest); its script would replace files that other suites serve.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'pipe',
  })
  const file = join(folder, `postern-${manifest.version}.tgz`)
  tarball = readFileSync(file)
  names = execFileSync('tar', ['-tzf', file], { encoding: 'utf8' }).trim().split('\n')
  execFileSync('tar', ['-xzf', file, '-C', folder])
}, 60_000)

describe('the package', () => {
  test('holds modules, types, pages and papers: no source, no test, no file of this machine', () => {
    const expected =
      /^package\/(?:package\.json|(?:README|LICENSE|CHANGELOG|THIRD-PARTY)(?:\.md)?|dist\/(?:assets|package)\/.+)$/
    expect(names.filter((name) => !expected.test(name))).toEqual([])
    expect(names).toContain('package/THIRD-PARTY.md')
    expect(names).toContain('package/CHANGELOG.md')
    const odd = /(?:^|\/)\.|\.map$|tsconfig|\.test\.|\.(?:env|pem|key|log)$|(?<!\.d)\.ts$/
    expect(names.filter((name) => odd.test(name))).toEqual([])
  })

  test('no file of it names the folder that it was built in', () => {
    const naming = names.filter(
      (name) => !name.endsWith('/') && readFileSync(join(folder, name), 'utf8').includes(root),
    )
    expect(naming).toEqual([])
  })

  test('publint finds nothing', async () => {
    const pkgDir = join(folder, 'package')
    const { messages, pkg } = await publint({ pkgDir, pack: false, level: 'warning', strict: true })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('its types are right for whoever imports it as a module', { timeout: 60_000 }, async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball))
    if (result.types === false) throw new Error('no types')
    // Modules only: require() finds none, and TypeScript's oldest resolution knows no exports.
    const old = new Set(['node10', 'node16-cjs'])
    const problems = result.problems.filter(
      (problem) => !('resolutionKind' in problem && old.has(problem.resolutionKind)),
    )
    expect(problems).toEqual([])
    expect(Object.keys(result.entrypoints)).toContain('./worker')
  })
})

/** Licences that let everybody use, change and pass on, with their text as the only condition. */
const KNOWN = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']

describe('licences and the bill of materials', () => {
  const parties = listThirdParties()

  test('every package that ships has a known licence, and its text', () => {
    expect(parties.filter(({ license }) => !KNOWN.includes(license))).toEqual([])
    for (const { text } of parties) expect(text.length).toBeGreaterThan(500)
    expect(parties.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['aws4fetch', 'hono', 'jose', 'valibot']),
    )
  })

  test('npm run sbom lists them all, each with the hash of the registry', () => {
    execFileSync(process.execPath, [join(root, 'scripts/sbom.ts')], { cwd: root })
    const bill = JSON.parse(read('dist/sbom.cdx.json'))
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { component: { name: 'postern', version: manifest.version } },
    })
    const listed: { name: string; version: string; hashes: { content: string }[] }[] =
      bill.components
    expect(listed.map(({ name, version }) => `${name} ${version}`)).toEqual(
      parties.map(({ name, version }) => `${name} ${version}`),
    )
    for (const { hashes } of listed) expect(hashes[0]?.content).toMatch(/^[0-9a-f]{128}$/)
  })

  test('no licence of a development tool is unknown either', () => {
    const lock: { packages: Record<string, { license?: string; link?: boolean }> } = JSON.parse(
      read('package-lock.json'),
    )
    const others = new Set(
      Object.entries(lock.packages)
        .filter(([path]) => path !== '')
        .map(([, { license = 'none' }]) => license)
        .filter((license) => !KNOWN.includes(license)),
    )
    // They stay on the machine that builds: nothing of them is in the package.
    expect([...others].toSorted()).toMatchInlineSnapshot(`
      [
        "(MIT OR CC0-1.0)",
        "Apache-2.0 AND LGPL-3.0-or-later",
        "Apache-2.0 AND LGPL-3.0-or-later AND MIT",
        "BlueOak-1.0.0",
        "CC0-1.0",
        "LGPL-3.0-or-later",
        "MIT OR Apache-2.0",
        "MPL-2.0",
      ]
    `)
  })
})

describe('workflows', () => {
  const workflows = readdirSync(join(root, '.github/workflows'))

  test.each(workflows)('%s pins what it runs, and takes few rights', (name) => {
    const text = read(`.github/workflows/${name}`)
    const used = [...text.matchAll(/uses: (.+)/g)].map(([, action = '']) => action)
    for (const action of used) expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
    const images = [...text.matchAll(/container: (.+)/g)].map(([, image = '']) => image)
    for (const image of images) expect(image).toMatch(/^[\w/]+:\d+\.\d+\.\d+-\w+$/)
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m)
    // What a stranger writes into a title or branch must not become part of a script.
    expect(text).not.toMatch(/run:.*\$\{\{/)
    const scripts = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => script)
    for (const script of scripts)
      expect(JSON.parse(read('package.json')).scripts).toHaveProperty([script])
  })

  test('CI and release run .ci/run', () => {
    expect(workflows.toSorted()).toEqual(['ci.yml', 'release.yml'])
    for (const name of workflows)
      expect(read(`.github/workflows/${name}`)).toContain('- run: bash .ci/run')
  })
})
