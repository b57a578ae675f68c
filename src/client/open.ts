// Opens uploads at the gateway: one, many small ones at once, or one that an earlier page has begun.
import type { Problem } from '../contract/problem.ts'
import type { UploadAnswer, UploadBatchAnswer, UploadState } from '../contract/upload.ts'
import type { Api } from './api.ts'
import type { Persist } from './control.ts'
import { PosternError, toError } from './error.ts'
import type { Ports } from './ports.ts'
import { type Task, toLastModified, toRecord } from './task.ts'

export interface Tools {
  readonly api: Api
  readonly ports: Ports
  readonly persist: Persist
}

/** What fits into one request goes together with others. */
const SMALL_BYTES = 8 * 2 ** 20

export function isSmall({ file, saved, options }: Task): boolean {
  return saved === null && file.size <= SMALL_BYTES && !options.overwrite
}

/** The sum that S3 is to verify, of the whole file where it goes in one request. */
async function toChecksum({ hash }: Ports, task: Task): Promise<object | undefined> {
  const { file, verify } = task
  const algorithm = isSmall(task) ? verify?.put : undefined
  if (algorithm !== undefined) {
    const value = await hash(file, algorithm).catch(() => null)
    return value === null ? undefined : { algorithm, value }
  }
  return verify?.part === 'crc64nvme' ? { algorithm: verify.part } : undefined
}

async function toBody(ports: Ports, task: Task): Promise<object> {
  const { bucket, overwrite, metadata } = task.options
  const lastModified = toLastModified(task)
  const checksum = await toChecksum(ports, task)
  return {
    bucket,
    key: task.upload.key,
    size: task.file.size,
    type: task.type,
    ...(overwrite && { overwrite }),
    ...(metadata && { metadata }),
    ...(lastModified !== undefined && { lastModified: new Date(lastModified).toISOString() }),
    ...(checksum && { checksum }),
  }
}

function begin({ api }: Tools, task: Task, answer: UploadAnswer): void {
  const { record, urls } = task.open(toRecord(task, answer))
  // Those of signed sums come with the sums.
  if (record.verify === undefined || record.verify === 'etag') urls.add(answer.parts, api.now())
}

/** Opens these together; each fails by itself. How many a call may hold, when that is over a limit. */
export async function openMany(tools: Tools, tasks: readonly Task[]): Promise<void> {
  const { api, ports, persist } = tools
  const bodies = await Promise.all(tasks.map((task) => toBody(ports, task)))
  const [only, second] = bodies
  const body = second === undefined && only !== undefined ? only : { requests: bodies }
  const headers = { 'Idempotency-Key': ports.uuid() }
  const call = () =>
    api.call<UploadAnswer | UploadBatchAnswer>('POST', '/v1/uploads', { body, headers })
  const answer = await persist(call, undefined, tasks.length > 1)
  const results = 'results' in answer ? answer.results : [answer]
  for (const [at, task] of tasks.entries()) {
    const result = results[at]
    if (result === undefined || 'code' in result) task.fail(toRefusal(result))
    else if (task.signal.aborted) void discard(tools, result.id)
    else begin(tools, task, result)
  }
  const records = tasks.flatMap(({ opened, name }) =>
    opened !== null && name !== null ? [opened.record] : [],
  )
  if (records.length > 0) await ports.store.write(records)
}

/** Drops an upload at the gateway, as far as it can be told. */
export async function discard({ api }: Tools, id: string): Promise<void> {
  await api.call('DELETE', `/v1/uploads/${id}`).catch(() => {})
}

export function toRefusal(problem: Problem | undefined): PosternError {
  return toError(problem?.status ?? 500, problem ?? {})
}

/** The state of one that was begun, its parts noted where the gateway can list them; false where it is gone. */
export async function reopen({ api, ports, persist }: Tools, task: Task): Promise<boolean> {
  const { saved } = task
  if (saved === null || Date.parse(saved.record.resumableUntil) < api.now()) return false
  const { record, etags } = saved
  let listed: UploadState['parts'] = []
  try {
    const { signal } = task
    const path = `/v1/uploads/${record.id}`
    const found = await persist(() => api.call<UploadState>('GET', path, { signal }), signal)
    if (found.state === 'gone') return false
    listed = found.parts
    // It was put together, and nobody heard of it.
    if (found.state === 'complete') {
      const { parts } = task.open(record)
      for (const partNumber of parts.todo()) parts.store(partNumber)
      return true
    }
  } catch (error) {
    if (!(error instanceof PosternError) || (error.status !== 501 && error.status !== 404))
      throw error
    if (error.status === 404) return false
    // A storage that cannot list: what this browser has noted counts.
    listed = [...etags].map(([partNumber, etag]) => ({ partNumber, etag, size: -1 }))
  }
  const { parts } = task.open(record)
  for (const { partNumber, etag, size } of listed) {
    const [start, end] = parts.range(partNumber)
    if (partNumber <= parts.count && (size === end - start || size < 0))
      task.stored(partNumber, etag)
  }
  if (record.handle !== task.options.handle && task.options.handle)
    await ports.store.write([{ ...record, handle: task.options.handle }])
  return true
}
