// A deadline for calls to stores: what has not answered by then has failed, so that no request waits for ever.
import type { Clock } from '../ports.ts'

/** What the call gives; rejects once `ms` are over. The call itself may still be done. */
export function inTime<T>(clock: Clock, ms: number, call: Promise<T>): Promise<T> {
  const late = clock.wait(ms).then(() => Promise.reject(new Error('late')))
  return Promise.race([call, late])
}
