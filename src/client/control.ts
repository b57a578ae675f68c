// Control calls that do not give up at the first mishap: each is idempotent, so it is tried again until it succeeds.
import type { Api } from './api.ts'
import type { Breaker } from './breaker.ts'
import { PosternError } from './error.ts'
import { createPatience } from './patience.ts'
import type { Ports } from './ports.ts'

/** With so many answers missing from a host that is alive, it is this page that may not read them. */
export const BLIND_TRIES = 5
/** Another request with this Idempotency-Key may still be running. */
const MAX_CONFLICTS = 8

export function wait(clock: Ports['clock'], ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve))
}

export type Persist = <T>(
  run: () => Promise<T>,
  signal?: AbortSignal,
  /** So much at once may be more than a limit ever allows. */
  isBatch?: boolean,
) => Promise<T>

export function createPersist(
  api: Api,
  breaker: Breaker,
  { clock, random }: Pick<Ports, 'clock' | 'random'>,
): Persist {
  let hasAnswered = false
  return async function persist<T>(
    run: () => Promise<T>,
    signal?: AbortSignal,
    isBatch = false,
  ): Promise<T> {
    const patience = createPatience(random)
    for (;;) {
      await breaker.passed(api.origin)
      const startedAt = clock.now()
      try {
        const answer = await run()
        hasAnswered = true
        return answer
      } catch (error) {
        if (!(error instanceof PosternError) || signal?.aborted) throw error
        const { code, retryAfterMs } = error
        if (error.status > 0) hasAnswered = true
        const tries = patience.count()
        const isBusy = code === 'conflict' && tries > 0 && tries < MAX_CONFLICTS
        const isTooMuch = isBatch && code === 'rate_limited' && tries > 0
        if ((!error.retryable && !isBusy) || isTooMuch) throw error
        if (!hasAnswered && tries >= BLIND_TRIES)
          throw new PosternError('cors', 'The gateway does not answer this page: its ORIGINS?')
        const waitMs = patience.fail(clock.now() - startedAt, retryAfterMs)
        if (waitMs === null)
          throw new PosternError('timeout', `No success for ten minutes: ${error.message}`)
        if (code === 'network') await breaker.trip(api.origin)
        await wait(clock, waitMs)
      }
    }
  }
}
