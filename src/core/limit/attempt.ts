// One call to a Durable Object within a deadline: once again where it was reset under our feet, never where it has too much to do.
// https://developers.cloudflare.com/durable-objects/best-practices/error-handling/
import type { Clock } from '../../ports.ts'

/** More calls are what an overloaded object needs least. */
function isOverloaded(error: unknown): boolean {
  return Reflect.get(Object(error), 'overloaded') === true
}

/** Null when the object cannot be had. What is late may have been done all the same. */
export async function attempt<T>(
  clock: Clock,
  timeoutMs: number,
  call: () => Promise<T>,
): Promise<T | null> {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const late = clock.wait(timeoutMs).then(() => null)
      return await Promise.race([call(), late])
    } catch (error) {
      // An object may be moved or reset; the next call finds it again.
      if (isOverloaded(error)) return null
    }
  }
  return null
}
