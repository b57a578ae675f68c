// Shares of a flooded limit: a batch fits like so many single requests, however its fraction is rounded.
import { expect, test } from 'vitest'
import { fitsShare } from '../../../src/core/limit/shares.ts'
import { newSubject } from '../../../src/core/limit/subject.ts'

test.each([0, 0.5, 0.9, 0.99])('a phase of %d lends one unit at most, also to a batch', (phase) => {
  const state = Object.assign(newSubject('alice', 0, 0), { admitted: 10, cap: 96.5, phase })
  const most = phase >= 0.5 ? 87 : 86
  expect([most, most + 1].map((units) => fitsShare(state, units))).toEqual([true, false])
})
