// The decision: one grant must allow all of an operation, and only then is there a Permit to act on.
import { err, ok, type Result } from '../result.ts'
import type { Bucket } from '../sign/bucket.ts'
import type { Session } from '../token/session.ts'
import type { Grant } from './grant.ts'
import type { Grants } from './grants.ts'
import { judgeGrant, type Objection, type Target } from './judge.ts'
import { type ObjectKey, toStoredKey } from './key.ts'
import type { Operation } from './operation.ts'

/** Why an operation is refused, private; `http/failure.ts` turns it into the public answer. */
export type Denial =
  | { readonly reason: 'unknown_bucket' }
  | { readonly reason: 'bucket_disabled' }
  | { readonly reason: 'no_grant' }
  /** Staging is the gateway's own, and what is published after verifying is never written raw. */
  | { readonly reason: 'staged' }
  | Objection

declare const permit: unique symbol
/** Leave to touch this place of a bucket: a caller's permit, or the gateway's own for its housekeeping. */
export interface OwnPermit<O extends Operation = Operation> {
  readonly [permit]: true
  /** As asked, with the key in the form under which the store keeps it. */
  readonly operation: O
  readonly bucket: Bucket
}

/** Proof that `decide` allowed this operation; signing for a client takes nothing less. */
export interface Permit<O extends Operation = Operation> extends OwnPermit<O> {
  /** The bounds that hold, those of a narrowed token included. */
  readonly grant: Grant
  readonly session: Session
}

export interface Policy {
  readonly buckets: ReadonlyMap<string, Bucket>
  readonly grants: Grants
}

/** Refusals in the order in which they are reported when no grant allows all: the nearest miss wins. */
const NEARNESS: { readonly [R in Denial['reason']]: number } = {
  unknown_bucket: 0,
  bucket_disabled: 0,
  no_grant: 0,
  staged: 0,
  option_not_granted: 1,
  over_max_bytes: 2,
  type_not_granted: 3,
}

function toTarget<O extends Operation>(
  operation: O,
  foldsToNfc: boolean,
): Target & { operation: O } {
  const stored: O =
    'key' in operation
      ? { ...operation, key: toStoredKey(operation.key, foldsToNfc) }
      : { ...operation, prefix: toStoredKey(operation.prefix, foldsToNfc) }
  return { operation: stored, text: 'key' in stored ? stored.key : stored.prefix, foldsToNfc }
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
  const target = toTarget(operation, bucket.can.foldsToNfc)
  if (
    bucket.staging !== undefined &&
    (operation.action === 'write' || target.text.startsWith(bucket.staging))
  )
    return err({ reason: 'staged' })
  let nearest: Denial = { reason: 'no_grant' }
  for (const grant of policy.grants.candidates(bucket.alias, target.text)) {
    const judged = judgeGrant(grant, session, target)
    // The only place where a Permit is made: the operation was judged against this grant, and allowed.
    if (judged.kind === 'allows')
      return ok({ operation: target.operation, bucket, grant: judged.grant, session } as Permit<O>)
    if (judged.kind === 'objects' && NEARNESS[judged.objection.reason] >= NEARNESS[nearest.reason])
      nearest = judged.objection
  }
  return err(nearest)
}

/** An upload that was permitted under its final key, at the place where its bytes arrive. */
export function toStaged<O extends Extract<Operation, { key: ObjectKey }>>(
  { operation, ...rest }: Permit<O>,
  key: ObjectKey,
): Permit<O> {
  return { ...rest, operation: { ...operation, key } }
}

/** What the gateway may do in a bucket of its own accord: never for a client, and nothing is signed for one. */
export function permitOwn<O extends Operation>(bucket: Bucket, operation: O): OwnPermit<O> {
  // Housekeeping has no caller whose grants could be judged.
  return { operation, bucket } as OwnPermit<O>
}

/** Grants that an explanation names; the rest is counted. */
const MAX_EXPLAINED = 10

/**
 * Which grants were looked at and what each of them said, for logs and tests: private, since it tells of
 * grants that are not the caller's. Grants of other buckets and literal prefixes are not looked at.
 */
export function explainDecision(
  policy: Policy,
  session: Session,
  operation: Operation,
): readonly string[] {
  const bucket = policy.buckets.get(operation.bucket)
  if (bucket === undefined) return ['no such bucket']
  if (bucket.disabled) return ['the bucket is disabled']
  const target = toTarget(operation, bucket.can.foldsToNfc)
  const looked = policy.grants.candidates(bucket.alias, target.text)
  const lines = looked.slice(0, MAX_EXPLAINED).map((grant) => {
    const judged = judgeGrant(grant, session, target)
    if (judged.kind === 'allows') return `${grant.path}: allows it`
    return judged.kind === 'objects'
      ? `${grant.path}: ${judged.objection.reason.replaceAll('_', ' ')}`
      : `${grant.path}: other ${judged.by}`
  })
  if (looked.length === 0) return ['no grant of this bucket reaches there']
  const more = looked.length - lines.length
  return more > 0 ? [...lines, `and ${more} more`] : lines
}
