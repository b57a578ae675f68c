// Opens uploads at the gateway: one, many small ones at once, or one that an earlier page has begun.
import type { UploadAnswer, UploadState } from '../contract/upload.ts'
import type { Api } from './api.ts'
import type { Breaker } from './breaker.ts'
import type { Ask } from './control.ts'
import { PosternError, toKnown } from './error.ts'
import type { AskMany } from './many.ts'
import type { Ports, UploadRecord } from './ports.ts'
import type { Task } from './task.ts'

/** What all uploads of a client share. */
export interface Tools extends Ports, Breaker {
  readonly api: Api
  readonly ask: Ask
  readonly askMany: AskMany
  /** Of the budget. */
  readonly connections: number
  readonly isOffline: () => boolean
  /** Looks for something to do. */
  readonly pump: () => void
  /** Ends an upload, or begins it anew where what was begun is gone. */
  readonly fail: (task: Task, error: unknown) => void
}

/** What fits into one request goes together with others. */
const SMALL_BYTES = 8 * 2 ** 20

export function isSmall({ file, record, options }: Task): boolean {
  return !record && file.size <= SMALL_BYTES && !options.overwrite
}

async function toBody({ hash }: Ports, task: Task): Promise<object> {
  const { file, plan, lastModified, verify } = task
  const { overwrite, metadata } = task.options
  // Of a file in one request the sum is told at once; of parts with each part.
  const algorithm = isSmall(task) ? verify?.put : undefined
  const value = algorithm && (await hash(file, algorithm))
  const isPerPart = !algorithm && verify?.part === 'crc64nvme'
  return {
    ...plan,
    overwrite,
    metadata,
    lastModified: lastModified === undefined ? lastModified : new Date(lastModified).toISOString(),
    checksum: value ? { algorithm, value } : isPerPart ? { algorithm: 'crc64nvme' } : undefined,
  }
}

/** What the gateway has planned as it is kept, without what is signed. */
function toRecord(task: Task, answer: UploadAnswer): UploadRecord {
  const { parts: _, ...kept } = answer
  const { name, sub, plan, options, verify, lastModified = 0 } = task
  return {
    ...plan,
    ...kept,
    size: plan.size,
    name,
    sub,
    lastModified,
    etags: new Map(),
    handle: options.handle,
    verify: answer.strategy === 'put' ? undefined : verify?.part,
  }
}

/** Opens these together; each fails by itself. */
export async function openMany(tools: Tools, tasks: readonly Task[]): Promise<void> {
  const { api, store } = tools
  const requests = await Promise.all(tasks.map((task) => toBody(tools, task)))
  const answers = await tools.askMany<UploadAnswer>('', requests)
  const records: UploadRecord[] = []
  for (const [at, task] of tasks.entries()) {
    const answer = answers[at]
    if (!answer || answer instanceof PosternError) task.settle(toKnown(answer))
    else if (task.signal.aborted) void discard(api, answer.id)
    else {
      const { record, addUrls, signs } = task.open(toRecord(task, answer))
      // Those of signed sums come with the sums.
      if (!signs) addUrls(answer.parts, api.now())
      if (record.name) records.push(record)
    }
  }
  await store.write(records)
}

/** Drops an upload at the gateway, as far as it can be told. */
export async function discard(api: Api, id: string): Promise<void> {
  await api.call('DELETE', `/v1/uploads/${id}`).catch(() => {})
}

/** The state of one that was begun, its parts noted where the gateway can list them; false where it is gone. */
export async function reopen(
  { api, ask, store }: Tools,
  task: Task,
  saved: UploadRecord,
): Promise<boolean> {
  const { handle = saved.handle } = task.options
  const record = { ...saved, handle }
  const { id, etags, name, partCount, resumableUntil } = record
  if (Date.parse(resumableUntil) < api.now()) return false
  const noted = [...etags].map(([partNumber, etag]) => ({ partNumber, etag, size: -1 }))
  const options = { signal: task.signal }
  const { state, parts } = await ask<Pick<UploadState, 'state' | 'parts'>>(
    'GET',
    `/v1/uploads/${id}`,
    options,
  ).catch((error: unknown) => {
    const { status } = toKnown(error)
    // A storage that cannot list: what this browser has noted counts.
    if (status === 501) return { state: 'open', parts: noted }
    if (status === 404) return { state: 'gone', parts: [] }
    throw error
  })
  if (state === 'gone') return false
  etags.clear()
  const opened = task.open(record)
  for (const { partNumber, etag, size } of parts)
    if (size < 0 || size === opened.slice(partNumber).size) {
      opened.store(partNumber)
      etags.set(partNumber, etag)
    }
  // It was put together, and nobody heard of it.
  if (state === 'complete') for (let at = 1; at <= partCount; at += 1) opened.store(at)
  if (name) await store.write([record])
  return true
}
