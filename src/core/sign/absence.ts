// Headers that a signed request must not have: their absence is signed, in the way that the store verifies it.
// A store that acts on `x-amz-…` headers outside of the signature would let whoever holds a PUT add `x-amz-copy-source`,
// and read by that copy whatever the gateway's keys can read.
import type { Capabilities } from './provider.ts'

/** They copy, open to others, lock or mark an object, or keep it from its readers: nothing that a client decides. */
const OF_AN_OBJECT = [
  'x-amz-acl',
  'x-amz-copy-source',
  'x-amz-grant-full-control',
  'x-amz-grant-read',
  'x-amz-grant-read-acp',
  'x-amz-grant-write',
  'x-amz-grant-write-acp',
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-storage-class',
  'x-amz-tagging',
  'x-amz-website-redirect-location',
] as const
/** All else was settled when the upload was opened; and what a parameter may stand for without meaning more. */
const OF_A_PART = ['x-amz-copy-source'] as const
/** It would pass over the retention that keeps a version. */
const OF_A_DELETE = ['x-amz-bypass-governance-retention'] as const
const NONE: readonly never[] = []

export interface AbsentHeaders {
  /** How the canonical request shows them. */
  readonly how: 'skipped' | 'empty' | 'query'
  readonly names: readonly string[]
}

/** What the request must not have beside its own headers; null where the store refuses it by itself, or no way is known. */
export function toAbsent(
  { unsignedHeaders: how }: Pick<Capabilities, 'unsignedHeaders'>,
  method: string,
  isPart: boolean,
  headers: ReadonlyMap<string, string>,
): AbsentHeaders | null {
  if (how === 'refused' || how === null) return null
  // As a parameter the others could be taken for what they name.
  const ofPut = isPart || how === 'query' ? OF_A_PART : OF_AN_OBJECT
  const ofDelete = how === 'query' ? NONE : OF_A_DELETE
  const all = method === 'PUT' ? ofPut : method === 'DELETE' ? ofDelete : NONE
  const names = all.filter((name) => !headers.has(name))
  return names.length === 0 ? null : { how, names }
}
