// What Uppy can do in each mode on each provider: derived from what the provider can, promised in docs/uppy.md, held by the suites.
import { planUpload } from '../../src/core/upload/plan.ts'
import type { Capabilities } from '../../src/core/sign/provider.ts'

export const MODES = ['postern/uppy', 'signRequest', 'companion'] as const
export type Mode = (typeof MODES)[number]

/** How a file goes in one request, or that it does not. */
export type Single = 'PUT' | 'form' | '501'

export interface Promises {
  readonly single: Single
  readonly empty: Single
  /** A file in parts over a bad line, whole and once. */
  readonly parts: 'yes'
  readonly names: 'yes'
  readonly pause: 'sends nothing again'
  readonly cancel: 'leaves nothing'
  /** Whether parts that are stored are sent again. */
  readonly retry: 'goes on' | 'starts again'
  readonly reload: 'goes on' | 'starts again'
  /** Whether more than 1000 stored parts are found again. */
  readonly thousands: 'yes' | 'no'
}

export type Row = keyof Promises

export const ROWS: { readonly [R in Row]: string } = {
  single: 'a small file in one request',
  empty: 'an empty file',
  parts: 'a file in parts over a bad line',
  names: 'names with odd characters',
  pause: 'pause and resume',
  cancel: 'cancel',
  retry: 'retry after a failure',
  reload: 'reload, with `@uppy/golden-retriever`',
  thousands: 'more than 1000 stored parts found',
}

/** Only `postern/uppy` tells a size, which a PUT needs; without one it takes a form, which bounds it. */
function toSingle(mode: Mode, size: number, can: Capabilities): Single {
  if (mode === 'postern/uppy' && planUpload(size, false, can).strategy === 'put') return 'PUT'
  return can.postPolicy ? 'form' : '501'
}

export function toPromises(mode: Mode, can: Capabilities): Promises {
  const again = can.listParts ? 'goes on' : 'starts again'
  return {
    single: toSingle(mode, 1000, can),
    empty: toSingle(mode, 0, can),
    parts: 'yes',
    names: 'yes',
    pause: 'sends nothing again',
    cancel: 'leaves nothing',
    retry: again,
    reload: again,
    thousands: can.listParts ? 'yes' : 'no',
  }
}
