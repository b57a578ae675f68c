// One bucket looked at: first whether it answers, then its rules and CORS, then what it does with writes.
import type { Config } from '../../config/config.ts'
import type { Bucket } from '../../core/sign/bucket.ts'
import { type Asker, createAsker } from '../presign/ask.ts'
import { judgeLifecycle, judgeVersioning } from './bucket-rules.ts'
import { checkCors } from './cors.ts'
import { fault, type Finding, skipped } from './finding.ts'
import { createFolder } from './folder.ts'
import { probeWrites } from './probes.ts'
import { judgeAddressing, judgeClock, judgeReach, toOtherAddressing } from './reach.ts'

export interface Visit {
  readonly config: Config
  readonly hasCron: boolean
  readonly isReadOnly: boolean
  /** Below it the probes write; else where grants let callers write. */
  readonly prefix: string | undefined
  readonly now: () => number
  /** Sets the CORS rules before they are looked at, where that was asked. */
  readonly fix: (asker: Asker, bucket: Bucket) => Promise<readonly Finding[]>
}

/** Where keys that can do no more than they must may write: the fixed head of a grant's prefix, or the staging prefix. */
export function findPrefix({ policy }: Config, { alias, staging }: Bucket): string {
  if (staging !== undefined) return staging
  const writing = policy.grants.all.filter(
    ({ bucket, allow }) => bucket === alias && (allow.has('upload') || allow.has('write')),
  )
  return writing[0]?.prefix.head ?? ''
}

const isListGranted = ({ policy }: Config, { alias }: Bucket): boolean =>
  policy.grants.all.some(({ bucket, allow }) => bucket === alias && allow.has('list'))

const listBelow = (prefix: string) =>
  ({ method: 'GET', query: { 'list-type': '2', 'max-keys': '1', prefix } }) as const

/** Whether it answers at all; more is looked at only then. */
async function checkReach(
  asker: Asker,
  other: Asker | null,
  bucket: Bucket,
  { config, now }: Visit,
  prefix: string,
): Promise<{ readonly findings: readonly Finding[]; readonly isReached: boolean }> {
  const answer = await asker.ask(listBelow(prefix))
  const nowMs = now()
  const reach = judgeReach(answer, bucket, {
    prefix,
    isListGranted: isListGranted(config, bucket),
  })
  const isNotFound = reach.check === 'endpoint' || reach.check === 'bucket'
  const clock = answer.status === 0 ? [] : [judgeClock(answer.headers.get('date'), nowMs)]
  if (!isNotFound) {
    const addressing = answer.status === 200 ? [judgeAddressing(bucket, null)] : []
    // A refused list is no refused key: what else it may do is worth a look.
    const isReached = reach.level !== 'fault' || answer.code === 'AccessDenied'
    return { findings: [...clock, reach, ...addressing], isReached }
  }
  const second = other === null ? null : judgeAddressing(bucket, await other.ask(listBelow(prefix)))
  const findings = second?.level === 'fault' ? [second] : [reach]
  return { findings: [...clock, ...findings], isReached: false }
}

async function checkRules(
  asker: Asker,
  { hasCron }: Visit,
  prefix: string,
): Promise<readonly Finding[]> {
  const lifecycle = await asker.ask({ method: 'GET', query: { lifecycle: '' } })
  const versions = await asker.ask({ method: 'GET', query: { versioning: '' } })
  return [judgeLifecycle(lifecycle, { prefix, hasCron }), judgeVersioning(versions)]
}

async function check(bucket: Bucket, visit: Visit): Promise<readonly Finding[]> {
  const { config, now, isReadOnly } = visit
  if (bucket.disabled) return [skipped('bucket', 'is disabled in wrangler.toml')]
  const credentials = await bucket.credentials.get()
  if (!credentials.ok) {
    const detail = `the role gives none: ${credentials.error.detail}`
    return [
      fault('credentials', detail, 'docs/credentials.md; the gateway must be up for web-identity'),
    ]
  }
  const asker = createAsker(bucket, credentials.value, now)
  const otherBucket = toOtherAddressing(bucket)
  const other = otherBucket && createAsker(otherBucket, credentials.value, now)
  const prefix = visit.prefix ?? findPrefix(config, bucket)
  const { findings, isReached } = await checkReach(asker, other, bucket, visit, prefix)
  if (!isReached) return findings
  const fixed = await visit.fix(asker, bucket)
  const origins = [...new Set([config.publicUrl, ...config.origins])]
  const looked = [
    ...findings,
    ...(await checkRules(asker, visit, prefix)),
    ...fixed,
    ...(await checkCors(asker, bucket, origins)),
  ]
  if (isReadOnly) return [...looked, skipped('write', 'nothing is written with --read-only')]
  const folder = createFolder(asker, `${prefix}.postern-doctor/${crypto.randomUUID()}/`)
  return [...looked, ...(await probeWrites(folder, bucket))]
}

export async function checkBucket(bucket: Bucket, visit: Visit): Promise<readonly Finding[]> {
  const findings = await check(bucket, visit)
  return findings.map((finding) => ({ ...finding, bucket: bucket.alias }))
}
