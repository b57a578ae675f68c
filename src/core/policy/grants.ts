// All grants, indexed by bucket and literal prefix, so that a thousand cost what ten cost.
import type { Grant } from './grant.ts'

export interface Grants {
  readonly all: readonly Grant[]
  /** Grants that may cover this key or prefix of this bucket: a superset, in configured order. */
  candidates(bucket: string, key: string): readonly Grant[]
}

/** Heads under which a grant for this key can stand: "", "a/", "a/b/" for `a/b/c`. */
function headsOf(key: string): string[] {
  const heads = ['']
  for (let slash = key.indexOf('/'); slash !== -1; slash = key.indexOf('/', slash + 1)) {
    heads.push(key.slice(0, slash + 1))
  }
  return heads
}

export function createGrants(
  all: readonly Grant[],
  foldsToNfc: (bucket: string) => boolean,
): Grants {
  const order = new Map(all.map((grant, position) => [grant, position]))
  const byBucket = new Map<string, Map<string, Grant[]>>()
  for (const grant of all) {
    const byHead = byBucket.get(grant.bucket) ?? new Map<string, Grant[]>()
    byBucket.set(grant.bucket, byHead)
    const head = foldsToNfc(grant.bucket) ? grant.prefix.head.normalize('NFC') : grant.prefix.head
    const group = byHead.get(head) ?? []
    byHead.set(head, group)
    group.push(grant)
  }
  return {
    all,
    candidates(bucket, key) {
      const byHead = byBucket.get(bucket)
      if (byHead === undefined) return []
      const found = headsOf(key).flatMap((head) => byHead.get(head) ?? [])
      return found.length < 2
        ? found
        : found.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
    },
  }
}
