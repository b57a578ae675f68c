// Server-Timing, in development alone: how long the steps of a request took, for the browser's own tools.
import type { Ctx } from './env.ts'

/** Notes that a step is over. In workerd clocks move only across I/O, so steps of pure computing show as 0. */
export function mark(c: Ctx, name: string): void {
  c.get('marks')?.push([name, Date.now()])
}

/** https://www.w3.org/TR/server-timing/ */
export function toServerTiming(
  marks: readonly (readonly [name: string, atMs: number])[],
  startedMs: number,
): string {
  const steps = marks.map(
    ([name, atMs], at) => `${name};dur=${atMs - (marks[at - 1]?.[1] ?? startedMs)}`,
  )
  return [...steps, `total;dur=${(marks.at(-1)?.[1] ?? startedMs) - startedMs}`].join(', ')
}
