// A file as a Blob that is never in memory: its slices are ranges, read when they are sent or hashed.
import { type FileHandle, open } from 'node:fs/promises'

export interface FileRange {
  readonly path: string
  readonly start: number
  readonly end: number
  /** Of the whole file, as it was found. */
  readonly size: number
  /** Null of a file that is being written here. */
  readonly mtimeMs: number | null
}

const ranges = new WeakMap<Blob, FileRange>()

/** Rejects where the file is no longer the one that was found: parts of two states make no object. */
export async function openUnchanged({ path, size, mtimeMs }: FileRange): Promise<FileHandle> {
  const file = await open(path)
  const found = await file.stat()
  if (found.size === size && (mtimeMs === null || found.mtimeMs === mtimeMs)) return file
  await file.close()
  throw new Error('the file has changed')
}

async function readRange(range: FileRange): Promise<ArrayBuffer> {
  const file = await openUnchanged(range)
  try {
    const bytes = new Uint8Array(range.end - range.start)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, range.start)
    if (bytesRead < bytes.length) throw new Error('the file has changed')
    return bytes.buffer
  } finally {
    await file.close()
  }
}

/** What the engine asks of a Blob: its size, slices, and few bytes to see whether it can still be read. */
export function toFileBlob(range: FileRange): Blob {
  const blob = new Blob()
  const size = range.end - range.start
  Object.defineProperties(blob, {
    size: { value: size },
    slice: {
      value: (from = 0, to = size) =>
        toFileBlob({
          ...range,
          start: range.start + Math.min(from, size),
          end: range.start + Math.min(to, size),
        }),
    },
    arrayBuffer: { value: () => readRange(range) },
  })
  ranges.set(blob, range)
  return blob
}

export function toRange(blob: Blob): FileRange {
  const range = ranges.get(blob)
  if (range === undefined) throw new TypeError('not a Blob of a file')
  return range
}
