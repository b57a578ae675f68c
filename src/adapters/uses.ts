// Takes uses of one-time things from a Counters object each.
// Consistency: exact, one object a thing. Durability: written before it is answered. Failure: `unknown` after a second
// try under the same attempt; a caller must refuse then, since the use may have been taken.
import { toBase64Url } from '../core/base64url.ts'
import type { Random, Uses } from '../ports.ts'
import type { Counters } from './counters.ts'

export function createUses(namespace: DurableObjectNamespace<Counters>, random: Random): Uses {
  return {
    async consume(id, max, untilMs) {
      const attempt = toBase64Url(random.bytes(9))
      for (let tries = 0; tries < 2; tries += 1) {
        try {
          const object = namespace.get(namespace.idFromName(`use\n${id}`))
          const isTaken = await object.consume({ id, max, untilMs, attempt })
          return isTaken ? 'taken' : 'spent'
        } catch {
          // The answer may be lost; the attempt tells the object that it is asked again.
        }
      }
      return 'unknown'
    },
  }
}
