// Which grants a session holds, with their prefixes resolved: what a client may be shown.
import type { SessionAnswer } from '../../contract/session.ts'
import type { Capabilities } from '../sign/provider.ts'
import type { Session } from '../token/session.ts'
import { type Policy } from './decide.ts'
import { isHeldBy, isTypeMatching } from './judge.ts'
import type { Grant } from './grant.ts'
import { narrowGrant } from './narrow.ts'
import { resolvePrefix } from './prefix.ts'

/** The deeper of two prefixes, or null when neither is below the other. */
function overlapOf(one: string, other: string): string | null {
  if (one.startsWith(other)) return one
  return other.startsWith(one) ? other : null
}

/** Content types that both lists admit; undefined where neither says any. */
function toCommonTypes(
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined {
  if (one === undefined || other === undefined) return one ?? other
  const within = (types: readonly string[], patterns: readonly string[]) =>
    types.filter((type) => patterns.some((pattern) => isTypeMatching(type, pattern)))
  return [...new Set([...within(one, other), ...within(other, one)])]
}

interface Held {
  readonly grant: Grant
  /** In the form under which the store keeps keys. */
  readonly prefix: string
}

/** What a narrowed token leaves of a grant, entry by entry. */
function narrow({ grant, prefix }: Held, session: Session, foldsToNfc: boolean): readonly Held[] {
  if (session.narrowing === undefined) return [{ grant, prefix }]
  return session.narrowing.flatMap((entry) => {
    const { covers } = entry
    const own =
      covers.kind === 'prefix'
        ? resolvePrefix(covers.template, session, foldsToNfc)
        : foldsToNfc
          ? covers.key.normalize('NFC')
          : covers.key
    const overlap = own === null ? null : overlapOf(prefix, own)
    // A grant deeper than a single key covers nothing of it.
    const isOutside = covers.kind === 'key' && overlap !== own
    const left = narrowGrant(grant, entry)
    const types = toCommonTypes(grant.types, entry.types)
    if (entry.bucket !== grant.bucket || overlap === null || isOutside || left.allow.size === 0)
      return []
    return [{ grant: { ...left, ...(types !== undefined && { types }) }, prefix: overlap }]
  })
}

/** How a client can prove that its bytes arrive; a PUT only where small files go by one. */
function toVerify(
  can: Capabilities,
  isCounted: boolean,
): SessionAnswer['grants'][number]['verify'] {
  // wrangler's local R2 verifies nothing of a part, and its ETags are chance.
  const ofEtag = can.listParts ? ('etag' as const) : undefined
  const ofSum = can.multipartChecksums.includes('crc64nvme') ? ('crc64nvme' as const) : undefined
  const part = ofSum ?? (can.md5Etags ? ofEtag : ('md5' as const))
  const put = can.checksums.includes('crc64nvme') ? ('crc64nvme' as const) : ('md5' as const)
  // Under a byte quota, and where no PUT can be told not to replace, all goes in parts.
  return {
    ...(part !== undefined && { part }),
    ...(can.createOnly !== null && !isCounted && { put }),
  }
}

export function listGranted(
  policy: Policy,
  session: Session,
  /** Whether a byte quota counts uploads. */
  isCounted = false,
): SessionAnswer['grants'] {
  return policy.grants.all.flatMap((grant) => {
    const bucket = policy.buckets.get(grant.bucket)
    if (bucket === undefined || bucket.disabled || !isHeldBy(grant, session)) return []
    const { foldsToNfc } = bucket.can
    const verify = toVerify(bucket.can, isCounted)
    const prefix = resolvePrefix(grant.prefix, session, foldsToNfc)
    if (prefix === null) return []
    return narrow({ grant, prefix }, session, foldsToNfc).map((held) => ({
      bucket: grant.bucket,
      prefix: held.prefix,
      allow: [...held.grant.allow],
      ...(held.grant.maxBytes !== undefined && { maxBytes: held.grant.maxBytes }),
      ...(held.grant.types !== undefined && { types: [...held.grant.types] }),
      ...(held.grant.allow.has('upload') && { verify }),
    }))
  })
}
