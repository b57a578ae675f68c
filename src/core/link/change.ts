// A change of a link as it reaches its store: what it names, so that changes made elsewhere meanwhile stay.
import type { LinkPatch, LinkTerms } from '../../contract/link.ts'
import type { LinkRecord } from './record.ts'

/** Absent members stay as they are; null takes one away. */
export interface LinkChange {
  readonly terms?: Omit<LinkPatch, 'expiresIn' | 'expiresAt' | 'password' | 'frozen'>
  readonly expiresAtSeconds?: number
  /** Salt and hash. */
  readonly password?: string | null
  readonly frozen?: boolean
}

export function changeRecord(
  { password: hash, ...record }: LinkRecord,
  { terms, expiresAtSeconds, password = hash }: LinkChange,
): LinkRecord {
  const merged = Object.entries({ ...record.terms, ...terms }).filter(([, value]) => value !== null)
  return {
    ...record,
    // The schema of a patch is made of that of terms.
    terms: Object.fromEntries(merged) as LinkTerms,
    expiresAtSeconds: expiresAtSeconds ?? record.expiresAtSeconds,
    ...(typeof password === 'string' && { password }),
  }
}
