// Control calls that do not give up at the first mishap: each is idempotent, so it is tried again until it succeeds.
import type { Api, CallOptions } from './api.ts'
import type { Breaker } from './breaker.ts'
import { PosternError, toKnown } from './error.ts'
import { createPatience, GIVE_UP_MS } from './patience.ts'
import type { Ports } from './ports.ts'

/** With so many answers missing from a host that is alive, it is this page that may not read them. */
export const BLIND_TRIES = 5
/** Another request with this Idempotency-Key may still be running. */
const MAX_CONFLICTS = 8

export function wait(clock: Ports['clock'], ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

/** Of a batch: so much at once may be more than a limit ever allows. */
export type Ask = <T>(
  method: string,
  path: string,
  options?: CallOptions,
  isBatch?: boolean,
) => Promise<T>

export function createAsk(
  api: Api,
  breaker: Breaker,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
): Ask {
  let hasAnswered = false
  return async (method, path, options = {}, isBatch = false) => {
    const patience = createPatience(random)
    for (;;) {
      await breaker.passed(api.origin)
      const startedAt = clock.now()
      try {
        return await api.call(method, path, options)
      } catch (error) {
        const { code, status, retryable, retryAfterMs } = toKnown(error)
        hasAnswered ||= status > 0
        const tries = patience.count()
        const isWorth =
          isBatch && status === 429
            ? tries === 0
            : retryable || (code === 'conflict' && tries > 0 && tries < MAX_CONFLICTS)
        if (!isWorth || retryAfterMs > GIVE_UP_MS || options.signal?.aborted) throw error
        if (!hasAnswered && tries >= BLIND_TRIES) throw new PosternError('cors')
        const waitMs = patience.fail(clock.now() - startedAt, retryAfterMs)
        if (!status) await breaker.trip(api.origin)
        await wait(clock, waitMs)
      }
    }
  }
}
