// Throughput and CPU in interleaved rounds, then latencies at a fixed rate in interleaved rounds.
import { load, median, type Requests } from '../support/load.ts'
import { openLoop, percentile } from '../support/open-loop.ts'
import type { Runtime } from '../support/runtime.ts'

export interface Target {
  readonly server: Runtime
  readonly request: Requests
  readonly status: string
}

export interface Plan {
  readonly rounds: number
  readonly roundMs: number
  readonly warmUpMs: number
  /** Requests a second, as long as a server can do twice as many. */
  readonly rate: number
  readonly latencyRounds: number
  readonly latencyMs: number
}

export interface Figures {
  /** Requests a second of each round. */
  readonly rates: readonly number[]
  readonly rate: number
  /** Of the server's process, for one request, in microseconds. */
  readonly cpuUs: number
  readonly openRate: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

const PAIR_MS = 150

/** Each round begins with another one. */
function* rotate(length: number, round: number): Generator<number> {
  for (let step = 0; step < length; step += 1) yield (step + round) % length
}

async function toCpuUs({ server, request, status }: Target, ms: number): Promise<number> {
  const before = server.cpuNs()
  const { requests } = await load(server.port, request, status, ms)
  return (server.cpuNs() - before) / requests / 1000
}

/** CPU of a request to the second over that to the first, of each of many short rounds: what the machine does meets both. */
export async function measurePair(
  [one, other]: readonly [Target, Target],
  rounds: number,
): Promise<readonly number[]> {
  const ratios: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const isOneFirst = round % 2 === 0
    const first = await toCpuUs(isOneFirst ? one : other, PAIR_MS)
    const second = await toCpuUs(isOneFirst ? other : one, PAIR_MS)
    ratios.push(isOneFirst ? second / first : first / second)
  }
  return ratios
}

export async function measureAll(targets: readonly Target[], plan: Plan): Promise<Figures[]> {
  const rates = targets.map((): number[] => [])
  const costs = targets.map((): number[] => [])
  for (const { server, request, status } of targets)
    await load(server.port, request, status, plan.warmUpMs)
  for (let round = 0; round < plan.rounds; round += 1)
    for (const at of rotate(targets.length, round)) {
      const target = targets[at]
      if (target === undefined) continue
      const { server, request, status } = target
      const before = server.cpuNs()
      const { requests, seconds } = await load(server.port, request, status, plan.roundMs)
      rates[at]?.push(requests / seconds)
      costs[at]?.push((server.cpuNs() - before) / requests / 1000)
    }
  const latencies = targets.map((): number[] => [])
  const openRates = rates.map((all) => Math.min(plan.rate, Math.floor(median(all) / 2)))
  for (let round = 0; round < plan.latencyRounds; round += 1)
    for (const at of rotate(targets.length, round)) {
      const target = targets[at]
      if (target === undefined) continue
      const { server, request, status } = target
      const rate = openRates[at] ?? 1
      latencies[at]?.push(...(await openLoop(server.port, request, status, rate, plan.latencyMs)))
    }
  return targets.map((_, at) => {
    const sorted = (latencies[at] ?? []).toSorted((a, b) => a - b)
    return {
      rates: rates[at] ?? [],
      rate: median(rates[at] ?? []),
      cpuUs: median(costs[at] ?? []),
      openRate: openRates[at] ?? 0,
      p50: percentile(sorted, 0.5),
      p95: percentile(sorted, 0.95),
      p99: percentile(sorted, 0.99),
    }
  })
}
