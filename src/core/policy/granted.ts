// Which grants a session holds, with their prefixes resolved: what a client may be shown.
import type { SessionAnswer } from '../../contract/session.ts'
import type { Session } from '../token/session.ts'
import { isHeldBy, type Policy } from './decide.ts'
import { toStoredKey } from './key.ts'
import { resolvePrefix } from './prefix.ts'

export function listGranted(policy: Policy, session: Session): SessionAnswer['grants'] {
  return policy.grants.all.flatMap((grant) => {
    const bucket = policy.buckets.get(grant.bucket)
    const prefix = resolvePrefix(grant.prefix, session)
    if (bucket === undefined || bucket.disabled || prefix === null || !isHeldBy(grant, session))
      return []
    return [
      {
        bucket: grant.bucket,
        prefix: toStoredKey(prefix, bucket.can.foldsToNfc),
        allow: [...grant.allow],
        ...(grant.maxBytes !== undefined && { maxBytes: grant.maxBytes }),
        ...(grant.types !== undefined && { types: [...grant.types] }),
      },
    ]
  })
}
