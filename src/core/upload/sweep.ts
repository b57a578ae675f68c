// Housekeeping: aborts uploads that nobody can go on with any more, and clears what was never published.
import type { ObjectStore, UploadMarker } from '../../ports.ts'
import { permitOwn, type Policy } from '../policy/decide.ts'
import { type KeyPrefix, parseObjectKey, toStoredKey } from '../policy/key.ts'
import type { Bucket } from '../sign/bucket.ts'
import { clearStaged } from './clear.ts'
import { RESUMABLE_SECONDS } from './open.ts'

/** After the last moment of a ticket, with an hour for what was under way. */
const MAX_AGE_MS = (RESUMABLE_SECONDS + 3600) * 1000
/** Calls to S3 in one run: the free plan allows 50 a run; what is left over is the next run's. */
const MAX_CALLS = 45

/** What a run did in one bucket. */
export interface Swept {
  readonly bucket: string
  /** Open uploads and staged objects that were looked at. */
  looked: number
  aborted: number
  removed: number
  /** Calls that failed; the next run tries again. */
  failed: number
}

/**
 * Where uploads of this gateway can stand: below prefixes that some grant lets upload to, up to the first claim. S3
 * does not tell whose an upload is; what others leave open there for more than a week is swept as well.
 */
function prefixesOf({ grants }: Policy, { alias, can, staging }: Bucket): KeyPrefix[] {
  const heads = grants.all
    .filter(({ bucket, allow }) => bucket === alias && allow.has('upload'))
    // A template's head is made of checked segments.
    .map(({ prefix }) => toStoredKey(prefix.head as KeyPrefix, can.foldsToNfc))
  const all = [...new Set(staging === undefined ? heads : [...heads, staging])]
  return all.filter((one) => !all.some((other) => other !== one && one.startsWith(other)))
}

export async function sweepUploads(
  store: ObjectStore,
  policy: Policy,
  nowMs: number,
): Promise<readonly Swept[]> {
  let calls = 0
  const mayCall = (): boolean => (calls += 1) <= MAX_CALLS
  const isOld = (ms: number): boolean => nowMs - ms > MAX_AGE_MS

  /** Ends one upload or object; a name that is no key was not made here. */
  async function drop(bucket: Bucket, name: string, uploadId: string | null, swept: Swept) {
    const key = parseObjectKey(name)
    // What is staged is looked at first.
    if (!key.ok || !mayCall() || (uploadId === null && !mayCall())) return
    const permit = permitOwn(bucket, {
      action: 'delete',
      bucket: bucket.alias,
      key: key.value,
      options: [],
    })
    const done = await (uploadId === null
      ? clearStaged(store, permit)
      : store.abortMultipart(permit, uploadId))
    if (!done.ok) swept.failed += 1
    else if (uploadId === null) swept.removed += 1
    else swept.aborted += 1
  }

  async function sweepPrefix(bucket: Bucket, prefix: KeyPrefix, swept: Swept): Promise<void> {
    const permit = permitOwn(bucket, { action: 'list', bucket: bucket.alias, prefix })
    let after: UploadMarker | undefined
    do {
      if (!mayCall()) return
      const page = await store.listUploads(permit, after)
      if (!page.ok) swept.failed += 1
      if (!page.ok) return
      swept.looked += page.value.uploads.length
      for (const { key, uploadId, initiatedAtMs } of page.value.uploads)
        if (isOld(initiatedAtMs)) await drop(bucket, key, uploadId, swept)
      after = page.value.next
    } while (after !== undefined)
  }

  /** Staged objects stand right below the prefix, named by nonces; what has another name is somebody else's. */
  async function clearStaging(bucket: Bucket, prefix: KeyPrefix, swept: Swept): Promise<void> {
    const permit = permitOwn(bucket, { action: 'list', bucket: bucket.alias, prefix })
    let cursor: string | undefined
    do {
      if (!mayCall()) return
      const page = await store.list(permit, {
        limit: 1000,
        ...(cursor !== undefined && { cursor }),
      })
      if (!page.ok) swept.failed += 1
      if (!page.ok) return
      swept.looked += page.value.objects.length
      for (const { key, lastModified } of page.value.objects)
        if (/^[\w-]{22}$/.test(key.slice(prefix.length)) && isOld(Date.parse(lastModified)))
          await drop(bucket, key, null, swept)
      cursor = page.value.cursor
    } while (cursor !== undefined)
  }

  const all: Swept[] = []
  for (const bucket of policy.buckets.values()) {
    if (bucket.disabled) continue
    const swept = { bucket: bucket.alias, looked: 0, aborted: 0, removed: 0, failed: 0 }
    all.push(swept)
    if (bucket.staging !== undefined) await clearStaging(bucket, bucket.staging, swept)
    if (!bucket.can.listParts) continue
    for (const prefix of prefixesOf(policy, bucket)) await sweepPrefix(bucket, prefix, swept)
  }
  return all
}
