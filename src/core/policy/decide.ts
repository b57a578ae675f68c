// The decision: one grant must allow all of an operation, and only then is there a Permit to act on.
import { err, ok, type Result } from '../result.ts'
import type { Bucket } from '../sign/bucket.ts'
import type { Session } from '../token/session.ts'
import type { ClaimValue, Grant, Option } from './grant.ts'
import type { Grants } from './grants.ts'
import { type KeyPrefix, type ObjectKey, toStoredKey } from './key.ts'
import { type Narrowing, narrowGrant } from './narrow.ts'
import { resolvePrefix } from './prefix.ts'

interface Writing<A extends 'upload' | 'write'> {
  readonly action: A
  readonly bucket: string
  readonly key: ObjectKey
  /** Bytes. */
  readonly size: number
  readonly type: string
  readonly options: readonly Option[]
}

/** What a caller wants to do; exact fields for each kind. */
export type Operation =
  | { readonly action: 'read'; readonly bucket: string; readonly key: ObjectKey }
  | Writing<'upload'>
  | Writing<'write'>
  | {
      readonly action: 'delete'
      readonly bucket: string
      readonly key: ObjectKey
      readonly options: readonly Option[]
    }
  | { readonly action: 'list'; readonly bucket: string; readonly prefix: KeyPrefix }

/** Why an operation is refused, private; `http/problem.ts` turns it into the public answer. */
export type Denial =
  | { readonly reason: 'unknown_bucket' }
  | { readonly reason: 'bucket_disabled' }
  | { readonly reason: 'no_grant' }
  | { readonly reason: 'option_not_granted'; readonly grant: string }
  | { readonly reason: 'over_max_bytes'; readonly grant: string; readonly maxBytes: number }
  | { readonly reason: 'type_not_granted'; readonly grant: string }

declare const permit: unique symbol
/** Proof that `decide` allowed this operation; signing takes nothing less. */
export interface Permit<O extends Operation = Operation> {
  readonly [permit]: true
  /** As asked, with the key in the form under which the store keeps it. */
  readonly operation: O
  readonly bucket: Bucket
  readonly grant: Grant
  readonly session: Session
}

export interface Policy {
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly grants: Grants
}

function isClaimAllowed(session: Session, name: string, allowed: readonly ClaimValue[]): boolean {
  const claim = Object.hasOwn(session.claims, name) ? session.claims[name] : undefined
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return values.some((value) => allowed.some((candidate) => candidate === value))
}

/** Whether the grant is for this caller: his issuer, and every claim that it wants. */
export function isHeldBy(grant: Grant, session: Session): boolean {
  if (grant.issuer !== session.issuer) return false
  return [...grant.when].every(([name, allowed]) => isClaimAllowed(session, name, allowed))
}

/** Whether the entry of a narrowed token covers the target: below its prefix, or exactly its key. */
function isNarrowingCovering(
  { bucket, covers }: Narrowing,
  session: Session,
  operation: Operation,
  target: string,
  folds: boolean,
): boolean {
  if (bucket !== operation.bucket) return false
  if (covers.kind === 'key')
    return 'key' in operation && (folds ? covers.key.normalize('NFC') : covers.key) === target
  const prefix = resolvePrefix(covers.template, session)
  return prefix !== null && target.startsWith(toStoredKey(prefix, folds))
}

/** The grants to judge by: the grant itself, or what each covering entry of a narrowed token leaves of it. */
function narrowedBy(
  grant: Grant,
  session: Session,
  operation: Operation,
  target: string,
  folds: boolean,
): readonly Effective[] {
  if (session.narrowing === undefined) return [{ grant }]
  return session.narrowing
    .filter((entry) => entry.allow.has(operation.action))
    .filter((entry) => isNarrowingCovering(entry, session, operation, target, folds))
    .map((entry) => ({ grant: narrowGrant(grant, entry), types: entry.types }))
}

/** A grant as it holds for one request, with the types that the token allows beside the grant's own. */
interface Effective {
  readonly grant: Grant
  readonly types?: readonly string[] | undefined
}

/** Whether the grant is this caller's, and its prefix for him covers the target byte for byte. */
function isCovering(grant: Grant, session: Session, target: string, folds: boolean): boolean {
  if (!isHeldBy(grant, session)) return false
  const prefix = resolvePrefix(grant.prefix, session)
  return prefix !== null && target.startsWith(toStoredKey(prefix, folds))
}

/** A content type against a pattern: exact, a whole family, or all; parameters of the type do not count. */
export function isTypeMatching(type: string, pattern: string): boolean {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (pattern === '*/*') return true
  return pattern.endsWith('/*') ? essence.startsWith(pattern.slice(0, -1)) : essence === pattern
}

/** What a covering grant of the right action still objects to; null when it allows all of it. */
function objectionOf({ grant, types }: Effective, operation: Operation): Denial | null {
  if ('options' in operation && operation.options.some((option) => !grant.options.has(option))) {
    return { reason: 'option_not_granted', grant: grant.path }
  }
  if (!('size' in operation)) return null
  if (grant.maxBytes !== undefined && operation.size > grant.maxBytes) {
    return { reason: 'over_max_bytes', grant: grant.path, maxBytes: grant.maxBytes }
  }
  const isTypeAllowed = [grant.types, types].every(
    (patterns) => patterns?.some((pattern) => isTypeMatching(operation.type, pattern)) ?? true,
  )
  return isTypeAllowed ? null : { reason: 'type_not_granted', grant: grant.path }
}

/** Refusals in the order in which they are reported when no grant allows all: the nearest miss wins. */
const NEARNESS: { readonly [R in Denial['reason']]: number } = {
  unknown_bucket: 0,
  bucket_disabled: 0,
  no_grant: 0,
  option_not_granted: 1,
  over_max_bytes: 2,
  type_not_granted: 3,
}

/**
 * Decides by the grants, in configured order: the first that allows all of the operation wins.
 * The error is private; an unknown bucket, a disabled one and no grant give the same public answer.
 */
export function decide<O extends Operation>(
  policy: Policy,
  session: Session,
  operation: O,
): Result<Permit<O>, Denial> {
  const bucket = policy.buckets.get(operation.bucket)
  if (bucket === undefined) return err({ reason: 'unknown_bucket' })
  if (bucket.disabled) return err({ reason: 'bucket_disabled' })
  const folds = bucket.can.foldsToNfc
  const stored: O =
    'key' in operation
      ? { ...operation, key: toStoredKey(operation.key, folds) }
      : { ...operation, prefix: toStoredKey(operation.prefix, folds) }
  const target = 'key' in stored ? stored.key : stored.prefix
  let nearest: Denial = { reason: 'no_grant' }
  for (const grant of policy.grants.candidates(bucket.alias, target)) {
    if (!grant.allow.has(operation.action)) continue
    if (!isCovering(grant, session, target, folds)) continue
    for (const effective of narrowedBy(grant, session, stored, target, folds)) {
      const objection = objectionOf(effective, stored)
      // The only place where a Permit is made: everything above was checked against this grant.
      if (objection === null)
        return ok({ operation: stored, bucket, grant: effective.grant, session } as Permit<O>)
      if (NEARNESS[objection.reason] >= NEARNESS[nearest.reason]) nearest = objection
    }
  }
  return err(nearest)
}
