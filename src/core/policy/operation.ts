// What a caller wants to do; exact fields for each kind.
import type { Option } from './grant.ts'
import type { KeyPrefix, ObjectKey } from './key.ts'

interface Writing<A extends 'upload' | 'write'> {
  readonly action: A
  readonly bucket: string
  readonly key: ObjectKey
  /** Bytes. */
  readonly size: number
  readonly type: string
  readonly options: readonly Option[]
}

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
