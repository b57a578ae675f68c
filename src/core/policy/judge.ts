// Judges one grant against one operation: what it is not about, what it objects to, or what it allows.
import type { Session } from '../token/session.ts'
import type { ClaimValue, Grant } from './grant.ts'
import { type Narrowing, narrowGrant } from './narrow.ts'
import type { Operation } from './operation.ts'
import { resolvePrefix } from './prefix.ts'

/** Why a grant that is about the operation does not allow it. */
export type Objection =
  | { readonly reason: 'option_not_granted'; readonly grant: string }
  | { readonly reason: 'over_max_bytes'; readonly grant: string; readonly maxBytes: number }
  | { readonly reason: 'type_not_granted'; readonly grant: string }

export type Judgement =
  /** The bounds that hold: the grant's own, or what a narrowed token leaves of them. */
  | { readonly kind: 'allows'; readonly grant: Grant }
  | { readonly kind: 'objects'; readonly objection: Objection }
  /** It is about something else: another action, issuer, claim or prefix, or the token gives it up. */
  | { readonly kind: 'other'; readonly by: 'action' | 'issuer' | 'when' | 'prefix' | 'narrowed' }

/** The operation in the form under which the store keeps keys. */
export interface Target {
  readonly operation: Operation
  /** Its key or prefix. */
  readonly text: string
  readonly foldsToNfc: boolean
}

function isClaimAllowed(session: Session, name: string, allowed: readonly ClaimValue[]): boolean {
  const claim = Object.hasOwn(session.claims, name) ? session.claims[name] : undefined
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return values.some((value) => allowed.some((candidate) => candidate === value))
}

/** Every claim that the grant wants, matched by one of its values. */
function hasClaims(grant: Grant, session: Session): boolean {
  return [...grant.when].every(([name, allowed]) => isClaimAllowed(session, name, allowed))
}

/** Whether the grant is for this caller: his issuer, and every claim that it wants. */
export function isHeldBy(grant: Grant, session: Session): boolean {
  return grant.issuer === session.issuer && hasClaims(grant, session)
}

/** A content type against a pattern: exact, a whole family, or all; parameters of the type do not count. */
export function isTypeMatching(type: string, pattern: string): boolean {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (pattern === '*/*') return true
  return pattern.endsWith('/*') ? essence.startsWith(pattern.slice(0, -1)) : essence === pattern
}

/** Whether an entry of a narrowed token covers the target: below its prefix, or exactly its key. */
function isNarrowingCovering(entry: Narrowing, session: Session, target: Target): boolean {
  const { operation, text, foldsToNfc } = target
  if (entry.bucket !== operation.bucket || !entry.allow.has(operation.action)) return false
  const { covers } = entry
  if (covers.kind === 'key')
    return 'key' in operation && (foldsToNfc ? covers.key.normalize('NFC') : covers.key) === text
  const prefix = resolvePrefix(covers.template, session, foldsToNfc)
  return prefix !== null && text.startsWith(prefix)
}

/** What still stands against it; `types` are those that the token allows beside the grant's own. */
function objectionOf(
  grant: Grant,
  types: readonly string[] | undefined,
  operation: Operation,
): Objection | null {
  if ('options' in operation && operation.options.some((option) => !grant.options.has(option)))
    return { reason: 'option_not_granted', grant: grant.path }
  if (!('size' in operation)) return null
  if (grant.maxBytes !== undefined && operation.size > grant.maxBytes)
    return { reason: 'over_max_bytes', grant: grant.path, maxBytes: grant.maxBytes }
  const isTypeAllowed = [grant.types, types].every(
    (patterns) => patterns?.some((pattern) => isTypeMatching(operation.type, pattern)) ?? true,
  )
  return isTypeAllowed ? null : { reason: 'type_not_granted', grant: grant.path }
}

function judgeBounds(
  grant: Grant,
  types: readonly string[] | undefined,
  operation: Operation,
): Judgement {
  const objection = objectionOf(grant, types, operation)
  return objection === null ? { kind: 'allows', grant } : { kind: 'objects', objection }
}

/** What this grant says of the operation, for this caller. */
export function judgeGrant(grant: Grant, session: Session, target: Target): Judgement {
  const { operation, text, foldsToNfc } = target
  if (!grant.allow.has(operation.action)) return { kind: 'other', by: 'action' }
  if (grant.issuer !== session.issuer) return { kind: 'other', by: 'issuer' }
  if (!hasClaims(grant, session)) return { kind: 'other', by: 'when' }
  const prefix = resolvePrefix(grant.prefix, session, foldsToNfc)
  // Byte for byte: a name that only looks alike is another name.
  if (prefix === null || !text.startsWith(prefix)) return { kind: 'other', by: 'prefix' }
  if (session.narrowing === undefined) return judgeBounds(grant, undefined, operation)
  const judged = session.narrowing
    .filter((entry) => isNarrowingCovering(entry, session, target))
    .map((entry) => judgeBounds(narrowGrant(grant, entry), entry.types, operation))
  return (
    judged.find(({ kind }) => kind === 'allows') ?? judged[0] ?? { kind: 'other', by: 'narrowed' }
  )
}
