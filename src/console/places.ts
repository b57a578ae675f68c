// Where the session's grants lead: the granted prefixes, what may be done there, and a place as it stands in the address.
import type { SessionAnswer } from '../contract/session.ts'

export interface Place {
  readonly bucket: string
  /** Empty, or ending in "/". */
  readonly prefix: string
}
export type Grants = SessionAnswer['grants']

/** Whether one grant allows the action on a key or on all below a prefix. */
export function allows(grants: Grants, bucket: string, path: string, action: string): boolean {
  return grants.some(
    (grant) =>
      grant.bucket === bucket && path.startsWith(grant.prefix) && grant.allow.includes(action),
  )
}

/** Places to begin from; what can be reached from another one is left out. */
export function toPlaces(grants: Grants): readonly Place[] {
  const all = grants.filter(({ prefix }) => prefix === '' || prefix.endsWith('/'))
  const isOuter = ({ bucket, prefix }: Place, at: number): boolean =>
    !all.some(
      (other, otherAt) =>
        other.bucket === bucket &&
        prefix.startsWith(other.prefix) &&
        (other.prefix === prefix ? otherAt < at : other.allow.includes('list')),
    )
  return all.filter(isOuter).map(({ bucket, prefix }) => ({ bucket, prefix }))
}

/** The last segment, without the slash of a folder. */
export const toName = (path: string): string => path.replace(/\/$/, '').split('/').pop() ?? ''

export const toPlaceName = ({ bucket, prefix }: Place): string => prefix.slice(0, -1) || bucket

/** The fragment of the address: it is never sent to a server. */
export const toHash = ({ bucket, prefix }: Place): string =>
  `#/${[bucket, ...prefix.split('/')].map(encodeURIComponent).join('/')}`

export function parseHash(hash: string): Place | null {
  if (!hash.startsWith('#/')) return null
  try {
    const [bucket = '', ...segments] = hash.slice(2).split('/').map(decodeURIComponent)
    return { bucket, prefix: segments.join('/') }
  } catch {
    // A percent sign that encodes nothing: typed by hand.
    return null
  }
}
