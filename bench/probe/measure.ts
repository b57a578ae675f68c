// Measures KV through the probe: how soon a closed prefix is complete, how long a list is cached, what one key bears.
import type { ProbeAnswer } from './worker.ts'

export type Call = (
  path: '/write' | '/list' | '/burst',
  name: string,
  from: 'writer' | 'reader',
) => Promise<ProbeAnswer>

export interface Probe {
  readonly call: Call
  readonly wait: (ms: number) => Promise<void>
  /** Another text for each run, so that no run meets the keys of another. */
  readonly run: string
  readonly rounds: number
}

export interface Report {
  readonly colos: readonly string[]
  readonly writeMs: readonly number[]
  readonly listMs: readonly number[]
  /** By delay after the write was sent: which part of the records a first list had. */
  readonly complete: ReadonlyMap<number, number>
  /** A list that was read before shows a record written after it, 10 s later. */
  readonly isListFresh: boolean
  /** Of five writes to one key at once. */
  readonly refused: number
  readonly failed: number
}

export const DELAYS_MS = [500, 750, 1000, 1250, 1500, 2000, 3000, 5000] as const
const AGAIN_MS = 10_000

export async function measureKv({ call, wait, run, rounds }: Probe): Promise<Report> {
  const answers: ProbeAnswer[] = []
  const [writeMs, listMs]: [number[], number[]] = [[], []]
  const complete = new Map<number, number>()
  const ask: Call = async (...what) => {
    const answer = await call(...what)
    answers.push(answer)
    return answer
  }
  for (const delayMs of DELAYS_MS) {
    let seen = 0
    for (let round = 0; round < rounds; round += 1) {
      // Each prefix is read once: a list that is read again may come from a cache.
      const prefix = `probe/${run}/${delayMs}.${round}/`
      const written = ask('/write', `${prefix}a`, 'writer')
      await wait(delayMs)
      const list = await ask('/list', prefix, 'reader')
      if (list.names?.includes(`${prefix}a`) === true) seen += 1
      listMs.push(list.ms)
      writeMs.push((await written).ms)
    }
    complete.set(delayMs, seen / rounds)
  }
  const again = `probe/${run}/again/`
  await ask('/list', again, 'reader')
  await ask('/write', `${again}a`, 'writer')
  await wait(AGAIN_MS)
  const isListFresh = (await ask('/list', again, 'reader')).names?.length === 1
  const { refused = 0 } = await ask('/burst', `probe/${run}/one`, 'writer')
  return {
    colos: [...new Set(answers.map(({ colo }) => colo))],
    writeMs,
    listMs,
    complete,
    isListFresh,
    refused,
    failed: answers.filter(({ ok }) => !ok).length,
  }
}

/** Guards of the presets, by which a slot's records must be there: src/core/limit/preset.ts. */
const GUARDS = [
  ['tight', 1000],
  ['standard', 1250],
  ['eco', 1500],
] as const
const ENOUGH = 0.97

/** What to set in LIMITS, from what was measured. */
export function toAdvice({ complete }: Report): string {
  // A prefix is closed as its slot ends; the write has been sent 50 to 200 ms before.
  const fits = GUARDS.find(([, guardMs]) => (complete.get(guardMs) ?? 0) >= ENOUGH)
  return fits === undefined
    ? 'no preset: at 1.5 s too few records are there. Use store = "durable-object", or a binding in front of eco.'
    : `preset = "${fits[0]}" (${fits[1]} ms after a slot ${Math.round(100 * (complete.get(fits[1]) ?? 0))} % of its records are there), or a slower one.`
}
