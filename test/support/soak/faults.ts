// The faults of a soak: when which begins, as the seed has it, and a ledger of what they hit, so that nothing else is excused.
import type { Chance } from '../fuzz/chance.ts'
import { type Deal, S3_FAULTS } from '../s3/fault-proxy.ts'
import type { KvMode, SoakGateway } from './gateway.ts'

/** Which gateway: `a` runs from beginning to end and its KV fails, `b` is killed and started again. */
export type Side = 'a' | 'b'

/** Every key and every prefix of a scenario has its subject in it. */
const SUBJECT = /soak-\d+-\d+/
/** Bytes on their way to be published have their key from the gateway. */
const ARRIVING = 'incoming/'

/** How long an answer may be on its way once its fault is over. */
const SLACK_MS = 100

interface Span {
  readonly fromMs: number
  toMs: number
}

const overlaps = (spans: readonly Span[], fromMs: number, toMs: number): boolean =>
  spans.some((span) => span.fromMs - SLACK_MS <= toMs && fromMs <= span.toMs + SLACK_MS)

/** What was disturbed when. Old entries are of no use: no request takes longer than a few minutes. */
export function createLedger() {
  const calls = new Map<string, number[]>()
  const spans: Record<'kv' | 'down', Span[]> = { kv: [], down: [] }
  const counts = new Map<string, number>()
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  return {
    counts,
    count,
    noteCall(target: string): void {
      const text = decodeURIComponent(target)
      const name = SUBJECT.exec(text)?.[0] ?? (text.includes(ARRIVING) ? ARRIVING : 'others')
      calls.set(name, [...(calls.get(name) ?? []), Date.now()].slice(-50))
      if (calls.size > 2000) calls.delete(calls.keys().next().value ?? '')
    },
    /** Whether a call to S3 for this subject, or for bytes that arrive, met a fault. */
    isCallHit(subject: string, fromMs: number, toMs: number): boolean {
      return [subject, ARRIVING].some((name) =>
        calls.get(name)?.some((at) => at >= fromMs - SLACK_MS && at <= toMs + SLACK_MS),
      )
    },
    async during(kind: 'kv' | 'down', work: () => Promise<void>): Promise<void> {
      const span = { fromMs: Date.now(), toMs: Infinity }
      spans[kind] = [...spans[kind].slice(-20), span]
      await work()
      span.toMs = Date.now()
    },
    isKvHit: (fromMs: number, toMs: number): boolean => overlaps(spans.kv, fromMs, toMs),
    isDown: (fromMs: number, toMs: number): boolean => overlaps(spans.down, fromMs, toMs),
    /** How often the gateway was killed while this went on. */
    kills: (fromMs: number, toMs: number): number =>
      spans.down.filter((span) => span.fromMs >= fromMs && span.fromMs <= toMs).length,
  }
}
export type Ledger = ReturnType<typeof createLedger>

/** One call in `often` meets a fault. Of an object that is read no half is given in good form: nobody could tell. */
function createDeal(chance: Chance, ledger: Ledger, often: number, isSlow: boolean): Deal {
  return ({ method, target }) => {
    if (!chance.once(often)) return null
    const isSafe = method === 'GET' || method === 'HEAD' || method === 'DELETE'
    const isObject = method === 'GET' && !target.includes('list-type=2')
    const fault = isSlow ? 'silence' : chance.pick(S3_FAULTS)
    if (isSlow && !isSafe) return null
    ledger.noteCall(target)
    ledger.count(`S3: ${fault}`)
    return fault === 'half an answer' && isObject ? 'reset in the answer' : fault
  }
}

interface Place {
  readonly chance: Chance
  readonly ledger: Ledger
  readonly sides: Readonly<Record<Side, SoakGateway>>
  readonly disturb: (deal: Deal) => void
  /** How much longer than that of the short form each pause is. */
  readonly pace: number
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Lets one fault after the other happen until `isOver`; then all is well again. */
export async function runFaults(place: Place, isOver: () => boolean): Promise<void> {
  const { chance, ledger, sides, disturb, pace } = place
  const kinds = ['s3', 'kv', 'down', 's3', 'kv and s3', 'down', 's3 silent'] as const
  const quiet = (): null => null
  let cards: (typeof kinds)[number][] = []
  async function failKv(ms: number): Promise<void> {
    const mode: KvMode = chance.pick(['fails', 'is full', 'is slow', 'is silent'])
    ledger.count(`KV ${mode}`)
    await ledger.during('kv', async () => {
      await sides.a.setKv(mode)
      await wait(ms)
      await sides.a.setKv('fine')
    })
  }
  async function kill(): Promise<void> {
    ledger.count('gateway killed')
    await ledger.during('down', () => sides.b.restart())
  }
  while (!isOver()) {
    await wait(pace * (500 + chance.below(1500)))
    // Like cards: no kind is left out.
    if (cards.length === 0) cards = [...kinds]
    const [kind] = cards.splice(chance.below(cards.length), 1)
    const ms = 1500 + chance.below(pace * 1000)
    if (kind === 'down') await kill()
    if (kind === 'kv' || kind === 'kv and s3') {
      if (kind === 'kv and s3') disturb(createDeal(chance, ledger, 3, false))
      await failKv(ms)
    } else if (kind === 's3' || kind === 's3 silent') {
      disturb(createDeal(chance, ledger, kind === 's3' ? 3 : 6, kind === 's3 silent'))
      await wait(ms)
    }
    disturb(quiet)
  }
}
