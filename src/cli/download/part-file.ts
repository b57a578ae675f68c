// The unfinished file of a download beside its place: opened to go on or anew, and given its name at the end.
import { constants, linkSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Failure } from '../frame/usage.ts'

/** Windows has no such flag, and no links without privilege. */
const NO_FOLLOW: number = constants.O_NOFOLLOW ?? 0

/** Of its full size at once, so that a full disk is found before the bytes come. */
export async function createPart(path: string, size: number): Promise<FileHandle> {
  rmSync(path, { force: true })
  const { O_RDWR, O_CREAT, O_EXCL } = constants
  const file = await open(path, O_RDWR | O_CREAT | O_EXCL | NO_FOLLOW, 0o666)
  await file.truncate(size)
  return file
}

/** Null where it is not there, or is not what was left. */
export async function openPart(path: string, size: number): Promise<FileHandle | null> {
  try {
    const file = await open(path, constants.O_RDWR | NO_FOLLOW)
    const found = await file.stat()
    if (found.isFile() && found.size === size) return file
    await file.close()
    return null
  } catch {
    return null
  }
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}

/** One step for whoever looks: the whole file or none. A file that has come meanwhile is not replaced unasked. */
export function finishPart(part: string, path: string, isOverwriting: boolean): void {
  if (!isOverwriting) {
    try {
      linkSync(part, path)
      rmSync(part)
      return
    } catch (error) {
      if (isCode(error, ['EEXIST']))
        throw new Failure('the file exists (--overwrite replaces it)', { code: 'exists' })
      // A file system without hard links.
      if (!isCode(error, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EISDIR']))
        throw error
    }
  }
  renameSync(part, path)
}
