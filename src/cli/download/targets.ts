// Which objects the arguments of `download` name, and the files below its folder that they become.
import { toQuery } from '../../client/api.ts'
import type { Ask } from '../../client/control.ts'
import type { ObjectsAnswer } from '../../contract/objects.ts'
import { parseKeyPrefix } from '../../core/policy/key.ts'
import { isPrefix, type Place } from '../transfer/place.ts'
import { runAll } from '../transfer/pool.ts'
import { findPathFault, toFold } from './name.ts'

export interface Target {
  readonly bucket: string
  readonly key: string
  /** Below the folder, with "/". */
  readonly path: string
  /** Null until S3 has said it. */
  readonly size: number | null
  /** Why it is not fetched. */
  readonly fault: string | null
}

type Found = Omit<Target, 'fault'>

const lastOf = (key: string): string => key.split('/').findLast((name) => name !== '') ?? ''

/** What a console makes to show a folder: no object of a user's. */
const isFolderMark = ({ key, size }: ObjectsAnswer['objects'][number]): boolean =>
  key.endsWith('/') && size === 0

/** Level by level, as many folders at a time as there are connections. */
async function listBelow(ask: Ask, { bucket, key }: Place, connections: number): Promise<Found[]> {
  const found: Found[] = []
  // R2 answers with the NFC form of what was asked.
  const starts = [key, key.normalize('NFC')]
  const lead = lastOf(key) === '' ? '' : `${lastOf(key)}/`
  const add = (below: string, size: number | null): void => {
    const start = starts.find((form) => below.startsWith(form))
    // What does not lie below what was asked has no name there.
    const path = start === undefined ? '' : lead + below.slice(start.length)
    found.push({ bucket, key: below, path, size })
  }
  for (let level = [key]; level.length > 0;) {
    const next: string[] = []
    await runAll(level, connections, async (prefix) => {
      let cursor: string | undefined
      do {
        const query = toQuery({ bucket, prefix, cursor })
        const answer: ObjectsAnswer = await ask('GET', `/v1/objects${query}`)
        for (const object of answer.objects) if (!isFolderMark(object)) add(object.key, object.size)
        for (const below of answer.prefixes)
          if (parseKeyPrefix(below).ok && below !== prefix) next.push(below)
          else add(below, null)
        cursor = answer.cursor
      } while (cursor !== undefined)
    })
    level = next
  }
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1))
}

/** A file cannot be a folder too, nor two objects one file. */
export function judgeTargets(found: readonly Found[], platform: NodeJS.Platform): Target[] {
  const files = new Map<string, number>()
  const folders = new Set<string>()
  for (const { path } of found) {
    const fold = toFold(path, platform)
    files.set(fold, (files.get(fold) ?? 0) + 1)
    const names = fold.split('/')
    for (let length = 1; length < names.length; length += 1)
      folders.add(names.slice(0, length).join('/'))
  }
  return found.map((target) => {
    const fold = toFold(target.path, platform)
    const fault = findPathFault(target.path, platform)
    if (fault !== null) return { ...target, fault: `its key ${fault}` }
    if ((files.get(fold) ?? 0) > 1) return { ...target, fault: 'another would be the same file' }
    if (folders.has(fold)) return { ...target, fault: 'its file would be a folder of others' }
    return { ...target, fault: null }
  })
}

/** A key is a file of its last name; a prefix's last name leads its files, as a folder's does in an upload. */
export async function findTargets(
  ask: Ask,
  places: readonly Place[],
  connections: number,
): Promise<Target[]> {
  const found: Found[] = []
  const seen = new Set<string>()
  for (const place of places) {
    const { bucket, key } = place
    const own = isPrefix(place)
      ? await listBelow(ask, place, connections)
      : [{ bucket, key, path: lastOf(key), size: null }]
    for (const target of own) {
      // Named twice, by its key and by a prefix, it is one.
      const name = JSON.stringify([target.bucket, target.key, target.path])
      if (!seen.has(name)) found.push(target)
      seen.add(name)
    }
  }
  return judgeTargets(found, process.platform)
}
