// Builds what the npm package offers into dist/package: `postern/worker` and the browser modules with their types, and the command.
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildModule } from './package/browser.ts'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/package')

/** Browser modules: `postern/{name}` is made of src/client/{name}.ts; package.json exports each. */
const BROWSER = ['uppy', 'client'] as const
/** The chunk that runs beside the page: src/client/client.ts starts it by its name. */
const WORKERS = ['hash-worker'] as const

/** The types name only what workers-types gives every Worker project. */
const TYPES = `/// <reference types="@cloudflare/workers-types" />
import { DurableObject } from 'cloudflare:workers'

/** The gateway: export it as the default of your Worker. Its configuration is in your wrangler.toml. */
declare const worker: {
  fetch(request: Request, env: object, ctx: ExecutionContext): Promise<Response>
  /** Housekeeping, for a cron trigger. */
  scheduled(controller: ScheduledController, env: object): Promise<void>
}
export default worker

/** The Durable Object behind limits with \`store = "durable-object"\`: export it by this name. */
export declare class Counters extends DurableObject {}

/** The Durable Object behind counted, strict and streamed links: export it by this name. */
export declare class Links extends DurableObject {}

/** The Durable Object that delivers webhooks: export it by this name. */
export declare class Webhooks extends DurableObject {}
`

async function buildWorkerEntry(): Promise<void> {
  await build({
    entryPoints: [join(root, 'src/index.ts')],
    outfile: join(out, 'worker.js'),
    bundle: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  await writeFile(join(out, 'worker.d.ts'), TYPES)
}

/** The compiler writes the declarations, of these sources and what they import, below types/ as in src/. */
async function declare(files: readonly string[]): Promise<void> {
  const project = join(out, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'src'),
    outDir: join(out, 'types'),
    types: [],
  }
  const settings = {
    extends: join(root, 'tsconfig.browser.json'),
    compilerOptions,
    include: [],
    files,
  }
  await writeFile(project, JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [compiler, '--project', project], { stdio: 'inherit' })
  await rm(project)
}

/** Everything is in it but wrangler, which the operator's project has; what a command does not need is not loaded. */
async function buildCommand(): Promise<void> {
  await build({
    entryPoints: {
      postern: join(root, 'src/cli/main.ts'),
      // Run as a thread, by its name.
      'hash-thread': join(root, 'src/cli/transfer/hash-thread.ts'),
    },
    outdir: join(out, 'cli'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    mainFields: ['module', 'main'],
    external: ['wrangler'],
    // What is CommonJS among the dependencies asks Node's own modules by `require`.
    banner: {
      js: `#!/usr/bin/env node
import { createRequire as toRequire } from 'node:module'
const require = toRequire(import.meta.url)`,
    },
    logLevel: 'error',
  })
  await chmod(join(out, 'cli/postern.js'), 0o755)
}

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })
await buildWorkerEntry()
const sources = BROWSER.map((name) => join(root, `src/client/${name}.ts`))
for (const name of [...BROWSER, ...WORKERS])
  await buildModule(join(root, `src/client/${name}.ts`), out, name)
await declare(sources)
await buildCommand()
