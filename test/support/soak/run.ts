// A soak: scenarios begin at a rate while faults come and go; in the end it is told what was wrong and whether memory was flat.
import { randomBytes } from 'node:crypto'
import { type Chance, createChance } from '../fuzz/chance.ts'
import { startFaultProxy } from '../s3/fault-proxy.ts'
import type { GatewayFacts } from '../s3/gateway.ts'
import { createLedger, runFaults } from './faults.ts'
import { startSoakGateway } from './gateway.ts'
import { judgeMemory, type MemoryVerdict, type Sample, toSeries } from './memory.ts'
import { createModel, WrongAnswer } from './model.ts'
import { countedLink, passwordLink, plainLink, streamedLink } from './scenarios/links.ts'
import { dropped, oversized, parts } from './scenarios/parts.ts'
import { batch, download, list, sign } from './scenarios/reading.ts'
import { removing } from './scenarios/removing.ts'
import { badTokens, revoked } from './scenarios/tokens.ts'
import { misfit, put, refusals, staged } from './scenarios/uploads.ts'
import { toSettings } from './settings.ts'
import { createOwner, createStage, type Shared, type Stage } from './stage.ts'

/** Each as often as it stands here. */
type Scenario = (stage: Stage) => Promise<void>
const WEIGHTS: readonly (readonly [Scenario, number])[] = [
  [download, 3],
  [sign, 2],
  [batch, 1],
  [list, 1],
  [removing, 1],
  [put, 2],
  [misfit, 1],
  [refusals, 1],
  [staged, 1],
  [parts, 2],
  [dropped, 1],
  [oversized, 1],
  [plainLink, 2],
  [countedLink, 2],
  [passwordLink, 1],
  [streamedLink, 1],
  [badTokens, 1],
  [revoked, 1],
]

/** Dealt like cards, in an order that the seed decides: none is left out. */
function createScenarios(chance: Chance): () => Scenario {
  let cards: Scenario[] = []
  return () => {
    if (cards.length === 0)
      cards = WEIGHTS.flatMap(([scenario, times]) => Array<Scenario>(times).fill(scenario))
    const [card = download] = cards.splice(chance.below(cards.length), 1)
    return card
  }
}

/** Requests of one of them, about. */
const REQUESTS_EACH = 9
const MOST_AT_ONCE = 80
const SAMPLE_MS = 5000

export interface SoakOptions {
  readonly script: string
  readonly s3: GatewayFacts['s3']
  readonly seconds: number
  readonly seed: number
  /** Requests a second, about. */
  readonly rate: number
}

export interface SoakReport {
  readonly requests: number
  readonly excused: number
  readonly scenarios: ReadonlyMap<string, number>
  readonly statuses: ReadonlyMap<string, number>
  /** Faults that happened, and what they led to. */
  readonly counts: ReadonlyMap<string, number>
  readonly wrongs: readonly string[]
  /** Objects that were to be there at the end, and were. */
  readonly kept: number
  /** MiB, in equal pieces of the time. */
  readonly series: readonly number[]
  readonly memory: MemoryVerdict
  readonly secretsPrinted: number
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function judgeKept({ kept, model, s3 }: Shared): Promise<number> {
  const owner = createOwner(s3)
  let there = 0
  for (const [key, content] of kept) {
    if ((await owner.read(key)) === content) there += 1
    else
      try {
        model.fail(`an object is lost: ${key}`)
      } catch {
        // It is told; the others are looked at, too.
      }
    await owner.remove(key)
  }
  return there
}

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { script, s3, seconds, seed, rate } = options
  const proxy = await startFaultProxy()
  proxy.aim(s3.endpoint)
  const endpoint = proxy.origin + new URL(s3.endpoint).pathname.replace(/\/$/, '')
  const posternKey = randomBytes(32).toString('base64url')
  const settings = toSettings(s3, endpoint, posternKey)
  let secretsPrinted = 0
  const print = (line: string): void => {
    if (line.includes(posternKey) || line.includes(s3.secretAccessKey)) secretsPrinted += 1
  }
  const sides = {
    a: await startSoakGateway(script, settings, print),
    b: await startSoakGateway(script, settings, print),
  }
  const ledger = createLedger()
  proxy.watch((target) => {
    ledger.noteCall(target)
    ledger.count('S3: slow by itself, or silent')
  })
  const model = createModel({ a: sides.a.url, b: sides.b.url }, ledger, seed)
  const shared: Shared = { model, ledger, s3, sides, kept: new Map() }
  const scenarios = new Map<string, number>()
  const samples: Sample[] = []
  const endMs = Date.now() + seconds * 1000
  const isOver = (): boolean => Date.now() >= endMs

  async function act(number: number, scenario: Scenario): Promise<void> {
    const chance = createChance(seed * 7919 + number)
    scenarios.set(scenario.name, (scenarios.get(scenario.name) ?? 0) + 1)
    const subject = `soak-${seed}-${number}`
    const stage = await createStage(shared, subject, chance, chance.once(3) ? 'b' : 'a')
    try {
      await scenario(stage)
    } catch (error) {
      // A wrong answer is told already.
      if (error instanceof WrongAnswer) return
      try {
        model.fail(`${scenario.name} of ${subject}: ${String(error)}`)
      } catch {
        // It is told.
      }
    }
  }

  async function sample(): Promise<void> {
    for (let next = Date.now(); !isOver(); next += SAMPLE_MS) {
      await wait(Math.max(0, next - Date.now()))
      const kib = sides.a.rssKib()
      if (kib !== null) samples.push({ atMs: Date.now(), kib })
      const { requests, excused, wrongs } = model.seen()
      if (samples.length % 12 === 0)
        process.stdout.write(
          `${Math.round((endMs - Date.now()) / 1000)} s left: ${requests} requests, ${excused} excused, ${wrongs.length} wrong, ${Math.round((kib ?? 0) / 1024)} MiB\n`,
        )
    }
  }

  async function load(): Promise<void> {
    const running = new Set<Promise<void>>()
    const chance = createChance(seed + 1)
    const next = createScenarios(createChance(seed + 2))
    for (let number = 0; !isOver(); number += 1) {
      while (running.size >= MOST_AT_ONCE) await Promise.race(running)
      const one: Promise<void> = act(number, next()).finally(() => running.delete(one))
      running.add(one)
      // Uneven, as callers are.
      await wait((chance.below(2000) * REQUESTS_EACH) / rate)
    }
    await Promise.all(running)
  }

  const faults = {
    chance: createChance(seed),
    ledger,
    sides,
    disturb: proxy.disturb,
    pace: seconds < 120 ? 1 : 4,
  }
  try {
    await Promise.all([load(), sample(), runFaults(faults, isOver)])
    const kept = await judgeKept(shared)
    return {
      ...model.seen(),
      scenarios,
      counts: ledger.counts,
      kept,
      series: toSeries(samples, Math.min(30, Math.ceil(seconds / 20))),
      memory: judgeMemory(samples),
      secretsPrinted,
    }
  } finally {
    await Promise.all([sides.a.stop(), sides.b.stop()])
    proxy.stop()
  }
}
