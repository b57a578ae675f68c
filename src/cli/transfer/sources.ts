// Which files the arguments of `upload` name, and the keys that they get.
import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseObjectKey } from '../../core/policy/key.ts'
import { Failure, UsageError } from '../frame/usage.ts'
import { toShown } from './display.ts'

export interface Source {
  /** As it was named, for people. */
  readonly name: string
  readonly path: string
  readonly key: string
  readonly size: number
  readonly mtimeMs: number
}

interface Found {
  readonly name: string
  readonly path: string
  /** With "/", whatever the platform has. */
  readonly relative: string
}

/** Links to files are followed, links to folders are not: they may lead round in circles. */
function walk(folder: Found, fault: (name: string, what: string) => void): Found[] {
  return readdirSync(folder.path, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const child = {
        name: join(folder.name, entry.name),
        path: join(folder.path, entry.name),
        relative: folder.relative + entry.name,
      }
      if (entry.isDirectory()) return walk({ ...child, relative: `${child.relative}/` }, fault)
      const found = statSync(child.path, { throwIfNoEntry: false })
      if (found?.isFile()) return [child]
      fault(child.name, found?.isDirectory() ? 'is a link to a folder' : 'is no file')
      return []
    })
}

/** A folder's own name leads, as in a drop on the console; of "." and ".." there is none. */
function findFiles(
  names: readonly string[],
  cwd: string,
  fault: (name: string, what: string) => void,
): { files: Found[]; hasFolder: boolean } {
  let hasFolder = false
  const files = names.flatMap((name) => {
    const path = resolve(cwd, name)
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) throw new UsageError('a file that is to be sent does not exist')
    const last = /(?:^|[\\/])\.{0,2}[\\/]*$/.test(name) ? '' : basename(path)
    if (found.isFile()) return [{ name, path, relative: last }]
    hasFolder = true
    return walk({ name, path, relative: last === '' ? '' : `${last}/` }, fault)
  })
  return { files, hasFolder }
}

/** `to` is a prefix, empty or ending in "/", or the key of one single file. */
export function findSources(names: readonly string[], cwd: string, to: string): readonly Source[] {
  const faults: string[] = []
  const fault = (name: string, what: string): void => {
    faults.push(`${toShown(name)}: ${what}`)
  }
  const { files, hasFolder } = findFiles(names, cwd, fault)
  const isPrefix = to === '' || to.endsWith('/')
  if (!isPrefix && (hasFolder || files.length !== 1))
    throw new UsageError('--to ends in "/" where several files go there')
  const keys = new Map<string, string>()
  const sources = files.map(({ name, path, relative }) => {
    const key = isPrefix ? to + relative : to
    const parsed = parseObjectKey(key)
    if (!parsed.ok) fault(name, `its key ${parsed.error}`)
    const twin = keys.get(key)
    if (twin !== undefined) fault(name, `would get the same key as ${toShown(twin)}`)
    keys.set(key, name)
    const { size, mtimeMs } = statSync(path)
    return { name, path, key, size, mtimeMs }
  })
  if (faults.length > 0)
    throw new Failure(`nothing was sent:\n${faults.map((line) => `  ${line}`).join('\n')}`, {
      faults,
    })
  return sources
}
