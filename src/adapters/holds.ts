// Holds bytes of uploads in the Counters object of a quota and subject.
// Consistency and durability: the object's. Failure: thrown; the quota tries once again unless the object is overloaded,
// waits for two seconds, and then its on_error decides.
import type { HoldSource } from '../core/limit/quotas.ts'
import type { Counters } from './counters.ts'
import { nameOfCount } from './leases.ts'

export function createHoldSource(namespace: DurableObjectNamespace<Counters>): HoldSource {
  return {
    hold: async (policy, subject, ask, isSettled) =>
      namespace.get(namespace.idFromName(nameOfCount(policy, subject))).hold(ask, isSettled),
    release: async (policy, subject, id) =>
      namespace.get(namespace.idFromName(nameOfCount(policy, subject))).release(id),
  }
}
