// Builds what the npm package offers into dist/package: `postern/worker`, one module with all it needs, and its types.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const out = join(root, 'dist/package')

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

await mkdir(out, { recursive: true })
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
