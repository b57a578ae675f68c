// What the bench of the command's transfers runs on: a gateway before a real S3, a file, the two commands timed.
import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, createReadStream, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { createBucket } from '../../test/support/s3/bucket.ts'
import { type Ended, type Started, startCommand } from '../../test/support/s3/command.ts'
import { type GatewayFacts, startGateway } from '../../test/support/s3/gateway.ts'
import { mintHmac } from '../../test/support/mint.ts'

const BLOCK_BYTES = 2 ** 22
/** As it is published. */
const BUILT = join(import.meta.dirname, '../../dist/package/cli/postern.js')

export function makeFile(path: string, size: number): string {
  const file = openSync(path, 'w')
  const hash = createHash('sha256')
  for (let at = 0; at < size; at += BLOCK_BYTES) {
    const block = randomFillSync(Buffer.alloc(Math.min(BLOCK_BYTES, size - at)))
    writeSync(file, block)
    hash.update(block)
  }
  closeSync(file)
  return hash.digest('hex')
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES }))
    hash.update(chunk)
  return hash.digest('hex')
}

async function mint({ url, sessionSecret }: GatewayFacts): Promise<string> {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://login.test', aud: url, sub: 'alice', iat, exp: iat + 36_000 }
  const secret = new TextEncoder().encode(sessionSecret)
  return mintHmac({ header: { alg: 'HS256' }, claims }, secret)
}

/** `origin` stands before S3, where there is one. */
export async function openStage(folder: string, origin?: string) {
  const { facts, stop } = await startGateway((_, s3) => {
    if (origin === undefined) return {}
    const provider = s3.kind === 'embedded' ? 'r2' : 'ceph'
    const endpoint = origin + new URL(s3.endpoint).pathname.replace(/\/$/, '')
    const place = { provider, bucket: s3.bucket, region: s3.region, endpoint }
    return {
      BUCKETS: { media: { ...place, addressing: 'path', credentials: 'MEDIA' } },
      GRANTS: [{ bucket: 'media', prefix: 'users/${sub}/', allow: ['read', 'upload', 'list'] }],
    }
  })
  const { s3 } = facts
  const env = {
    POSTERN_URL: facts.url,
    POSTERN_TOKEN: await mint(facts),
    XDG_STATE_HOME: join(folder, 'state'),
  }
  const config = join(folder, 'aws-config')
  writeFileSync(config, '[default]\ns3 =\n  addressing_style = path\n')
  const awsEnv = {
    ...process.env,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_CONFIG_FILE: config,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
  const bucket = createBucket(facts)
  return {
    s3,
    env,
    start: (args: readonly string[]): Started => startCommand(args, env, folder, BUILT),
    aws(args: readonly string[]): void {
      const own = ['--endpoint-url', s3.endpoint, '--region', s3.region, '--only-show-errors']
      execFileSync('aws', ['s3', 'cp', ...args, ...own], { env: awsEnv, cwd: folder })
    },
    clear: (): Promise<void> => bucket.clear(''),
    async stop(): Promise<void> {
      await bucket.clear('')
      await stop()
    },
  }
}

export type Stage = Awaited<ReturnType<typeof openStage>>

/** Refuses what failed: its time is of nothing. */
export function expectDone({ code, err }: Ended): void {
  if (code !== 0) throw new Error(`exit code ${code}: ${err}`)
}

export async function timeMs(run: () => Promise<void> | void): Promise<number> {
  const from = performance.now()
  await run()
  return performance.now() - from
}
