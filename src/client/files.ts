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
  readonly name: string
  /** Of a folder. */
  values?(): AsyncIterable<Handle>
}

async function addHandle(found: FoundFile[], handle: Handle, folder = ''): Promise<void> {
  const path = folder + handle.name
  if (!handle.values) found.push({ file: await handle.getFile(), path, handle })
  else for await (const child of handle.values()) await addHandle(found, child, `${path}/`)
}

async function addEntry(found: FoundFile[], entry: FileSystemEntry): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((...call) => (entry as FileSystemFileEntry).file(...call))
    found.push({ file, path: entry.fullPath.slice(1) })
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const read = (): Promise<FileSystemEntry[]> =>
    new Promise((...call) => reader.readEntries(...call))
  // It gives some at a time, at last none.
  for (let some = await read(); some[0]; some = await read())
    for (const child of some) await addEntry(found, child)
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
    if (opened) await addHandle(found, opened)
    else if (entry) await addEntry(found, entry)
    else if (file) found.push({ file, path: file.name })
  }
  return found
}
