// Idempotency keys in Durable Objects: one object for each key of a subject, whose rows end by themselves.
// Consistency: strong. Failure: `unknown`, never a guess; what could not be kept is opened again.
import type { Repeats } from '../ports.ts'
import type { Counters } from './counters.ts'

export function createRepeats(namespace: DurableObjectNamespace<Counters>): Repeats {
  return async (name, ask) => {
    try {
      return await namespace.get(namespace.idFromName(`repeat\n${name}`)).repeat(ask)
    } catch {
      return { kind: 'unknown' }
    }
  }
}
