// The files of a drop, a paste or an input, those of folders among them, with their paths.
import type { FileHandle } from './types.ts'

export interface FoundFile {
  readonly file: File
  /** In its folder: "album/1.jpg"; of a single file its name. */
  readonly path: string
  /** Where the browser gives one: for `upload`, so that it can go on after a reload with one click. */
  readonly handle?: FileHandle
}

type Handle = FileHandle & {
  readonly kind: 'file' | 'directory'
  readonly name: string
  values?(): AsyncIterable<Handle>
}

async function* walk(handle: Handle, folder: string): AsyncGenerator<FoundFile> {
  const path = folder + handle.name
  if (handle.kind === 'file') yield { file: await handle.getFile(), path, handle }
  else for await (const child of handle.values?.() ?? []) yield* walk(child, `${path}/`)
}

async function* walkEntry(entry: FileSystemEntry): AsyncGenerator<FoundFile> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    yield { file, path: entry.fullPath.slice(1) }
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    // It gives some at a time, at last none.
    if (entries.length === 0) return
    for (const child of entries) yield* walkEntry(child)
  }
}

/** All files of what was dropped or pasted, or of a file list; call it in the event's handler. */
export async function filesOf(
  source: DataTransfer | FileList | readonly File[],
): Promise<FoundFile[]> {
  if (!('items' in source))
    return [...source].map((file) => ({ file, path: file.webkitRelativePath || file.name }))
  // The items are gone as soon as the handler has returned: all are asked before the first wait.
  const asked = [...source.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({
      handle: (item as { getAsFileSystemHandle?(): Promise<Handle | null> })
        .getAsFileSystemHandle?.()
        .catch(() => null),
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }))
  const found: FoundFile[] = []
  for (const { handle, entry, file } of asked) {
    const opened = await handle
    if (opened) for await (const one of walk(opened, '')) found.push(one)
    else if (entry) for await (const one of walkEntry(entry)) found.push(one)
    else if (file) found.push({ file, path: file.name })
  }
  return found
}
