// The way to a file below the folder of a download: made where it is missing, never through a link.
import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../frame/usage.ts'

/** The folder that was named may be a link itself: it was named. */
export function openFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return realpathSync(path)
}

/** The folder of the file; a link on the way could lead out of what was named. */
export function makeWay(folder: string, path: string): string {
  let at = folder
  for (const name of path.split('/').slice(0, -1)) {
    at = join(at, name)
    const found = lstatSync(at, { throwIfNoEntry: false })
    if (found === undefined) mkdirSync(at, { recursive: true })
    else if (found.isSymbolicLink())
      throw new Failure('a folder on its way is a link, which is not followed', { code: 'link' })
    else if (!found.isDirectory())
      throw new Failure('a folder on its way is a file', { code: 'exists' })
  }
  return at
}

/** With overwriting a link is replaced itself, not what it leads to. */
export function judgeFile(path: string, isOverwriting: boolean): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (found.isDirectory()) throw new Failure('there is a folder of that name', { code: 'exists' })
  if (!isOverwriting)
    throw new Failure('the file exists (--overwrite replaces it)', { code: 'exists' })
}
