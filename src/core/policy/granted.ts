// Which grants a session holds, with their prefixes resolved: what a client may be shown.
import type { SessionAnswer } from '../../contract/session.ts'
import type { Session } from '../token/session.ts'
import { type Policy } from './decide.ts'
import { isHeldBy } from './judge.ts'
import type { Grant } from './grant.ts'
import { narrowGrant } from './narrow.ts'
import { resolvePrefix } from './prefix.ts'

/** The deeper of two prefixes, or null when neither is below the other. */
function overlapOf(one: string, other: string): string | null {
  if (one.startsWith(other)) return one
  return other.startsWith(one) ? other : null
}

interface Held {
  readonly grant: Grant
  readonly prefix: string
}

/** What a narrowed token leaves of a grant, entry by entry. */
function narrow({ grant, prefix }: Held, session: Session): readonly Held[] {
  if (session.narrowing === undefined) return [{ grant, prefix }]
  return session.narrowing.flatMap((entry) => {
    const { covers } = entry
    const own = covers.kind === 'key' ? covers.key : resolvePrefix(covers.template, session)
    const overlap = own === null ? null : overlapOf(prefix, own)
    // A grant deeper than a single key covers nothing of it.
    const isOutside = covers.kind === 'key' && overlap !== own
    const left = narrowGrant(grant, entry)
    if (entry.bucket !== grant.bucket || overlap === null || isOutside || left.allow.size === 0)
      return []
    return [{ grant: left, prefix: overlap }]
  })
}

export function listGranted(policy: Policy, session: Session): SessionAnswer['grants'] {
  return policy.grants.all.flatMap((grant) => {
    const bucket = policy.buckets.get(grant.bucket)
    const prefix = resolvePrefix(grant.prefix, session)
    if (bucket === undefined || bucket.disabled || prefix === null || !isHeldBy(grant, session))
      return []
    return narrow({ grant, prefix }, session).map((held) => ({
      bucket: grant.bucket,
      prefix: bucket.can.foldsToNfc ? held.prefix.normalize('NFC') : held.prefix,
      allow: [...held.grant.allow],
      ...(held.grant.maxBytes !== undefined && { maxBytes: held.grant.maxBytes }),
      ...(grant.types !== undefined && { types: [...grant.types] }),
    }))
  })
}
