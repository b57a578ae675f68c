// Time that moves when told: waits end in order as it passes them, and everything that is ready runs before it moves on.
import type { Clock } from '../../src/ports.ts'

export function createVirtualTime(startMs = 1_200_000) {
  let nowMs = startMs
  const waiting: { readonly atMs: number; readonly wake: () => void }[] = []
  const clock: Clock = {
    now: () => nowMs,
    wait: (ms) =>
      new Promise((resolve) => {
        const atMs = nowMs + ms
        const after = waiting.findIndex((other) => other.atMs > atMs)
        waiting.splice(after === -1 ? waiting.length : after, 0, { atMs, wake: () => resolve() })
      }),
  }
  /** Lets every promise that is ready run on. */
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  async function advance(ms: number): Promise<void> {
    const untilMs = nowMs + ms
    await settle()
    for (let next = waiting[0]; next !== undefined && next.atMs <= untilMs; next = waiting[0]) {
      waiting.shift()
      nowMs = Math.max(nowMs, next.atMs)
      next.wake()
      await settle()
    }
    nowMs = untilMs
  }
  return { clock, advance }
}
