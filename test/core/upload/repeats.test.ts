// Idempotency keys as a ledger: one opens, the others wait or get what it opened, for a day.
import { describe, expect, test } from 'vitest'
import { createMemoryRows } from '../../../src/core/limit/rows.ts'
import { askRepeat, type RepeatAsk, type RepeatReply } from '../../../src/core/upload/repeats.ts'

const DAY_MS = 86_400_000
const claim = (body = 'one'): RepeatAsk => ({ kind: 'claim', body })
const keep: RepeatAsk = { kind: 'keep', body: 'one', answer: 'ticket' }
const release: RepeatAsk = { kind: 'release' }
const kept = { kind: 'kept', answer: 'ticket' }

const ROWS: readonly (readonly [
  string,
  readonly (readonly [number, RepeatAsk])[],
  number,
  RepeatAsk,
  object,
])[] = [
  ['nobody has it', [], 0, claim(), { kind: 'mine' }],
  ['somebody is about to', [[0, claim()]], 29_999, claim(), { kind: 'busy' }],
  ['somebody was about to, and died', [[0, claim()]], 30_000, claim(), { kind: 'mine' }],
  ['another body, while somebody is about to', [[0, claim()]], 1, claim('two'), { kind: 'other' }],
  [
    'it is open',
    [
      [0, claim()],
      [5, keep],
    ],
    6,
    claim(),
    kept,
  ],
  [
    'it is open, to the last moment',
    [
      [0, claim()],
      [5, keep],
    ],
    5 + DAY_MS - 1,
    claim(),
    kept,
  ],
  [
    'a day later',
    [
      [0, claim()],
      [5, keep],
    ],
    5 + DAY_MS,
    claim(),
    { kind: 'mine' },
  ],
  [
    'a day later, another body',
    [
      [0, claim()],
      [5, keep],
    ],
    5 + DAY_MS,
    claim('two'),
    { kind: 'mine' },
  ],
  [
    'another body',
    [
      [0, claim()],
      [5, keep],
    ],
    6,
    claim('two'),
    { kind: 'other' },
  ],
  [
    'it could not be opened',
    [
      [0, claim()],
      [5, release],
    ],
    6,
    claim('two'),
    { kind: 'mine' },
  ],
  // Slow beyond its lease: what it opened counts all the same, for whoever asks next.
  [
    'kept after the lease of another',
    [
      [0, claim()],
      [30_000, claim()],
      [30_001, keep],
    ],
    30_002,
    claim(),
    kept,
  ],
]

describe('a key', () => {
  test.each(ROWS)('%s', (_, before, nowMs, ask, expected) => {
    const rows = createMemoryRows()
    for (const [atMs, one] of before) askRepeat(rows, one, atMs)
    expect(askRepeat(rows, ask, nowMs)).toEqual(expected)
  })

  test('of many that claim it together one has it', () => {
    const rows = createMemoryRows()
    const replies: RepeatReply[] = Array.from({ length: 50 }, () => askRepeat(rows, claim(), 7))
    expect(replies.filter(({ kind }) => kind === 'mine')).toHaveLength(1)
    expect(replies.filter(({ kind }) => kind === 'busy')).toHaveLength(49)
  })
})
