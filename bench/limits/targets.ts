// The targets of the limits: what each run must show, and what it aims at.
import { gossip, lease } from './contenders.ts'
import { DOWN, PESSIMISTIC, TYPICAL } from './kv-model.ts'
import { mean, measure, type Measures, quantile } from './measures.ts'
import { BASE, type Scenario } from './scenario.ts'
import { type Contender, type Run, simulate } from './simulate.ts'

/** The seeds of every gate: 1 to 30. */
export const SEEDS = Array.from({ length: 30 }, (_, index) => index + 1)
/** For what only compares. */
export const FEW = SEEDS.slice(0, 8)

export interface Series {
  readonly scenario: Scenario
  readonly runs: readonly Run[]
  readonly measures: readonly Measures[]
}

const known = new Map<Contender, Map<string, Promise<Series>>>()

async function run(
  contender: Contender,
  scenario: Scenario,
  seeds: readonly number[],
): Promise<Series> {
  const runs: Run[] = []
  for (const seed of seeds) runs.push(await simulate(contender, scenario, seed))
  return { scenario, runs, measures: runs.map((of) => measure(of, scenario.allow)) }
}

/** The runs of a scenario; asked for again, the same ones. */
export function runSeries(
  contender: Contender,
  part: Partial<Scenario>,
  seeds: readonly number[] = SEEDS,
): Promise<Series> {
  const scenario = { ...BASE, ...part }
  const name = JSON.stringify([scenario, seeds])
  const ofContender = known.get(contender) ?? new Map<string, Promise<Series>>()
  known.set(contender, ofContender)
  const series = ofContender.get(name) ?? run(contender, scenario, seeds)
  ofContender.set(name, series)
  return series
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const meanOf = ({ measures }: Series, name: keyof Measures): number =>
  mean(measures.map((of) => of[name]))
export const p95Of = ({ measures }: Series, name: keyof Measures): number =>
  quantile(
    measures.map((of) => of[name]),
    0.95,
  )

/** Operations of a kind for a thousand requests. */
export function perThousand({ runs }: Series, count: (run: Run) => number): number {
  return (1000 * sum(runs.map(count))) / sum(runs.map(({ requests }) => requests))
}

/** One figure of a target: smaller is better. */
export interface Figure {
  readonly id: string
  readonly what: string
  readonly unit: '%' | '' | '$'
  readonly must: number
  readonly stretch: number
  readonly measured: number
}

const percent = (part: number): number => 100 * part

/** R1, R2, R3, R5, R6, R7: a flood of ten times the limit over ten locations. */
export async function floodFigures(): Promise<readonly Figure[]> {
  const flood = await runSeries(gossip, {})
  const doubted = await runSeries(gossip, { kv: PESSIMISTIC })
  const rewritten = sum(
    [...flood.runs, ...doubted.runs].map(({ kv }) => kv.rewritten + kv.throttled),
  )
  const waited = sum([...flood.runs, ...doubted.runs].map(({ waitedMs }) => waitedMs.length))
  const row = (
    id: string,
    what: string,
    unit: '%' | '',
    must: number,
    stretch: number,
    measured: number,
  ) => ({ id, what, unit, must, stretch, measured })
  return [
    row(
      'R1',
      'steady overshoot, 10 locations, 10x: mean',
      '%',
      5,
      3,
      percent(meanOf(flood, 'steady')),
    ),
    row('R1', 'the same on pessimistic KV', '%', 10, 3, percent(meanOf(doubted, 'steady'))),
    row(
      'R2',
      'overshoot of the first windows, the same: p95',
      '%',
      110,
      50,
      percent(p95Of(flood, 'first')),
    ),
    row('R3', 'ten minutes in all, the same: p95', '%', 16, 8, percent(p95Of(flood, 'total'))),
    row(
      'R5',
      'KV writes for 1000 requests, the same',
      '',
      40,
      15,
      perThousand(flood, ({ kv }) => kv.writes),
    ),
    row(
      'R5',
      'KV lists for 1000 requests',
      '',
      45,
      15,
      perThousand(flood, ({ kv }) => kv.lists),
    ),
    row(
      'R5',
      'KV reads for 1000 requests',
      '',
      0,
      0,
      perThousand(flood, ({ kv }) => kv.gets),
    ),
    row('R6', 'keys written twice, and 429s of KV', '', 0, 0, rewritten),
    row('R7', 'requests that waited for KV', '', 0, 0, waited),
  ]
}

/** R8, R16: KV that fails, and KV that stops writing for the day. */
export async function failureFigures(seeds: readonly number[] = SEEDS): Promise<readonly Figure[]> {
  const down = await runSeries(gossip, { kv: DOWN }, seeds)
  const free = await runSeries(gossip, { kv: { ...TYPICAL, writesLeft: 100 } }, seeds.slice(0, 5))
  const failed = ({ runs }: Series): number =>
    sum(runs.map(({ errors, unhandled }) => errors + unhandled))
  return [
    {
      id: 'R8',
      what: 'answers of 5xx while KV is down',
      unit: '',
      must: 0,
      stretch: 0,
      measured: failed(down),
    },
    {
      id: 'R16',
      what: 'answers of 5xx when the writes of the day are used up',
      unit: '',
      must: 0,
      stretch: 0,
      measured: failed(free),
    },
  ]
}

/** R9: refusals that an exact limiter would not have made. */
export async function refusalFigures(): Promise<readonly Figure[]> {
  const worst = async (load: number): Promise<number> => {
    const one = await runSeries(gossip, { load, locations: 1 })
    const ten = await runSeries(gossip, { load })
    return percent(Math.max(meanOf(one, 'falseRejects'), meanOf(ten, 'falseRejects')))
  }
  const burst = await runSeries(gossip, { load: 0.9, shape: 'burst', locations: 1 })
  return [
    {
      id: 'R9',
      what: 'refused without need at 0.5x, 1 or 10 locations',
      unit: '%',
      must: 0,
      stretch: 0,
      measured: await worst(0.5),
    },
    {
      id: 'R9',
      what: 'the same at 0.8x',
      unit: '%',
      must: 1,
      stretch: 0.3,
      measured: await worst(0.8),
    },
    {
      id: 'R9',
      what: 'the same for bursts of 0.9 of the limit in 2 s',
      unit: '%',
      must: 3,
      stretch: 1,
      measured: percent(meanOf(burst, 'falseRejects')),
    },
  ]
}

/** R4: one location with a binding in front. */
export async function bindingFigures(): Promise<readonly Figure[]> {
  const one = await runSeries(gossip, { locations: 1, binding: true })
  return [
    {
      id: 'R4',
      what: 'one location, 10x, binding: steady overshoot, mean',
      unit: '%',
      must: 3,
      stretch: 1,
      measured: percent(meanOf(one, 'steady')),
    },
    {
      id: 'R4',
      what: 'the same, first windows, p95',
      unit: '%',
      must: 10,
      stretch: 5,
      measured: percent(p95Of(one, 'first')),
    },
  ]
}

/** Who uses a gateway: the part of all subjects, and how they ask. */
export const POPULATION: readonly (readonly [part: number, how: Partial<Scenario>])[] = [
  [0.7, { load: 0.02, locations: 1 }],
  [0.2, { load: 0.1, locations: 1 }],
  [0.08, { load: 0.5, locations: 1 }],
  [0.015, { load: 0.9, locations: 2 }],
  [0.005, { load: 10, locations: 10 }],
]
/** Dollars for a million: https://developers.cloudflare.com/kv/platform/pricing/ */
const PRICE = { write: 5, list: 5, read: 0.5 }

/** R10: dollars for a million requests of a mixed population. */
export async function costOf(
  preset: Scenario['preset'],
  seeds: readonly number[],
): Promise<number> {
  let [dollars, requests] = [0, 0]
  for (const [part, how] of POPULATION) {
    const { runs } = await runSeries(gossip, { ...how, preset }, seeds)
    for (const { kv, requests: asked } of runs) {
      dollars += part * (kv.writes * PRICE.write + kv.lists * PRICE.list + kv.gets * PRICE.read)
      requests += part * asked
    }
  }
  return dollars / requests
}

export async function costFigures(): Promise<readonly Figure[]> {
  return [
    {
      id: 'R10',
      what: 'mixed population, standard: a million requests',
      unit: '$',
      must: 1.2,
      stretch: 0.6,
      measured: await costOf('standard', FEW),
    },
    {
      id: 'R10',
      what: 'mixed population, eco',
      unit: '$',
      must: 0.35,
      stretch: 0.35,
      measured: await costOf('eco', FEW),
    },
  ]
}

/** R11, R12: the Durable Object's leases. */
export async function leaseFigures(): Promise<readonly Figure[]> {
  const ten = await runSeries(lease, {})
  const one = await runSeries(lease, { locations: 1 })
  const over = Math.max(
    ...[...ten.measures, ...one.measures].map(({ first, steady }) => Math.max(first, steady)),
  )
  return [
    {
      id: 'R11',
      what: 'lease: overshoot in any window',
      unit: '%',
      must: 0,
      stretch: 0,
      measured: percent(over),
    },
    {
      id: 'R12',
      what: 'lease: calls for 1000 requests, 10 locations, 10x',
      unit: '',
      must: 100,
      stretch: 60,
      measured: perThousand(ten, ({ calls }) => calls),
    },
    {
      id: 'R12',
      what: 'the same, one location',
      unit: '',
      must: 25,
      stretch: 15,
      measured: perThousand(one, ({ calls }) => calls),
    },
  ]
}
