// Idempotency keys in Durable Objects: one object for each key of a subject, whose rows end by themselves.
// Consistency: strong. Failure, or no answer in TIMEOUT_MS: `unknown`, never a guess; what could not be kept is opened again.
import type { RepeatReply } from '../core/upload/repeats.ts'
import type { Clock, Repeats } from '../ports.ts'
import type { Counters } from './counters.ts'
import { inTime } from './in-time.ts'

const TIMEOUT_MS = 3000

export function createRepeats(namespace: DurableObjectNamespace<Counters>, clock: Clock): Repeats {
  return async (name, ask) => {
    try {
      const counters = namespace.get(namespace.idFromName(`repeat\n${name}`))
      const reply = async (): Promise<RepeatReply> => counters.repeat(ask)
      return await inTime(clock, TIMEOUT_MS, reply())
    } catch {
      return { kind: 'unknown' }
    }
  }
}
