// One upload from the caller's side to its end: what is wanted, how far it is, and how it is settled.
import type { SessionAnswer } from '../contract/session.ts'
import type { CompleteAnswer } from '../contract/upload.ts'
import { PosternError } from './error.ts'
import type { Tools } from './open.ts'
import { createParts, type Parts } from './parts.ts'
import { createPatience, type Patience } from './patience.ts'
import type { SumAlgorithm, UploadRecord } from './ports.ts'
import { createSpeed } from './speed.ts'
import type { Candidate } from './rules.ts'
import type { Progress, Upload, UploadOptions, UploadState } from './types.ts'
import { createUrls, MAX_WINDOW, type Urls } from './urls.ts'

/** Between two reports of progress. */
const REPORT_MS = 100
/** First window of parts whose sums are signed: they must be computed before. */
const FIRST_SIGNED = 28

/** What is known once the gateway has opened it. */
export interface Opened extends Parts, Urls {
  readonly task: Task
  readonly record: UploadRecord
  /** The sum that is signed for each part. */
  readonly signs: SumAlgorithm | undefined
  /**
   * The part's sum in base64, as it was when it was first asked for: it is read once, and a file that changes meanwhile is
   * noticed. Null where there is none.
   */
  sumOf(partNumber: number): Promise<string | null> | undefined
  /** Whether the gateway can tell which parts have arrived; true until it says no. */
  canList: boolean
  /** URLs are being asked for. */
  isAsking: boolean
}

export interface Task {
  readonly upload: Upload
  readonly file: Blob
  readonly options: UploadOptions
  /** What it is called, how large it is, and of which type: what the gateway's rules are about. */
  readonly plan: Candidate
  readonly lastModified: number | undefined
  /** Names it over reloads and tabs; empty where the file cannot be told from others. */
  name: string
  sub: string
  verify: SessionAnswer['grants'][number]['verify']
  opened: Opened | null
  /** What is kept of it, by this page or one before. */
  record: UploadRecord | null
  /** How often it had to begin anew. */
  restarts: number
  /** Aborts when it is settled. */
  readonly signal: AbortSignal
  readonly ended: Promise<unknown>
  maySend(): boolean
  /** Aborts when it is paused or settled, or begins anew. */
  flight(): AbortSignal
  /** Ends what is under way. */
  halt(): void
  open(record: UploadRecord): Opened
  patienceOf(partNumber: number): Patience & { bestBytes: number }
  /** So many bytes of a part have left. */
  move(partNumber: number, bytes: number): void
  show(state: UploadState): void
  reportProgress(): void
  /** Ends it, once. */
  settle(outcome: CompleteAnswer | PosternError): void
}

/** What a File has beyond a Blob; in Node only some of it. */
type FileLike = Blob & { name?: string; webkitRelativePath?: string; lastModified?: number }

export function createTask(
  file: FileLike,
  options: UploadOptions,
  { clock, random, hash, pump, isOffline, connections }: Tools,
  onAbort: (task: Task) => Promise<void>,
): Task {
  const { bucket, prefix = '', path, signal, onProgress, lastModified } = options
  const { key = prefix + (path ?? (file.webkitRelativePath || file.name)) } = options
  const { size, type } = file
  const over = new AbortController()
  const speed = createSpeed()
  /** Of each part, with the most that ever left of it. */
  const patience = new Map<number, Patience & { bestBytes: number }>()
  const { promise: done, resolve, reject } = Promise.withResolvers<CompleteAnswer>()
  let flight = new AbortController()
  let state: UploadState = 'waiting'
  let [isPaused, reportedAt] = [false, 0]
  let error: PosternError | null = null

  function toProgress(): Progress {
    const isSending = state === 'sending'
    const sentBytes = state === 'done' ? size : (task.opened?.sentBytes() ?? 0)
    const bytesPerSecond = isSending && !isPaused ? speed.perSecond() : 0
    return {
      state: isSending && isPaused ? 'paused' : state,
      sentBytes,
      totalBytes: size,
      bytesPerSecond,
      etaSeconds: bytesPerSecond ? (size - sentBytes) / bytesPerSecond : null,
      isOffline: !over.signal.aborted && isOffline(),
    }
  }

  async function abort(): Promise<void> {
    if (over.signal.aborted) return
    task.settle(new PosternError('aborted'))
    await onAbort(task)
  }

  const task: Task = {
    upload: {
      file,
      bucket,
      key,
      get progress() {
        return toProgress()
      },
      get error() {
        return error
      },
      done,
      pause() {
        isPaused = true
        task.halt()
        task.reportProgress()
      },
      resume() {
        isPaused = false
        task.reportProgress()
        pump()
      },
      abort,
    },
    file,
    options,
    plan: { bucket, key, size, type: options.type ?? (type || 'application/octet-stream') },
    lastModified: lastModified ?? file.lastModified,
    name: '',
    sub: '',
    verify: undefined,
    opened: null,
    record: null,
    restarts: 0,
    signal: over.signal,
    ended: done.catch(() => {}),
    maySend: () => !isPaused && !over.signal.aborted,
    flight: () => flight.signal,
    halt() {
      flight.abort()
      flight = new AbortController()
      task.opened?.halt()
    },
    open(record) {
      const { verify } = record
      const signs = verify === 'etag' ? undefined : verify
      const parts = createParts(file, record)
      const sums: (Promise<string | null> | null)[] = []
      // What could not be read this time is read again.
      const toSum = (at: number): Promise<string | null> =>
        hash(parts.slice(at), signs ?? 'md5').then((sum) => sum ?? (sums[at] = null))
      task.record = record
      task.opened = {
        task,
        ...parts,
        ...createUrls(signs ? FIRST_SIGNED : MAX_WINDOW, connections),
        record,
        signs,
        sumOf: (at) => verify && (sums[at] ??= toSum(at)),
        canList: record.strategy === 'multipart',
        isAsking: false,
      }
      task.show('sending')
      return task.opened
    },
    patienceOf(partNumber) {
      const found = patience.get(partNumber) ?? { ...createPatience(random), bestBytes: 0 }
      patience.set(partNumber, found)
      return found
    },
    move(partNumber, bytes) {
      const one = task.patienceOf(partNumber)
      if (bytes > one.bestBytes) {
        one.bestBytes = bytes
        one.progress()
      }
      const now = clock.now()
      speed.add(task.opened?.move(partNumber, bytes) ?? 0, now)
      if (now - reportedAt >= REPORT_MS) task.reportProgress()
    },
    show(to) {
      if (!over.signal.aborted) state = to
      task.reportProgress()
    },
    reportProgress() {
      reportedAt = clock.now()
      onProgress?.(toProgress())
    },
    settle(outcome) {
      if (over.signal.aborted) return
      over.abort()
      task.halt()
      if (outcome instanceof PosternError) {
        error = outcome
        state = outcome.code === 'aborted' ? 'aborted' : 'failed'
        reject(outcome)
      } else {
        state = 'done'
        resolve(outcome)
      }
      task.reportProgress()
    },
  }
  if (signal?.aborted) queueMicrotask(abort)
  signal?.addEventListener('abort', abort)
  return task
}
