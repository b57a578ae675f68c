// Asks the Counters object of a policy and subject for units of its window.
// Consistency and durability: the object's. Failure: thrown; the limiter tries once again, then its policy decides.
import type { LeaseSource } from '../core/limit/lease.ts'
import type { LimitPolicy } from '../core/limit/policy.ts'
import type { Counters } from './counters.ts'

/** The object that counts a subject for a policy; another window length is another count. */
export function nameOfCount({ name, everySeconds }: LimitPolicy, subject: string): string {
  return `${name}\n${everySeconds}\n${subject}`
}

export function createLeaseSource(
  namespace: DurableObjectNamespace<Counters>,
  policy: LimitPolicy,
): LeaseSource {
  return {
    // A fresh stub for each call: one that has failed stays broken.
    ask: async (subject, ask) =>
      namespace.get(namespace.idFromName(nameOfCount(policy, subject))).lease(ask),
  }
}
