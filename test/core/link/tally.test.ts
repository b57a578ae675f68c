// The states of a link against a model that only keeps its history: any order of steps, any passing of time.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LinkTerms } from '../../../src/contract/link.ts'
import type { LinkChange } from '../../../src/core/link/change.ts'
import { type LinkRecord, type LinkState, stateOf } from '../../../src/core/link/record.ts'
import * as steps from '../../../src/core/link/tally.ts'

const START = 1_800_000_000
function recordOf(terms: LinkTerms, expiresAtSeconds: number): LinkRecord {
  const owner = { issuer: 'https://login.test', subject: 'alice', claims: {} }
  return { owner, createdAtSeconds: START, expiresAtSeconds, bucket: 'media', keys: ['a'], terms }
}

type Event =
  | { readonly kind: 'take' | 'revoke' }
  | { readonly kind: 'wait'; readonly seconds: number }
  | {
      readonly kind: 'change'
      readonly maxDownloads: number | undefined
      readonly notBefore: number | undefined
      readonly lasts: number
      readonly frozen: boolean | undefined
    }
type Change = Extract<Event, { kind: 'change' }>

const offset = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined })
const change = fc.record({
  kind: fc.constant('change' as const),
  maxDownloads: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  notBefore: offset,
  lasts: fc.integer({ min: 1, max: 200 }),
  frozen: fc.option(fc.boolean(), { nil: undefined }),
})
const event: fc.Arbitrary<Event> = fc.oneof(
  { arbitrary: fc.constant({ kind: 'take' as const }), weight: 5 },
  fc.constant({ kind: 'revoke' as const }),
  {
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.integer({ min: 0, max: 60 }),
    }),
    weight: 3,
  },
  { arbitrary: change, weight: 2 },
)
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()
const toRecord = ({ maxDownloads, notBefore, lasts }: Change): LinkRecord =>
  recordOf(
    { maxDownloads, ...(notBefore !== undefined && { notBefore: iso(START + notBefore) }) },
    START + lasts,
  )

/** As a PATCH that names every term; null takes one away. */
const toChange = (one: Change): LinkChange => {
  const { terms, expiresAtSeconds } = toRecord(one)
  return {
    terms: { maxDownloads: terms.maxDownloads ?? null, notBefore: terms.notBefore ?? null },
    expiresAtSeconds,
    ...(one.frozen !== undefined && { frozen: one.frozen }),
  }
}

/** The state told from history alone: which changes, how many openings, which flags. */
function model(history: readonly Event[]): { readonly states: LinkState[]; readonly used: number } {
  let [now, used, revoked, frozen] = [START, 0, false, false]
  let current: Change | undefined
  const states: LinkState[] = []
  const state = (): LinkState => {
    if (revoked) return 'revoked'
    if (now >= START + (current?.lasts ?? 0)) return 'expired'
    if (frozen) return 'frozen'
    if (now < START + (current?.notBefore ?? 0)) return 'not_yet'
    return used >= (current?.maxDownloads ?? Infinity) ? 'spent' : 'active'
  }
  for (const one of history) {
    if (one.kind === 'wait') now += one.seconds
    if (one.kind === 'revoke') revoked = true
    if (one.kind === 'take' && state() === 'active') used += 1
    if (one.kind === 'change') [current, frozen] = [one, one.frozen ?? frozen]
    states.push(state())
  }
  return { states, used }
}

test('a beginning that cannot be read has not come', () => {
  const record = toRecord({
    kind: 'change',
    maxDownloads: undefined,
    notBefore: 0,
    lasts: 60,
    frozen: undefined,
  })
  const terms = { ...record.terms, notBefore: '2999-01-01T00:00:00+02' }
  expect(stateOf(steps.newTally({ ...record, terms }), START * 1000)).toBe('not_yet')
})

test('every walk ends each step in the state that its history says', () => {
  fc.assert(
    fc.property(change, fc.array(event, { maxLength: 40 }), (first, rest) => {
      const history = [first, ...rest]
      const expected = model(history)
      let nowMs = START * 1000
      let tally = steps.newTally(toRecord(first))
      const states = history.map((one) => {
        if (one.kind === 'wait') nowMs += one.seconds * 1000
        if (one.kind === 'revoke') tally = steps.revoke(tally, nowMs)
        if (one.kind === 'take') ({ tally } = steps.take(tally, null, nowMs))
        if (one.kind === 'change') tally = steps.change(tally, toChange(one))
        return stateOf(tally, nowMs)
      })
      expect(states).toEqual(expected.states)
      expect(tally.used).toBe(expected.used)
    }),
    { numRuns: 2000 },
  )
})

test('it is forgotten 30 days after what ended it first, and not while it may go on', () => {
  const tally = steps.newTally(recordOf({ maxDownloads: 1 }, START + 1000))
  expect(steps.endOf(tally)).toBe(START + 1000)
  const longer = { terms: { maxDownloads: null }, expiresAtSeconds: START + 2000 }
  const spent = steps.take(tally, null, (START + 5) * 1000).tally
  expect(steps.endOf(spent)).toBe(START + 5)
  expect(steps.endOf(steps.change(spent, longer))).toBe(START + 2000)
  const revoked = steps.revoke(spent, (START + 9) * 1000)
  expect(steps.endOf(steps.change(revoked, longer))).toBe(START + 9)
  expect(steps.revoke(revoked, (START + 99) * 1000)).toBe(revoked)
})

test('the count of a minted link is kept until the last token of its id is over, or it would open again', () => {
  const token = recordOf({ maxDownloads: 1 }, START + 90 * 86_400)
  const spent = steps.take(steps.ofToken(undefined, token), null, START * 1000).tally
  expect([spent.used, steps.endOf(spent)]).toEqual([1, START + 90 * 86_400])
  const shorter = steps.ofToken(spent, recordOf({ maxDownloads: 1 }, START + 10))
  expect([stateOf(shorter, START * 1000), steps.endOf(shorter)]).toEqual([
    'spent',
    START + 90 * 86_400,
  ])
  // Each token brings its own terms to the one count.
  const later = steps.ofToken(shorter, recordOf({ maxDownloads: 2 }, START + 99 * 86_400))
  expect([stateOf(later, START * 1000), steps.endOf(later)]).toEqual([
    'active',
    START + 99 * 86_400,
  ])
})

test('who comes back is not counted and passes what is spent, but trips, and passes nothing else', () => {
  const terms = { maxDownloads: 1, tripwire: { networks: 2, withinMinutes: 1 } }
  const spent = steps.take(steps.newTally(recordOf(terms, START + 1000)), 'a', START * 1000).tally
  const back = (tally: steps.Tally, network: string) =>
    steps.take(tally, network, (START + 1) * 1000, true)
  const second = back(spent, 'b')
  expect([second.state, second.tally.used]).toEqual(['active', 1])
  const third = back(second.tally, 'c')
  expect([third.state, third.isFresh]).toEqual(['frozen', true])
  expect(back(third.tally, 'a')).toMatchObject({ state: 'frozen', isFresh: false })
  expect(back(steps.revoke(spent, START * 1000), 'a').state).toBe('revoked')
})

test('guesses: ten in a window, then the rest of it is waited, then ten again', () => {
  let tally = steps.newTally(recordOf({}, START + 10_000))
  const guess = (atSeconds: number): number => {
    const { tally: next, waitS } = steps.attempt(tally, (START + atSeconds) * 1000)
    tally = next
    return waitS
  }
  expect(Array.from({ length: 12 }, () => guess(0))).toEqual([
    ...Array<number>(10).fill(0),
    600,
    600,
  ])
  expect(guess(599)).toBe(1)
  expect(Array.from({ length: 11 }, () => guess(600)).at(-1)).toBe(600)
})

test('a tripwire counts networks, not openings, and only those of its time', () => {
  const record = recordOf({ tripwire: { networks: 2, withinMinutes: 1 } }, START + 10_000)
  const walk = (visits: readonly (readonly [string, number])[]): string[] => {
    let tally = steps.newTally(record)
    return visits.map(([network, at]) => {
      const taken = steps.take(tally, network, (START + at) * 1000)
      tally = taken.tally
      return taken.state
    })
  }
  expect(
    walk([
      ['a', 0],
      ['a', 1],
      ['b', 2],
      ['b', 3],
    ]),
  ).toEqual(Array(4).fill('active'))
  expect(
    walk([
      ['a', 0],
      ['b', 30],
      ['c', 60],
    ]),
  ).toEqual(['active', 'active', 'active'])
  expect(
    walk([
      ['a', 0],
      ['b', 30],
      ['c', 59],
      ['a', 61],
    ]),
  ).toEqual(['active', 'active', 'frozen', 'frozen'])
})
