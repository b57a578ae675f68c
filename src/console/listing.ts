// What a folder holds, page by page, in the order that the reader chose.
import type { Postern } from '../client/client.ts'
import type { ObjectsAnswer } from '../contract/objects.ts'
import { type Place, toName } from './places.ts'

export type Entry =
  | { readonly kind: 'folder'; readonly key: string; readonly name: string }
  | {
      readonly kind: 'file'
      readonly key: string
      readonly name: string
      readonly size: number
      readonly lastModified: string
    }
export type Column = 'name' | 'size' | 'lastModified'
export interface Order {
  readonly by: Column
  readonly isDescending: boolean
}

const PAGE = 200
const NAMES = new Intl.Collator(undefined, { numeric: true })

/** Folders first, as file managers do. */
export function sortEntries(entries: readonly Entry[], { by, isDescending }: Order): Entry[] {
  const sign = isDescending ? -1 : 1
  return entries.toSorted((one, other) => {
    if (one.kind !== other.kind) return one.kind === 'folder' ? -1 : 1
    const byName = NAMES.compare(one.name, other.name)
    if (by === 'name' || one.kind === 'folder' || other.kind === 'folder') return sign * byName
    const difference =
      by === 'size' ? one.size - other.size : one.lastModified < other.lastModified ? -1 : 1
    return sign * difference || byName
  })
}

function toEntries({ objects, prefixes }: ObjectsAnswer, prefix: string): Entry[] {
  const folders = prefixes.map((key): Entry => ({ kind: 'folder', key, name: toName(key) }))
  // Some tools store an empty object as the folder itself.
  const files = objects
    .filter(({ key }) => key !== prefix)
    .map(({ key, size, lastModified }): Entry => {
      return { kind: 'file', key, name: toName(key), size, lastModified }
    })
  return [...folders, ...files]
}

export interface Listing {
  readonly entries: readonly Entry[]
  readonly hasMore: boolean
  /** The next page; from the start with `isFresh`. */
  load(isFresh: boolean): Promise<void>
  remove(key: string): void
  /** What has just been stored, at its place: itself, or the folder in which it is. */
  insert(stored: { readonly bucket: string; readonly key: string; readonly size: number }): void
}

export function createListing(client: Postern, { bucket, prefix }: Place): Listing {
  const known = new Map<string, Entry>()
  let cursor: string | undefined
  return {
    get entries() {
      return [...known.values()]
    },
    get hasMore() {
      return cursor !== undefined
    },
    async load(isFresh) {
      const page = cursor === undefined || isFresh ? {} : { cursor }
      const answer = await client.list({ bucket, prefix, limit: PAGE, ...page })
      if (isFresh) known.clear()
      cursor = answer.cursor
      for (const entry of toEntries(answer, prefix)) known.set(entry.key, entry)
    },
    remove: (key) => void known.delete(key),
    insert({ bucket: where, key, size }) {
      if (where !== bucket || !key.startsWith(prefix)) return
      const [name = '', ...deeper] = key.slice(prefix.length).split('/')
      if (deeper.length > 0) {
        const folder = `${prefix}${name}/`
        known.set(folder, { kind: 'folder', key: folder, name })
      } else {
        const lastModified = new Date().toISOString()
        known.set(key, { kind: 'file', key, name, size, lastModified })
      }
    },
  }
}
