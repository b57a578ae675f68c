// What accuracy may cost: the presets of a limit that is shared through KV.
import type { LimitPolicy } from './policy.ts'

export interface Preset {
  /** Slots of a one minute window: how soon peers learn of each other. */
  readonly slots: number
  /** Milliseconds after its end at which a slot's records are all there. */
  readonly guardMs: number
  /** The share of the limit below which a subject costs no KV operation. */
  readonly quiet: number
  /** The share of the limit by which all together may exceed it, against refusals without need. */
  readonly slack: number
  /** The same when demand is more than twice the limit: isolates that begin in the middle of it admit some. */
  readonly floodSlack: number
  /** Milliseconds for which a peer is believed to go on as it said. */
  readonly horizonMs: number
  /** What an isolate may admit, as a share of the limit, before it has heard of its peers. */
  readonly grant: number
  /** A young isolate asks at a subject's second unit what was said before it, not only when it is loud. */
  readonly asksEarly: boolean
  /** A flood that goes on is published every so many windows. */
  readonly beatEvery: number
}

const standard: Preset = {
  slots: 24,
  guardMs: 1250,
  quiet: 0.03,
  slack: 0.03,
  floodSlack: -0.04,
  horizonMs: 12_500,
  grant: 1,
  asksEarly: true,
  beatEvery: 2,
}

export const PRESETS: { readonly [name in LimitPolicy['preset']]: Preset } = {
  eco: { ...standard, slots: 12, guardMs: 1500, quiet: 0.1, asksEarly: false, beatEvery: 3 },
  standard,
  tight: { ...standard, slots: 30, guardMs: 1000, quiet: 0.02, grant: 0.5, beatEvery: 1 },
}
