// Builds what the npm package offers into dist/package: `postern/worker`, `postern/uppy`, each one module, and their types.
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

/** Structural, so that any version of Uppy's own types fits. */
const UPPY_TYPES = `export interface UppyS3Settings {
  /** PUBLIC_URL of the gateway. */
  readonly baseUrl: string
  /** The session token, asked for before each call; without it the session cookie of the same origin counts. */
  readonly token?: () => string | Promise<string>
}
export interface UppyS3File {
  readonly name?: string | undefined
  readonly size: number | null
  readonly s3Multipart?: { readonly uploadId: string; readonly key: string } | undefined
}
export interface UppyS3Request {
  readonly method: string
  readonly key: string
  readonly uploadId?: string
  readonly partNumber?: number
  readonly contentType?: string
}
export interface UppyS3Options {
  shouldUseMultipart: true
  getChunkSize: (file: { size: number }) => number
  generateObjectKey: (file: UppyS3File) => string
  signRequest: (request: UppyS3Request) => Promise<{
    url: string
    key?: string
    headers?: Record<string, string>
    fields?: Record<string, string>
  }>
}
/** Options for @uppy/aws-s3, 6.3 or newer. */
export declare function uppyS3(settings: UppyS3Settings): UppyS3Options
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
await build({
  entryPoints: [join(root, 'src/client/uppy.ts')],
  outfile: join(out, 'uppy.js'),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'error',
})
await writeFile(join(out, 'uppy.d.ts'), UPPY_TYPES)
