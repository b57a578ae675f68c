// One upload from the caller's side to its end: what is wanted, how far it is, and how it is settled.
import type { SessionAnswer } from '../contract/session.ts'
import type { CompleteAnswer } from '../contract/upload.ts'
import { PosternError } from './error.ts'
import { createParts, type Parts } from './parts.ts'
import { createPatience, type Patience } from './patience.ts'
import type { Ports, UploadRecord } from './ports.ts'
import { createSpeed } from './speed.ts'
import type { Progress, Upload, UploadOptions, UploadState } from './types.ts'
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
  /** Whether a sum is signed for each part. */
  readonly isSigned: boolean
  /** Whether the gateway can tell which parts have arrived; true until it says no. */
  canList: boolean
}

export interface Task {
  readonly upload: Upload
  readonly file: Blob
  readonly options: UploadOptions
  readonly type: string
  readonly lastModified: number | undefined
  /** Names it over reloads and tabs; empty where the file cannot be told from others. */
  name: string
  sub: string
  verify: SessionAnswer['grants'][number]['verify']
  opened: Opened | null
  /** What a page before has kept of it. */
  saved: UploadRecord | null
  /** How often it had to begin anew. */
  restarts: number
  /** Aborts when it is settled. */
  readonly signal: AbortSignal
  readonly ended: Promise<unknown>
  isActive(): boolean
  /** Aborts when it is paused or settled. */
  flight(): AbortSignal
  open(record: UploadRecord): Opened
  patienceOf(partNumber: number): Patience
  /** So many bytes of a part have left, where there were so many before. */
  moved(partNumber: number, bytes: number, before: number): void
  show(state: UploadState): void
  report(): void
  /** Ends it, once. */
  settle(outcome: CompleteAnswer | PosternError, state?: UploadState): void
}

export interface TaskHooks {
  readonly pump: () => void
  readonly onAbort: (task: Task) => Promise<void>
  readonly isOffline: () => boolean
}

/** What a File has beyond a Blob; in Node only some of it. */
type FileLike = Blob & { name?: string; webkitRelativePath?: string; lastModified?: number }

export function createTask(
  file: FileLike,
  options: UploadOptions,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
  { pump, onAbort, isOffline }: TaskHooks,
  connections: number,
): Task {
  const { bucket, key, prefix = '', path, signal, onProgress, lastModified } = options
  const over = new AbortController()
  const speed = createSpeed()
  const patience = new Map<number, Patience>()
  let flight = new AbortController()
  let state: UploadState = 'waiting'
  let [isPaused, reportedAt] = [false, 0]
  let error: PosternError | null = null
  let resolve: (answer: CompleteAnswer) => void
  let reject: (reason: PosternError) => void
  const done = new Promise<CompleteAnswer>((yes, no) => {
    resolve = yes
    reject = no
  })

  function toProgress(): Progress {
    const { size } = file
    const isSending = state === 'sending'
    const sentBytes = state === 'done' ? size : (task.opened?.parts.sentBytes() ?? 0)
    const bytesPerSecond = isSending && !isPaused ? speed.perSecond() : 0
    return {
      state: isSending && isPaused ? 'paused' : state,
      sentBytes,
      totalBytes: size,
      bytesPerSecond,
      etaSeconds: bytesPerSecond > 0 ? (size - sentBytes) / bytesPerSecond : null,
      isOffline: !over.signal.aborted && isOffline(),
    }
  }

  const abort = async (): Promise<void> => {
    if (over.signal.aborted) return
    task.settle(new PosternError('aborted'), 'aborted')
    await onAbort(task)
  }
  const task: Task = {
    upload: {
      file,
      bucket,
      key: key ?? prefix + (path ?? (file.webkitRelativePath || file.name)),
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
        if (isPaused) flight = new AbortController()
        isPaused = false
        task.report()
        pump()
      },
      abort,
    },
    file,
    options,
    type: options.type ?? (file.type || 'application/octet-stream'),
    lastModified: lastModified ?? file.lastModified,
    name: '',
    sub: '',
    verify: undefined,
    opened: null,
    saved: null,
    restarts: 0,
    signal: over.signal,
    ended: done.catch(() => {}),
    isActive: () => !isPaused && !over.signal.aborted,
    flight: () => flight.signal,
    open(record) {
      const isSigned = !!record.verify && record.verify !== 'etag'
      task.opened = {
        record,
        parts: createParts(file.size, record.partSize, record.partCount),
        urls: createUrls(isSigned ? FIRST_SIGNED : MAX_WINDOW, connections),
        isSigned,
        canList: record.strategy === 'multipart',
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
    show(to) {
      if (!over.signal.aborted) state = to
      task.report()
    },
    report() {
      reportedAt = clock.now()
      onProgress?.(toProgress())
    },
    settle(outcome, to) {
      if (over.signal.aborted) return
      over.abort()
      flight.abort()
      if (outcome instanceof PosternError) {
        error = outcome
        state = to ?? 'failed'
        reject(outcome)
      } else {
        state = 'done'
        resolve(outcome)
      }
      task.report()
    },
  }
  if (signal?.aborted) queueMicrotask(abort)
  signal?.addEventListener('abort', abort)
  return task
}
