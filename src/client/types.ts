// The public shapes of `postern/client`.
import type { CompleteAnswer } from '../contract/upload.ts'
import type { PosternError } from './error.ts'

export interface PosternOptions {
  /** PUBLIC_URL of the gateway. */
  readonly baseUrl: string
  /** The session token, asked for before each call; without it the session cookie counts. */
  readonly token?: () => string | Promise<string>
  /** Instead of the global one, for calls to the gateway. */
  readonly fetch?: typeof fetch
  /** Parts under way at a time, over all files; 6. */
  readonly connections?: number
  /** Where hash-worker.js of this package lies; beside this module unless said. */
  readonly workerUrl?: string | URL
}

export type CompletedUpload = CompleteAnswer

/**
 * `waiting`: for its turn, or for another tab that sends the same file; `verifying`: all bytes are stored, the
 * gateway checks them.
 */
export type UploadState =
  'waiting' | 'sending' | 'paused' | 'verifying' | 'done' | 'failed' | 'aborted'

export interface Progress {
  readonly state: UploadState
  readonly sentBytes: number
  readonly totalBytes: number
  /** Smoothed; 0 where nothing moves. */
  readonly bytesPerSecond: number
  /** Null while the speed is not known. */
  readonly etaSeconds: number | null
  /** No answer from the storage or the gateway just now: it goes on by itself. */
  readonly isOffline: boolean
}

export interface UploadOptions {
  readonly bucket: string
  /** The object's key; or `prefix`, below which it gets its path. */
  readonly key?: string
  /** Empty, or ending in "/". */
  readonly prefix?: string
  /** Below `prefix`; the file's path in its folder, or its name, unless said. */
  readonly path?: string
  /** Content type; the file's, or application/octet-stream, unless said. */
  readonly type?: string
  readonly overwrite?: boolean
  readonly metadata?: Readonly<Record<string, string>>
  /** Milliseconds since the epoch; the file's unless said. Without one nothing is kept for a reload. */
  readonly lastModified?: number
  /** From the file picker or a drop: lets `pending()` open the file again with one click. */
  readonly handle?: FileHandle
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** What of a FileSystemFileHandle is used. */
export interface FileHandle {
  getFile(): Promise<File>
  /** Where the browser must ask the user first. */
  requestPermission?(how: { mode: 'read' }): Promise<unknown>
}

export interface Upload {
  readonly file: Blob
  readonly bucket: string
  readonly key: string
  readonly progress: Progress
  /** The verified object. Rejects with a PosternError; unobserved it stays silent. */
  readonly done: Promise<CompletedUpload>
  readonly error: PosternError | null
  /** Stops sending; what is stored stays. */
  pause(): void
  resume(): void
  /** Ends it and drops what is stored; resolves when the gateway has done so, or cannot be told. */
  abort(): Promise<void>
}

/** An upload of an earlier page that can go on. */
export interface PendingUpload {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly lastModified: number
  /** Whether `resume()` needs no file: the browser kept a handle. */
  readonly hasHandle: boolean
  /** Goes on; in a click's handler, as the browser may ask the user. The file must be the same. */
  resume(options?: ResumeOptions): Promise<Upload>
  /** Forgets it and drops what is stored. */
  discard(): Promise<void>
}

export interface ResumeOptions extends Pick<UploadOptions, 'onProgress' | 'signal'> {
  readonly file?: File
}
