// The npm package as others use it: packed, unpacked into examples/own-worker and a page's project, type-checked, bundled and served.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare } from 'miniflare'
import { build as buildPage } from 'vite'
import { beforeAll, expect, test } from 'vitest'
import { VERSION } from '../src/version.ts'

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'postern-package-'))
const example = join(folder, 'own-worker')
const installed = join(example, 'node_modules/postern')

function run(file: string, ...args: readonly string[]): void {
  const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' }
  execFileSync(file, [...args], { cwd: example, env, stdio: 'pipe' })
}

beforeAll(() => {
  cpSync(join(root, 'examples/own-worker'), example, { recursive: true })
  mkdirSync(join(example, 'node_modules/@cloudflare'), { recursive: true })
  symlinkSync(
    join(root, 'node_modules/@cloudflare/workers-types'),
    join(example, 'node_modules/@cloudflare/workers-types'),
  )
  // The build has just run (pretest); its script would replace files that other suites serve.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    stdio: 'pipe',
  })
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', folder])
  cpSync(join(folder, 'package'), installed, { recursive: true })
}, 60_000)

test('the package holds what it offers, and nothing of development', () => {
  expect(readdirSync(installed).toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'THIRD-PARTY.md',
    'dist',
    'package.json',
  ])
  expect(readdirSync(join(installed, 'dist')).toSorted()).toEqual(['assets', 'package'])
})

test('its command runs where it is installed', () => {
  const main = join(installed, 'dist/package/cli/postern.js')
  const print = (...args: readonly string[]): string =>
    execFileSync(main, args, { cwd: example, encoding: 'utf8', stdio: 'pipe' })
  expect(print('--version')).toBe(`${VERSION}\n`)
  expect(print('keys', 'new', '--webhook-secret')).toMatch(/^whsec_\S{44}\n$/)
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' }
  const signed = execFileSync(main, ['presign', 's3://bucket/key'], {
    env: { ...process.env, ...keys },
    encoding: 'utf8',
  })
  expect(signed).toMatch(/^https:\/\/bucket\.s3\S+&X-Amz-Signature=[0-9a-f]{64}\n$/)
  // What it is made of is its own: the Worker has neither.
  const worker = readFileSync(join(installed, 'dist/package/worker.js'), 'utf8')
  expect(worker).not.toMatch(/node_modules\/(?:@aws-sdk|@smithy|commander)\//)
  // wrangler is the project's own.
  expect(() => print('token', 'check', 'x', '--config', 'wrangler.toml')).toThrow(
    'wrangler is not installed here',
  )
})

test('every export has its module and its types', () => {
  const { exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    exports: Record<string, Record<string, string>>
  }
  const files = Object.values(exports).flatMap((conditions) => Object.values(conditions))
  expect(files.filter((file) => !existsSync(join(installed, file)))).toEqual([])
  expect(files).toHaveLength(2 * Object.keys(exports).length)
})

const compiler = join(root, 'node_modules/typescript/bin/tsc')

test('its types check in the example', () => {
  expect(() => run(process.execPath, compiler)).not.toThrow()
})

/** A page's code: Uppy takes what we give, and what we do not take is an error for who writes it. */
const PAGE = `import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { autoRetry, uppyS3, type UppyS3Options } from 'postern/uppy'

const options: UppyS3Options = uppyS3({ baseUrl: '/', token: async () => 'token' })
const uppy = new Uppy().use(AwsS3, uppyS3({ baseUrl: '/' })).use(AwsS3, { ...options, limit: 2 })
autoRetry(uppy)
// @ts-expect-error
uppyS3({ baseUrl: 1 })
// @ts-expect-error
uppyS3({ baseUrl: '/', token: 'token' })
// @ts-expect-error
uppyS3({ base: '/' })
`

test.each([
  ['esnext', 'bundler'],
  ['nodenext', 'nodenext'],
])('the browser modules check in a page, module %s, resolution %s', (module, resolution) => {
  const page = join(folder, `page-${module}`)
  mkdirSync(join(page, 'node_modules'), { recursive: true })
  symlinkSync(installed, join(page, 'node_modules/postern'))
  symlinkSync(join(root, 'node_modules/@uppy'), join(page, 'node_modules/@uppy'))
  writeFileSync(join(page, 'package.json'), '{"type":"module"}')
  writeFileSync(join(page, 'page.ts'), PAGE)
  const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2022']
  const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', '--noEmit']
  const how = { cwd: page, stdio: 'pipe' as const }
  const call = [compiler, '--ignoreConfig', ...options, ...strict, 'page.ts']
  expect(() => execFileSync(process.execPath, call, how)).not.toThrow()
})

test('the example bundles, and its Worker lives', { timeout: 60_000 }, async () => {
  const wrangler = join(root, 'node_modules/wrangler/bin/wrangler.js')
  run(process.execPath, wrangler, 'deploy', '--dry-run', '--outdir', 'out')
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      modules: true,
      scriptPath: join(example, 'out/index.js'),
      modulesRoot: join(example, 'out'),
      compatibilityDate: '2026-10-01',
      durableObjects: {
        COUNTERS: { className: 'Counters', useSQLite: true },
        LINKS: { className: 'Links', useSQLite: true },
        WEBHOOKS: { className: 'Webhooks', useSQLite: true },
      },
    }),
  )
  try {
    const answer = await fetch(new URL('/healthz', await miniflare.ready))
    expect(await answer.json()).toMatchObject({ status: 'ok' })
  } finally {
    await miniflare.dispose()
  }
})

test('Vite finds the worker of postern/client, beside the page that it builds', async () => {
  const page = join(example, 'page')
  mkdirSync(page)
  writeFileSync(join(page, 'index.html'), '<script type="module" src="page.js"></script>')
  writeFileSync(
    join(page, 'page.js'),
    `import { createPostern } from 'postern/client'
globalThis.postern = createPostern({ baseUrl: '/' })
`,
  )
  await buildPage({ root: page, configFile: false, logLevel: 'silent' })
  const built = readdirSync(join(page, 'dist/assets'))
  expect(built.filter((name) => /^hash-worker-.*\.js$/.test(name))).toHaveLength(1)
})
