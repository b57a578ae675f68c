// The page of the client's suite: `postern/client` as an application has it, driven by the test through `window.drive`.
import {
  createPostern,
  filesOf,
  type PendingUpload,
  type Postern,
  PosternError,
  type Progress,
  type Upload,
  type UploadOptions,
} from '../../../src/client/client.ts'
import { toContent } from '../uppy/content.ts'

export interface Setup {
  readonly gateway: string
  readonly token: string
  readonly connections?: number
}

export interface Outcome {
  readonly key: string
  readonly state: string
  readonly size?: number
  readonly error?: { code: string; message: string; requestId: string; retryable: boolean }
}

async function toOutcome(upload: Upload): Promise<Outcome> {
  const { key } = upload
  try {
    const { size } = await upload.done
    return { key, state: upload.progress.state, size }
  } catch (error) {
    if (!(error instanceof PosternError)) throw error
    const { code, message, requestId, retryable } = error
    return { key, state: upload.progress.state, error: { code, message, requestId, retryable } }
  }
}

function createDrive() {
  let postern: Postern | null = null
  let pending: PendingUpload[] = []
  const uploads: Upload[] = []
  const progress: Progress[] = []
  const client = (): Postern => {
    if (postern === null) throw new Error('not started')
    return postern
  }
  /** Those that wait for a moment of some upload. */
  const waiting: { isIt: (now: Progress) => boolean; go: () => void }[] = []
  const onProgress = (now: Progress): void => {
    progress.push(now)
    for (const { isIt, go } of waiting) if (isIt(now)) go()
  }
  const toFile = (name: string, size: number, seed: number, type: string): File =>
    new File([toContent(size, seed)], name, { type, lastModified: 1_700_000_000_000 })
  return {
    start({ gateway, token, connections = 6 }: Setup): void {
      postern = createPostern({
        baseUrl: gateway,
        token: () => token,
        connections,
        workerUrl: 'hash-worker.js',
      })
    },
    client,
    add(
      name: string,
      size: number,
      seed: number,
      options: UploadOptions,
      type = 'text/plain',
    ): void {
      uploads.push(client().upload(toFile(name, size, seed, type), { onProgress, ...options }))
    },
    /** Of a file that an input of the page holds. */
    addChosen(options: UploadOptions): void {
      const file = document.querySelector<HTMLInputElement>('input')?.files?.[0]
      if (file) uploads.push(client().upload(file, { onProgress, ...options }))
    },
    wait: (): Promise<Outcome[]> => Promise.all(uploads.map(toOutcome)),
    upload(at = 0): Upload {
      const found = uploads[at]
      if (found === undefined) throw new Error('no such upload')
      return found
    },
    progress: (): Progress[] => progress,
    /** Resolves when some upload has lost the line, or has it again. */
    until: (isOffline: boolean): Promise<void> =>
      new Promise((go) => {
        const isIt = (now: Progress): boolean => now.isOffline === isOffline
        if (progress.some((_, at) => at === progress.length - 1 && isIt(progress[at] as Progress)))
          go()
        else waiting.push({ isIt, go })
      }),
    /** Of what an input of the page holds. */
    async addFound(options: UploadOptions): Promise<void> {
      const files = document.querySelector<HTMLInputElement>('input')?.files
      for (const { file, path } of files ? await filesOf(files) : [])
        uploads.push(client().upload(file, { ...options, path, onProgress }))
    },
    async pending(): Promise<{ key: string; hasHandle: boolean }[]> {
      pending = await client().pending()
      return pending.map(({ key, hasHandle }) => ({ key, hasHandle }))
    },
    async resume(at: number): Promise<void> {
      const upload = await pending[at]?.resume({ onProgress })
      if (upload) uploads.push(upload)
    },
    discard: (at: number): Promise<void> | undefined => pending[at]?.discard(),
    /** A file of the browser's own file system, of which it can keep a handle. */
    async addPrivate(
      name: string,
      size: number,
      seed: number,
      options: UploadOptions,
    ): Promise<void> {
      const root = await navigator.storage.getDirectory()
      const handle = await root.getFileHandle(name, { create: true })
      const writable = await handle.createWritable()
      await writable.write(toContent(size, seed))
      await writable.close()
      const file = await handle.getFile()
      uploads.push(client().upload(file, { onProgress, ...options, handle }))
    },
  }
}

export type Drive = ReturnType<typeof createDrive>
declare global {
  interface Window {
    client: Drive
  }
}
window.client = createDrive()
