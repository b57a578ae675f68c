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

/** One object as a whole. `share`: letting others read it by a link; `admin`: managing the links of others to it. */
export interface OnKey<A extends 'read' | 'share' | 'admin'> {
  readonly action: A
  readonly bucket: string
  readonly key: ObjectKey
}

/** All below a prefix; `share` also for letting others upload there. */
interface OnPrefix<A extends 'list' | 'share' | 'admin'> {
  readonly action: A
  readonly bucket: string
  readonly prefix: KeyPrefix
}

export type Operation =
  | OnKey<'read'>
  | Writing<'upload'>
  | Writing<'write'>
  | {
      readonly action: 'delete'
      readonly bucket: string
      readonly key: ObjectKey
      readonly options: readonly Option[]
    }
  | OnPrefix<'list'>
  | OnKey<'share' | 'admin'>
  | OnPrefix<'share' | 'admin'>
