// A grant as configuration gives it: which actions, on which keys, under which bounds.
import type { PrefixTemplate } from './prefix.ts'

export const ACTIONS = ['read', 'upload', 'write', 'delete', 'list', 'share', 'admin'] as const
export type Action = (typeof ACTIONS)[number]

/** What a caller may ask beyond the plain request only if the grant lists it. */
export const OPTIONS = [
  'storageClass',
  'tagging',
  'serverSideEncryption',
  'versionId-delete',
  'overwrite',
] as const
export type Option = (typeof OPTIONS)[number]

export type ClaimValue = string | number | boolean

export interface Grant {
  /** Where it stands in the configuration, such as `GRANTS[2]`; for logs. */
  readonly path: string
  /** Alias of its bucket. */
  readonly bucket: string
  /** Issuer whose tokens it is for. */
  readonly issuer: string
  readonly prefix: PrefixTemplate
  readonly allow: ReadonlySet<Action>
  /** Every claim named must match one of the values. */
  readonly when: ReadonlyMap<string, readonly ClaimValue[]>
  readonly maxBytes?: number
  /** Content type patterns for upload and write, such as `image/*`; none means any. */
  readonly types?: readonly string[]
  readonly maxExpiresSeconds: number
  readonly maxLinkLifeSeconds: number
  /** Window within which reads of one object get one URL. */
  readonly stableUrlSeconds?: number
  readonly inline: ReadonlySet<string>
  readonly options: ReadonlySet<Option>
}
