// UPPY: where the uploads of a client go that names no bucket.
import { type PrefixTemplate, parsePrefixTemplate } from '../core/policy/prefix.ts'
import type { ConfigFault } from './env.ts'
import type { ConfigInput } from './schema.ts'

export interface Place {
  /** Alias of the bucket. */
  readonly bucket: string
  readonly prefix: PrefixTemplate
}

export function toUppyPlace(
  { bucket, prefix }: NonNullable<ConfigInput['UPPY']>,
  buckets: ReadonlySet<string>,
  faults: ConfigFault[],
): Place | undefined {
  if (!buckets.has(bucket)) faults.push({ path: 'UPPY.bucket', detail: 'is none of BUCKETS' })
  const parsed = parsePrefixTemplate(prefix)
  if (parsed.ok) return { bucket, prefix: parsed.value }
  faults.push({ path: 'UPPY.prefix', detail: parsed.error })
  return undefined
}
