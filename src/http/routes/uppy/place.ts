// Where uploads of Uppy go: a bucket and a prefix by configuration, below it a key that the gateway makes.
import { metadata as metadataShape } from '../../../contract/put.ts'
import { toBase64Url } from '../../../core/base64url.ts'
import type { KeyPrefix, ObjectKey } from '../../../core/policy/key.ts'
import { resolvePrefix } from '../../../core/policy/prefix.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { encodeKey } from '../../../core/sign/encode.ts'
import { toMetadataHeaders } from '../../../core/sign/metadata.ts'
import { toSafeName } from '../../../core/upload/name.ts'
import type { Upload } from '../../../core/upload/upload.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { checkShape } from '../../input.ts'
import { toKey } from '../../middleware/permit.ts'

/** Bytes of chance in a key: nobody can name another's before it is there. */
const CHANCE_BYTES = 12

/** The configured place, for this caller. */
export function toPlace(c: Ctx): Result<{ bucket: string; prefix: KeyPrefix }, Failure> {
  const { uppy, policy } = c.var.deps.config
  if (uppy === undefined) return err({ kind: 'no_route' })
  const foldsToNfc = policy.buckets.get(uppy.bucket)?.can.foldsToNfc ?? false
  const prefix = resolvePrefix(uppy.prefix, c.var.session, foldsToNfc)
  return prefix === null
    ? err({ kind: 'denied', denial: { reason: 'no_grant' } })
    : ok({ bucket: uppy.bucket, prefix })
}

/** `{prefix}{chance}/{name}`. */
export function toFreshKey(
  c: Ctx,
  filename: string,
): Result<{ bucket: string; key: ObjectKey }, Failure> {
  const place = toPlace(c)
  if (!place.ok) return place
  const { bucket, prefix } = place.value
  const chance = toBase64Url(c.var.deps.random.bytes(CHANCE_BYTES))
  const key = toKey(`${prefix}${chance}/${toSafeName(filename)}`, '/filename')
  return key.ok ? ok({ bucket, key: key.value }) : key
}

/**
 * Uppy's metadata as S3 keeps it, names in lower case. What has no name that S3 takes, and what is no text, number
 * or boolean, stays out.
 */
export function toMetadata(entries: Readonly<Record<string, unknown>>, pointer: string) {
  const fit = Object.entries(entries).flatMap(([name, value]) => {
    const text = ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : ''
    const isNamed = /^(?!postern-)[a-z0-9][a-z0-9_.-]{0,127}$/i.test(name)
    return isNamed && text !== '' ? [[name.toLowerCase(), text] as const] : []
  })
  const checked = checkShape(metadataShape, Object.fromEntries(fit), pointer)
  return checked.ok ? ok([...toMetadataHeaders(new Map(Object.entries(checked.value)))]) : checked
}

/** Where the object can be read by whoever may: at S3 itself it is private. */
export function toLocation(c: Ctx, { permit: { operation } }: Upload): string {
  return `${c.var.deps.config.publicUrl}/o/${operation.bucket}/${encodeKey(operation.key)}`
}
