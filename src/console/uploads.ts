// The uploads of this page: what was added, how far each is, and all of them together.
import type {
  FoundFile,
  PendingUpload,
  Postern,
  PosternError,
  Progress,
  Upload,
} from '../client/client.ts'
import type { Place } from './places.ts'

export interface Item {
  readonly name: string
  readonly bucket: string
  readonly key: string
  readonly size: number
  progress(): Progress
  error(): PosternError | null
  pause(): void
  resume(): void
  cancel(): void
  /** After it failed: the same once more, under another key where one is given. */
  retry(key?: string): void
}

export interface Stored {
  readonly bucket: string
  readonly key: string
  readonly size: number
  readonly etag: string
}

export interface Uploads {
  readonly items: readonly Item[]
  add(files: readonly FoundFile[], place: Place): void
  /** Goes on with what an earlier page has left; the file where the browser kept no handle. */
  adopt(pending: PendingUpload, file?: File): Promise<void>
  /** Forgets what has ended. */
  clear(): void
  isBusy(): boolean
  stop(): void
  /** Something has changed; called at most once a frame. */
  onChange(call: () => void, over: AbortSignal): void
  onStored(call: (stored: Stored) => void, over: AbortSignal): void
}

const OVER = new Set(['done', 'failed', 'aborted'])
export const isOver = (item: Item): boolean => OVER.has(item.progress().state)

export function createUploads(client: Postern): Uploads {
  let items: Item[] = []
  const events = new EventTarget()
  let isScheduled = false
  const changed = (): void => {
    if (isScheduled) return
    isScheduled = true
    requestAnimationFrame(() => {
      isScheduled = false
      events.dispatchEvent(new Event('change'))
    })
  }
  const warn = (event: Event): void => event.preventDefault()

  function toItem(first: Upload, again: (key?: string) => Upload): Item {
    let upload = first
    const watch = (): void => {
      addEventListener('beforeunload', warn)
      upload.done
        .then((detail) => void events.dispatchEvent(new CustomEvent('stored', { detail })))
        .catch(() => {})
        .finally(() => {
          if (!isBusy()) removeEventListener('beforeunload', warn)
          changed()
        })
    }
    watch()
    const { size } = first.file
    return {
      get name() {
        return upload.key.split('/').pop() ?? ''
      },
      get key() {
        return upload.key
      },
      bucket: first.bucket,
      size,
      progress: () => upload.progress,
      error: () => upload.error,
      pause: () => upload.pause(),
      resume: () => upload.resume(),
      cancel: () => void upload.abort(),
      retry(key) {
        upload = again(key)
        watch()
        changed()
      },
    }
  }

  const isBusy = (): boolean => items.some((item) => !isOver(item))

  return {
    get items() {
      return items
    },
    add(files, { bucket, prefix }) {
      const fresh = files.map(({ file, path, handle }) => {
        const start = (key = prefix + path): Upload =>
          client.upload(file, { bucket, key, onProgress: changed, ...(handle && { handle }) })
        return toItem(start(), start)
      })
      items = [...items, ...fresh]
      changed()
    },
    async adopt(pending, file) {
      const upload = await pending.resume({ onProgress: changed, ...(file && { file }) })
      const { bucket } = upload
      const again = (key = upload.key): Upload =>
        client.upload(upload.file, { bucket, key, onProgress: changed })
      items = [...items, toItem(upload, again)]
      changed()
    },
    clear() {
      items = items.filter((item) => !isOver(item))
      changed()
    },
    isBusy,
    stop() {
      for (const item of items) if (!isOver(item)) item.pause()
      removeEventListener('beforeunload', warn)
    },
    onChange: (call, signal) => events.addEventListener('change', call, { signal }),
    onStored(call, signal) {
      events.addEventListener(
        'stored',
        (event) => {
          // Dispatched above, with what completion answers.
          call((event as CustomEvent<Stored>).detail)
        },
        { signal },
      )
    },
  }
}
