// One upload from the caller's side to its end: what is wanted, how far it is, and how it is settled.
import type { UploadAnswer } from '../contract/upload.ts'
import type { SessionAnswer } from '../contract/session.ts'
import { PosternError } from './error.ts'
import { createParts, type Parts } from './parts.ts'
import { createPatience, type Patience } from './patience.ts'
import type { Ports, UploadRecord } from './ports.ts'
import { createSpeed } from './speed.ts'
import type { CompletedUpload, Progress, Upload, UploadOptions, UploadState } from './types.ts'
import { createUrls, MAX_WINDOW, type Urls } from './urls.ts'

/** Between two reports of progress. */
const REPORT_MS = 100
/** First window of parts whose sums are signed: they must be computed before. */
const FIRST_SIGNED = 28

/** What is known once the gateway has opened it. */
export interface Opened {
  readonly record: UploadRecord
  readonly parts: Parts
  readonly urls: Urls
  readonly etags: Map<number, string>
  /** Sums that were signed, by part. */
  readonly sums: Map<number, string>
}

export interface Task {
  readonly upload: Upload
  readonly file: Blob
  readonly type: string
  readonly options: UploadOptions
  /** Names it over reloads and tabs; null where the file cannot be told from others. */
  name: string | null
  sub: string
  verify: SessionAnswer['grants'][number]['verify']
  opened: Opened | null
  /** What a page before has kept of it. */
  saved: Awaited<ReturnType<Ports['store']['read']>>
  /** How often it had to begin anew. */
  restarts: number
  /** Aborts when it is settled. */
  readonly signal: AbortSignal
  readonly ended: Promise<void>
  isActive(): boolean
  /** Aborts when it is paused or settled. */
  flight(): AbortSignal
  open(record: UploadRecord): Opened
  patienceOf(partNumber: number): Patience
  moved(partNumber: number, bytes: number, before: number): void
  stored(partNumber: number, etag: string | null): void
  show(state: UploadState): void
  report(): void
  succeed(answer: CompletedUpload): void
  fail(error: unknown): void
}

export interface TaskHooks {
  readonly onResume: () => void
  readonly onAbort: (task: Task) => Promise<void>
  readonly isOffline: () => boolean
}

/** What a File has beyond a Blob; in Node only some of it. */
type FileLike = Blob & Partial<Record<'name' | 'webkitRelativePath', string>>

export function toKeyOf(file: Blob, { key, prefix = '', path }: UploadOptions): string {
  const { name = '', webkitRelativePath = '' } = file as FileLike
  return key ?? prefix + (path ?? (webkitRelativePath || name))
}

export function createTask(
  file: Blob,
  options: UploadOptions,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  hooks: TaskHooks,
  connections: number,
): Task {
  const over = new AbortController()
  const speed = createSpeed()
  const patience = new Map<number, Patience>()
  let flight = new AbortController()
  let state: UploadState = 'waiting'
  let isPaused = false
  let reportedAt = 0
  let error: PosternError | null = null
  let resolve: (answer: CompletedUpload) => void
  let reject: (reason: PosternError) => void
  const done = new Promise<CompletedUpload>((yes, no) => {
    resolve = yes
    reject = no
  })
  const ended = done.then(
    () => {},
    () => {},
  )

  function toProgress(): Progress {
    const sentBytes = state === 'done' ? file.size : (task.opened?.parts.sentBytes() ?? 0)
    const bytesPerSecond = state === 'sending' ? speed.perSecond() : 0
    return {
      state: state === 'sending' && isPaused ? 'paused' : state,
      sentBytes,
      totalBytes: file.size,
      bytesPerSecond,
      etaSeconds: bytesPerSecond > 0 ? (file.size - sentBytes) / bytesPerSecond : null,
      isOffline: !over.signal.aborted && hooks.isOffline(),
    }
  }

  function settle(to: UploadState, answer: CompletedUpload | PosternError): void {
    if (over.signal.aborted) return
    state = to
    over.abort()
    flight.abort()
    if (answer instanceof PosternError) {
      error = answer
      reject(answer)
    } else resolve(answer)
    task.report()
  }

  const upload: Upload = {
    file,
    bucket: options.bucket,
    key: toKeyOf(file, options),
    get progress() {
      return toProgress()
    },
    get error() {
      return error
    },
    done,
    pause() {
      isPaused = true
      flight.abort()
      task.report()
    },
    resume() {
      if (!isPaused) return
      isPaused = false
      flight = new AbortController()
      task.report()
      hooks.onResume()
    },
    async abort() {
      if (over.signal.aborted) return
      settle('aborted', new PosternError('aborted', 'The upload was aborted.'))
      await hooks.onAbort(task)
    },
  }

  const task: Task = {
    upload,
    file,
    options,
    type: options.type ?? (file.type || 'application/octet-stream'),
    name: null,
    sub: '',
    verify: undefined,
    opened: null,
    saved: null,
    restarts: 0,
    signal: over.signal,
    ended,
    isActive: () => !isPaused && !over.signal.aborted,
    flight: () => flight.signal,
    open(record) {
      const { partSize, partCount, verify } = record
      const isSigned = verify !== undefined && verify !== 'etag'
      task.opened = {
        record,
        parts: createParts(file.size, partSize, partCount),
        urls: createUrls(isSigned ? FIRST_SIGNED : MAX_WINDOW, connections),
        etags: new Map(),
        sums: new Map(),
      }
      task.show('sending')
      return task.opened
    },
    patienceOf(partNumber) {
      const found = patience.get(partNumber) ?? createPatience(random)
      patience.set(partNumber, found)
      return found
    },
    moved(partNumber, bytes, before) {
      if (task.opened?.parts.move(partNumber, bytes)) task.patienceOf(partNumber).progress()
      speed.add(Math.max(0, bytes - before), clock.now())
      if (clock.now() - reportedAt >= REPORT_MS) task.report()
    },
    stored(partNumber, etag) {
      task.opened?.parts.store(partNumber)
      if (etag !== null) task.opened?.etags.set(partNumber, etag)
      patience.delete(partNumber)
    },
    show(to) {
      if (over.signal.aborted) return
      state = to
      task.report()
    },
    report() {
      reportedAt = clock.now()
      options.onProgress?.(toProgress())
    },
    succeed: (answer) => settle('done', answer),
    fail(reason) {
      const known = reason instanceof PosternError
      settle('failed', known ? reason : new PosternError('internal', String(reason)))
    },
  }
  const { signal } = options
  // Silent where nobody listens.
  if (signal?.aborted) queueMicrotask(() => void upload.abort())
  else signal?.addEventListener('abort', () => void upload.abort(), { once: true })
  return task
}

/** The plan of the gateway as it is kept. */
export function toRecord(task: Task, answer: UploadAnswer): UploadRecord {
  const { id, bucket, key, strategy, partSize, partCount, resumableUntil } = answer
  const { file, type, options, verify } = task
  const how = strategy === 'put' ? undefined : verify?.part
  return {
    name: task.name ?? '',
    sub: task.sub,
    lastModified: toLastModified(task) ?? 0,
    size: file.size,
    type,
    ...(options.handle && { handle: options.handle }),
    ...(how && { verify: how }),
    id,
    bucket,
    key,
    strategy,
    partSize,
    partCount,
    resumableUntil,
  }
}

export function toLastModified({ file, options }: Task): number | undefined {
  return options.lastModified ?? (file as Partial<File>).lastModified
}
