// Opens uploads at the gateway: one, many small ones at once, or one that an earlier page has begun.
import type { Problem } from '../contract/problem.ts'
import type { UploadAnswer, UploadBatchAnswer, UploadState } from '../contract/upload.ts'
import type { Api } from './api.ts'
import type { Ask } from './control.ts'
import { PosternError, toError } from './error.ts'
import type { Ports, UploadRecord } from './ports.ts'
import type { Task } from './task.ts'

export interface Tools {
  readonly api: Api
  readonly ports: Ports
  readonly ask: Ask
}

/** What fits into one request goes together with others. */
const SMALL_BYTES = 8 * 2 ** 20

export function isSmall({ file, saved, options }: Task): boolean {
  return !saved && file.size <= SMALL_BYTES && !options.overwrite
}

async function toBody({ hash }: Ports, task: Task): Promise<object> {
  const { file, type, upload, lastModified, verify } = task
  const { bucket, overwrite, metadata } = task.options
  // Of a file in one request the sum is told at once; of parts with each part.
  const algorithm = isSmall(task) ? verify?.put : undefined
  const value = algorithm && (await hash(file, algorithm))
  const isSummed = value ?? (!algorithm && verify?.part === 'crc64nvme')
  return {
    bucket,
    key: upload.key,
    size: file.size,
    type,
    overwrite,
    metadata,
    lastModified: lastModified === undefined ? lastModified : new Date(lastModified).toISOString(),
    checksum: isSummed
      ? { algorithm: algorithm ?? 'crc64nvme', value: value ?? undefined }
      : undefined,
  }
}

/** The plan of the gateway as it is kept. */
function toRecord(task: Task, answer: UploadAnswer): UploadRecord {
  const { id, bucket, key, strategy, partSize, partCount, resumableUntil } = answer
  const { name, sub, file, type, options, verify, lastModified = 0 } = task
  const how = strategy === 'put' ? undefined : verify?.part
  return {
    name,
    sub,
    lastModified,
    size: file.size,
    type,
    id,
    bucket,
    key,
    strategy,
    partSize,
    partCount,
    resumableUntil,
    etags: new Map(),
    ...(options.handle && { handle: options.handle }),
    ...(how && { verify: how }),
  }
}

export function toRefusal(problem?: Problem): PosternError {
  return toError(problem ?? {}, problem?.status)
}

/** Opens these together; each fails by itself. */
export async function openMany({ api, ports, ask }: Tools, tasks: readonly Task[]): Promise<void> {
  const requests = await Promise.all(tasks.map((task) => toBody(ports, task)))
  const isBatch = tasks.length > 1
  const answer = await ask<UploadAnswer | UploadBatchAnswer>(
    'POST',
    '/v1/uploads',
    {
      body: isBatch ? { requests } : { ...requests[0] },
      headers: { 'Idempotency-Key': ports.uuid() },
    },
    isBatch,
  )
  const results = 'results' in answer ? answer.results : [answer]
  const records: UploadRecord[] = []
  for (const [at, task] of tasks.entries()) {
    const result = results[at]
    if (!result || 'code' in result) task.settle(toRefusal(result))
    else if (task.signal.aborted) void discard(api, result.id)
    else {
      const { record, urls, isSigned } = task.open(toRecord(task, result))
      // Those of signed sums come with the sums.
      if (!isSigned) urls.add(result.parts, api.now())
      if (record.name) records.push(record)
    }
  }
  await ports.store.write(records)
}

/** Drops an upload at the gateway, as far as it can be told. */
export async function discard(api: Api, id: string): Promise<void> {
  await api.call('DELETE', `/v1/uploads/${id}`).catch(() => {})
}

/** The state of one that was begun, its parts noted where the gateway can list them; false where it is gone. */
export async function reopen(
  { api, ask, ports }: Tools,
  task: Task,
  saved: UploadRecord,
): Promise<boolean> {
  const { signal } = task
  const { handle } = task.options
  const record = handle ? { ...saved, handle } : saved
  if (Date.parse(record.resumableUntil) < api.now()) return false
  let found: Pick<UploadState, 'state' | 'parts'>
  try {
    found = await ask<UploadState>('GET', `/v1/uploads/${record.id}`, { signal })
  } catch (error) {
    const status = error instanceof PosternError ? error.status : 0
    if (status === 404) return false
    if (status !== 501) throw error
    // A storage that cannot list: what this browser has noted counts.
    const noted = [...record.etags].map(([partNumber, etag]) => ({ partNumber, etag, size: -1 }))
    found = { state: 'open', parts: noted }
  }
  if (found.state === 'gone') return false
  record.etags.clear()
  const { parts } = task.open(record)
  // It was put together, and nobody heard of it.
  if (found.state === 'complete') for (const partNumber of parts.todo()) parts.store(partNumber)
  for (const { partNumber, etag, size } of found.parts) {
    const [start, end] = parts.range(partNumber)
    if (size < 0 || size === end - start) {
      parts.store(partNumber)
      record.etags.set(partNumber, etag)
    }
  }
  if (handle) await ports.store.write([record])
  return true
}
