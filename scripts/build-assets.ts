// Builds the static assets that the Worker serves into dist/assets: the console, documents and their OpenAPI source.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { toApiPage } from './assets/api-page.ts'
import { toErrorsPage } from './assets/errors-page.ts'
import { toOpenApi } from './assets/openapi.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/assets')
await rm(out, { recursive: true, force: true })
await mkdir(join(out, 'docs'), { recursive: true })
await cp(join(root, 'public'), out, { recursive: true })
for (const name of ['index.html', 'style.css'])
  await cp(join(root, 'src/console', name), join(out, name))
await build({
  entryPoints: [join(root, 'src/console/main.ts')],
  outfile: join(out, 'console.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2023',
  logLevel: 'error',
})
await writeFile(join(out, 'docs/errors.html'), toErrorsPage())
await writeFile(join(out, 'docs/api.html'), toApiPage())
await writeFile(join(out, 'openapi.json'), JSON.stringify(toOpenApi()))
