// The places of a link's files against a model: never more objects than files, whatever the order of steps and the passing of time.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { LinkRecord, PlaceAsk } from '../../../src/core/link/record.ts'
import { stateOf } from '../../../src/core/link/record.ts'
import { askPlace, leftOf } from '../../../src/core/link/places.ts'
import { endOf, newTally, revoke } from '../../../src/core/link/tally.ts'

const START = 1_800_000_000
const recordOf = (maxFiles: number): LinkRecord => ({
  owner: { issuer: 'https://login.test', subject: 'alice', claims: {} },
  createdAtSeconds: START,
  expiresAtSeconds: START + 1000,
  bucket: 'media',
  prefix: 'in/',
  upload: { maxBytes: 10, types: ['*/*'], maxFiles },
  terms: {},
})

const nonce = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const step = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), nonce, lasts: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('fill' as const), nonce }),
  fc.record({ kind: fc.constant('free' as const), nonce, isFilledToo: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 40 }) }),
)

test('every walk has as many places as its model, and never more than there are files', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 60 }), (max, steps) => {
      let tally = newTally(recordOf(max))
      let now = 0
      const [kept, filled] = [new Map<string, number>(), new Set<string>()]
      for (const one of steps) {
        if (one.kind === 'wait') {
          now += one.seconds
          continue
        }
        for (const [name, until] of kept) if (until <= now) kept.delete(name)
        const taken = (): number => kept.size + filled.size
        const isThere = kept.has(one.nonce) || filled.has(one.nonce)
        const isOver = now >= 1000
        const nowMs = (START + now) * 1000
        const ask: PlaceAsk =
          one.kind === 'keep'
            ? { kind: 'keep', nonce: one.nonce, untilMs: nowMs + one.lasts * 1000 }
            : one
        const reply = askPlace(tally, ask, nowMs)
        tally = reply.tally
        if (one.kind === 'keep' && !isOver) {
          const room = isThere || taken() < max
          expect(reply.state === 'active').toBe(room)
          if (room && !isThere) kept.set(one.nonce, now + one.lasts)
        }
        if (one.kind === 'fill' && !isOver) {
          expect(reply.state).toBe(isThere ? 'active' : 'lost')
          if (isThere) filled.add(one.nonce)
          if (isThere) kept.delete(one.nonce)
        }
        if (one.kind === 'free') {
          kept.delete(one.nonce)
          if (one.isFilledToo) filled.delete(one.nonce)
        }
        if (isOver) expect(['expired']).toContain(reply.state)
        expect([tally.used, leftOf(tally, nowMs)]).toEqual([filled.size, max - taken()])
        expect(filled.size).toBeLessThanOrEqual(max)
      }
    }),
    { numRuns: 2000 },
  )
})

test('the last file spends the link, and its failing makes it active again; revoked it stays', () => {
  const nowMs = (START + 5) * 1000
  const keep = askPlace(
    newTally(recordOf(1)),
    { kind: 'keep', nonce: 'a', untilMs: nowMs + 1 },
    nowMs,
  )
  const full = askPlace(keep.tally, { kind: 'keep', nonce: 'b', untilMs: nowMs + 1 }, nowMs)
  expect([full.state, full.tally === keep.tally]).toEqual(['full', true])
  const filled = askPlace(keep.tally, { kind: 'fill', nonce: 'a' }, nowMs)
  expect([stateOf(filled.tally, nowMs), endOf(filled.tally)]).toEqual(['spent', START + 5])
  expect(
    askPlace(filled.tally, { kind: 'keep', nonce: 'b', untilMs: nowMs + 1 }, nowMs).state,
  ).toBe('spent')
  const failed = askPlace(filled.tally, { kind: 'free', nonce: 'a', isFilledToo: true }, nowMs)
  expect([stateOf(failed.tally, nowMs), endOf(failed.tally)]).toEqual(['active', START + 1000])
  const revoked = askPlace(revoke(filled.tally, nowMs), { kind: 'fill', nonce: 'a' }, nowMs)
  expect(revoked.state).toBe('revoked')
})
