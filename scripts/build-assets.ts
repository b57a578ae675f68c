// Builds the static assets that the Worker serves into dist/assets: the console, documents and their OpenAPI source.
import { cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { LINK_PAGES, toLinkPage } from './assets/link-pages.ts'
import { toOpenApi } from './assets/openapi.ts'
import { docs } from './site/map.ts'
import { buildSite } from './site/pages.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/assets')

async function writeSite(folder: string): Promise<void> {
  const { pages, images } = buildSite()
  for (const [file, html] of pages) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), html)
  }
  for (const file of images) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await cp(join(docs, file), join(folder, file))
  }
}

async function buildInto(folder: string): Promise<void> {
  await cp(join(root, 'public'), folder, { recursive: true })
  for (const name of ['index.html', 'style.css'])
    await cp(join(root, 'src/console', name), join(folder, name))
  const options = {
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2023',
    logLevel: 'error',
  } as const
  await build({
    ...options,
    entryPoints: {
      console: join(root, 'src/console/main.ts'),
      'console-look': join(root, 'src/console/console.css'),
      'hash-worker': join(root, 'src/client/hash-worker.ts'),
    },
    chunkNames: 'console-[name]-[hash]',
    // What is rarely wanted, such as QR codes, is loaded when it is.
    splitting: true,
  })
  const entryPoints = { 'link-upload': join(root, 'src/console/link-upload/request.ts') }
  await build({ ...options, entryPoints })
  await mkdir(join(folder, 'l'))
  for (const name of LINK_PAGES) await writeFile(join(folder, `l/${name}.html`), toLinkPage(name))
  await writeSite(join(folder, 'docs'))
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(toOpenApi()))
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

// A running gateway may be serving the files: each is replaced in one step, none is missing for a moment.
await mkdir(out, { recursive: true })
const fresh = await mkdtemp(join(root, 'dist/.assets-'))
await buildInto(fresh)
const files = await listFiles(fresh)
for (const file of files) {
  await mkdir(dirname(join(out, file)), { recursive: true })
  await rename(join(fresh, file), join(out, file))
}
for (const file of await listFiles(out)) if (!files.includes(file)) await rm(join(out, file))
await rm(fresh, { recursive: true })
