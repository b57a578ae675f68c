// What the client needs from where it runs: a browser has defaults (browser.ts), Node and tests give their own.
import type { CompleteAnswer } from '../contract/upload.ts'

export interface ClientClock {
  /** Milliseconds since the epoch; may be wrong, only differences and the server's Date count. */
  now(): number
  /** Calls once after so long; the answer cancels. */
  after(ms: number, call: () => void): () => void
}

export interface SendRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

export interface SendAnswer {
  readonly status: number
  /** Null where it is absent or hidden by CORS. */
  header(name: string): string | null
}

/** Sends bytes to S3. Rejects when there is no answer, and when the signal aborts. */
export type Transport = (
  request: SendRequest,
  body: Blob,
  onSent: (bytes: number) => void,
  signal: AbortSignal,
) => Promise<SendAnswer>

export type SumAlgorithm = 'md5' | 'crc64nvme'

/** Base64 of the checksum; null where it cannot be computed here. */
export type Hasher = (bytes: Blob, algorithm: SumAlgorithm) => Promise<string | null>

/** What outlives a reload of one upload. */
export interface UploadRecord {
  /** Names it: caller, place and file. */
  readonly name: string
  /** The gateway's ticket. */
  readonly id: string
  readonly sub: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly type: string
  readonly lastModified: number
  readonly strategy: 'put' | 'multipart'
  readonly partSize: number
  readonly partCount: number
  readonly resumableUntil: string
  /** How parts are verified: a sum that is signed for each, or its ETag, which is an MD5. */
  readonly verify?: SumAlgorithm | 'etag' | undefined
  /** A FileSystemFileHandle, where the browser gave one. */
  readonly handle?: unknown
  /** Of the parts that are stored. */
  readonly etags: Map<number, string>
  /** What a tab that waits for this upload is told: it is complete. */
  readonly answer?: CompleteAnswer
}

/** Keeps records over reloads; failures may be swallowed: then nothing is resumed. */
export interface RecordStore {
  list(): Promise<readonly UploadRecord[]>
  read(name: string): Promise<UploadRecord | null>
  write(records: readonly UploadRecord[]): Promise<void>
  remove(name: string): Promise<void>
}

/** One holder of a name at a time, over all tabs. */
export interface Locks {
  /** Runs when the name is free; `hasWaited` when another held it. */
  hold(name: string, signal: AbortSignal, run: (hasWaited: boolean) => Promise<void>): Promise<void>
  /** Whether another waits for the name. */
  isAwaited(name: string): Promise<boolean>
}

export interface Online {
  isOnline(): boolean
  /** Calls whenever the machine has come online; the answer ends that. */
  watch(call: () => void): () => void
}

export interface Ports {
  readonly clock: ClientClock
  /** 0 ≤ x < 1. */
  readonly random: () => number
  readonly uuid: () => string
  readonly fetch: typeof fetch
  readonly send: Transport
  /** Whether anything answers there. */
  readonly probe: (origin: string, signal: AbortSignal) => Promise<boolean>
  readonly hash: Hasher
  readonly store: RecordStore
  readonly locks: Locks
  readonly online: Online
}
