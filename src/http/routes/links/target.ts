// What a link opens: its objects under its owner's grants, and the one that a visitor asks for.
import {
  type KeyPrefix,
  parseKeyPrefix,
  parseObjectKey,
  parseRawObjectKey,
} from '../../../core/policy/key.ts'
import type { LinkRecord } from '../../../core/link/record.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { ReadPermit } from '../../../core/sign/requests.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { invalid } from '../../input.ts'
import { authorise, toKey } from '../../middleware/permit.ts'
import { type Found, refusal } from './find.ts'
import { findMisplaced } from './terms.ts'

/** What a link opens, allowed: the permits of all keys, or a prefix. */
export interface Target {
  readonly permits: readonly ReadPermit[]
  readonly prefix?: KeyPrefix
  /** How long the grants let a link to all of it live. */
  readonly maxLifeSeconds: number
}

type Place = Pick<LinkRecord, 'bucket' | 'keys' | 'prefix'>

/** The keys or the prefix of a link, checked and allowed. */
export function permitPlace(
  c: Ctx,
  { bucket, keys, prefix }: Place,
  action: 'share' | 'admin' = 'share',
): Result<Target, Failure> {
  if (prefix !== undefined) {
    const parsed = parseKeyPrefix(prefix)
    if (!parsed.ok) return err(invalid('/prefix', `the prefix ${parsed.error}`))
    const permit = authorise(c, { action, bucket, prefix: parsed.value })
    if (!permit.ok) return permit
    const { maxLinkLifeSeconds } = permit.value.grant
    return ok({ permits: [], prefix: parsed.value, maxLifeSeconds: maxLinkLifeSeconds })
  }
  const permits: ReadPermit[] = []
  for (const [at, text] of (keys ?? []).entries()) {
    const key = toKey(text, keys?.length === 1 ? '/key' : `/keys/${at}`)
    if (!key.ok) return key
    const permit = authorise(c, { action, bucket, key: key.value })
    if (!permit.ok) return permit
    // Only who may share gets to open; an admin's is looked at for its being there.
    permits.push(permit.value as ReadPermit)
  }
  const lives = permits.map(({ grant }) => grant.maxLinkLifeSeconds)
  return ok({ permits, maxLifeSeconds: Math.min(...lives) })
}

/** As the owner's grants allow it now, and for as long as they let a link live. */
export function permitTarget(c: Ctx, { record }: Found): Result<Target, Failure> {
  const { keys = [], prefix } = record
  // Of a minted link nobody has checked it yet.
  if ((keys.length === 0) === (prefix === undefined) || findMisplaced(record, record.terms))
    return refusal('not_found', 'target')
  const target = permitPlace(c, record)
  if (!target.ok) return target.error.kind === 'shape' ? refusal('not_found', 'target') : target
  const endMs = (record.createdAtSeconds + target.value.maxLifeSeconds) * 1000
  return c.var.deps.clock.now() < endMs ? target : refusal('link_gone', 'too old')
}

export interface Chosen {
  readonly permit: ReadPermit
  /** What the cookie calls it. */
  readonly file: string
}

/** The part of the path behind the link, as it was sent. */
function restOf(c: Ctx, name: string): string {
  return c.req.path.slice(`/l/${name}/`.length)
}

/** The object asked for; undefined for the link as a whole, where it has several. */
export function chosenKey(
  c: Ctx,
  found: Found,
  target: Target,
): Result<Chosen | undefined, Failure> {
  const rest = restOf(c, found.name)
  const { permits, prefix } = target
  if (prefix === undefined) {
    const file = permits.length === 1 ? '1' : new URL(c.req.url).searchParams.get('file')
    const permit = /^\d{1,3}$/.test(file ?? '') ? permits[Number(file) - 1] : undefined
    if (rest !== '' || (file !== null && permit === undefined)) return refusal('not_found', 'file')
    return ok(permit && { permit, file: String(Number(file)) })
  }
  if (rest === '') return ok(undefined)
  const below = parseRawObjectKey(rest)
  const key = below.ok ? parseObjectKey(prefix + below.value) : below
  if (!key.ok) return refusal('not_found', 'path')
  // A grant may end within the prefix: each object is decided by itself.
  const permit = authorise(c, { action: 'share', bucket: found.record.bucket, key: key.value })
  return permit.ok ? ok({ permit: permit.value, file: rest }) : permit
}

export function baseOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

/** What a visitor reads of it: never more of the key than its last segment. */
export function nameOf({ record }: Found, chosen: Chosen | undefined): string {
  const isAlone = record.keys?.length === 1
  const own = chosen === undefined ? undefined : baseOf(chosen.permit.operation.key)
  return (isAlone ? record.terms.filename : undefined) ?? own ?? record.terms.label ?? ''
}
