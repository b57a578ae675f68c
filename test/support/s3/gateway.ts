// Boots the built Worker in Miniflare, against the S3 named in the environment or the embedded one.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { convertV4MiniflareOptions, Miniflare, type V4MiniflareOptions } from 'miniflare'
import { AwsClient } from 'aws4fetch'
import { createOutput } from './output.ts'

const root = join(import.meta.dirname, '../../..')

/** What the suite knows of the gateway under test; plain data, so that it reaches the workers of vitest. */
export interface GatewayFacts {
  readonly url: string
  /** The built Worker, for gateways with other settings. */
  readonly script: string
  readonly bundleBytes: number
  readonly sessionSecret: string
  /** What seals its tickets, so that tests can make old and foreign ones. */
  readonly posternKey: string
  /** Where tests note what they must not find in the Worker's output. */
  readonly marks: string
  readonly s3: {
    readonly kind: 'embedded' | 'external'
    readonly endpoint: string
    readonly region: string
    readonly bucket: string
    readonly accessKeyId: string
    readonly secretAccessKey: string
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Bundles the Worker exactly as it is deployed. */
export function buildWorker(): string {
  const out = mkdtempSync(join(tmpdir(), 'postern-worker-'))
  execFileSync(
    process.execPath,
    [
      join(root, 'node_modules/wrangler/bin/wrangler.js'),
      'deploy',
      '--dry-run',
      '--minify',
      '--outdir',
      out,
      '--env',
      '',
    ],
    { cwd: root, stdio: 'pipe', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
  )
  return join(out, 'index.js')
}

export function findS3(port: number): GatewayFacts['s3'] {
  const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY } = process.env
  const bucket = `postern-${randomBytes(6).toString('hex')}`
  if (S3_ENDPOINT === undefined) {
    const endpoint = `http://127.0.0.1:${port}/cdn-cgi/local/r2/s3`
    const keys = {
      accessKeyId: randomBytes(10).toString('hex'),
      secretAccessKey: randomBytes(20).toString('hex'),
    }
    return { kind: 'embedded', endpoint, region: 'auto', bucket, ...keys }
  }
  return {
    kind: 'external',
    endpoint: S3_ENDPOINT,
    region: S3_REGION ?? 'us-east-1',
    bucket,
    accessKeyId: S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: S3_SECRET_ACCESS_KEY ?? '',
  }
}

export async function makeBucket(s3: GatewayFacts['s3']): Promise<void> {
  const client = new AwsClient({ ...s3, service: 's3', retries: 0 })
  const answer = await client.fetch(`${s3.endpoint}/${s3.bucket}`, { method: 'PUT' })
  if (!answer.ok) throw new Error(`bucket not made: ${answer.status}`)
}

function toBindings(
  url: string,
  s3: GatewayFacts['s3'],
  { sessionSecret, posternKey }: Pick<GatewayFacts, 'sessionSecret' | 'posternKey'>,
) {
  const issuer = {
    issuer: 'https://login.test',
    audience: url,
    algorithms: ['HS256'],
    secret: 'SESSION_SECRET',
  }
  const place = {
    provider: s3.kind === 'embedded' ? 'r2' : 'ceph',
    bucket: s3.bucket,
    region: s3.region,
    endpoint: s3.endpoint,
    addressing: 'path',
    credentials: 'MEDIA',
  }
  return {
    PUBLIC_URL: url,
    ORIGINS: ['https://app.test'],
    SESSION: { cookie: '__Host-postern' },
    ISSUERS: [issuer],
    BUCKETS: { media: place, staged: { ...place, staging: 'incoming/' } },
    GRANTS: [
      {
        bucket: 'media',
        prefix: 'users/${sub}/',
        allow: ['read', 'upload', 'write', 'delete', 'list', 'share'],
        max_bytes: '10GiB',
        inline: ['image/png'],
      },
      {
        bucket: 'media',
        prefix: 'shared/',
        allow: ['read', 'upload', 'write', 'delete', 'list', 'share'],
        options: ['overwrite', 'storageClass', 'tagging'],
      },
      {
        bucket: 'staged',
        prefix: '',
        allow: ['read', 'upload', 'write', 'delete', 'list', 'share'],
        max_bytes: '100MiB',
      },
      { bucket: 'media', prefix: 'tiny/', allow: ['upload'], max_bytes: 100 },
    ],
    UPPY: { bucket: 'media', prefix: 'users/${sub}/uppy/' },
    LIMITS: [{ name: 'all', per: 'sub', allow: 100_000, every: '1m' }],
    SESSION_SECRET: sessionSecret,
    POSTERN_KEY: posternKey,
    MEDIA_ACCESS_KEY_ID: s3.accessKeyId,
    MEDIA_SECRET_ACCESS_KEY: s3.secretAccessKey,
  }
}

/** The built Worker with everything that wrangler.toml binds. */
export function toWorker(
  script: string,
  port: number,
  settings: object,
  print: (line: string) => void,
) {
  return {
    host: '127.0.0.1',
    port,
    handleStructuredLogs: ({ level, message }: { level: string; message: string }) =>
      print(`${level} ${message}`),
    modules: true,
    scriptPath: script,
    modulesRoot: dirname(script),
    compatibilityDate:
      /compatibility_date = "(.+)"/.exec(readFileSync(join(root, 'wrangler.toml'), 'utf8'))?.[1] ??
      '',
    // So that a test can pull the cron trigger.
    unsafeTriggerHandlers: true,
    kvNamespaces: ['POSTERN_KV'],
    analyticsEngineDatasets: { POSTERN_EVENTS: { dataset: 'postern_events' } },
    durableObjects: {
      COUNTERS: { className: 'Counters', useSQLite: true },
      LINKS: { className: 'Links', useSQLite: true },
      WEBHOOKS: { className: 'Webhooks', useSQLite: true },
    },
    assets: {
      directory: join(root, 'dist/assets'),
      binding: 'ASSETS',
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      assetConfig: { html_handling: 'auto-trailing-slash', not_found_handling: 'none' } as const,
    },
    // A setting that is undefined is not there.
    bindings: Object.fromEntries(
      Object.entries(settings).filter(([, value]) => value !== undefined),
    ),
  } satisfies V4MiniflareOptions
}

/** Starts a gateway on a free port of 127.0.0.1, with other settings if wanted; `stop` ends it, and judges what it printed. */
export async function startGateway(
  settings: (url: string, s3: GatewayFacts['s3']) => object = () => ({}),
  built?: string,
): Promise<{ facts: GatewayFacts; stop: () => Promise<void> }> {
  const script = built ?? buildWorker()
  const port = await findFreePort()
  const url = `http://localhost:${port}`
  const s3 = findS3(port)
  const sessionSecret = randomBytes(32).toString('hex')
  const posternKey = randomBytes(32).toString('base64url')
  const { accessKeyId, secretAccessKey } = s3
  const output = createOutput()
  const settled = {
    ...toBindings(url, s3, { sessionSecret, posternKey }),
    ...settings(url, s3),
  }
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...toWorker(script, port, settled, output.print),
      ...(s3.kind === 'embedded' && {
        r2Buckets: { LOCAL: { id: s3.bucket, s3Credentials: { accessKeyId, secretAccessKey } } },
      }),
    }),
  )
  await miniflare.ready
  if (s3.kind === 'external') await makeBucket(s3)
  const bundleBytes = readFileSync(script).length
  return {
    facts: { url, script, bundleBytes, sessionSecret, posternKey, marks: output.marks, s3 },
    async stop() {
      try {
        await output.judge([sessionSecret, posternKey, accessKeyId, secretAccessKey])
      } finally {
        await miniflare.dispose()
      }
    },
  }
}
