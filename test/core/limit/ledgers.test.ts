// What an exact counter's object decides from its rows: leases of late asks, uses of one-time things, bytes of uploads.
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holdBytes, releaseBytes } from '../../../src/core/limit/hold-ledger.ts'
import { createLeaseLedger } from '../../../src/core/limit/lease-ledger.ts'
import { createMemoryRows } from '../../../src/core/limit/rows.ts'

describe('leases', () => {
  const ask = { holder: 'a', window: 20, windowMs: 60_000, allow: 10, need: 1, want: 10 }
  const at = (window: number): number => window * 60_000
  test('an ask for a window that may be forgotten is refused', () => {
    const rows = createMemoryRows()
    const ledger = createLeaseLedger(rows)
    expect(ledger.ask({ ...ask, need: 10 }, at(20))).toEqual({ granted: 10, left: 0 })
    rows.purge(at(22) - 1)
    expect(ledger.ask({ ...ask, holder: 'b' }, at(22) - 1)).toEqual({ granted: 0, left: 0 })
    rows.purge(at(22))
    expect(ledger.ask({ ...ask, holder: 'b' }, at(22))).toEqual({ granted: 0, left: 0 })
  })
  test('what is granted is in the rows, so that a new ledger on them goes on from there', () => {
    const rows = createMemoryRows()
    expect(createLeaseLedger(rows).ask({ ...ask, need: 7 }, at(20))).toEqual({
      granted: 7,
      left: 3,
    })
    expect(createLeaseLedger(rows).ask({ ...ask, need: 4 }, at(20))).toEqual({
      granted: 0,
      left: 3,
    })
    expect(createLeaseLedger(rows).ask({ ...ask, need: 3 }, at(20))).toEqual({
      granted: 3,
      left: 0,
    })
  })
})

describe('bytes', () => {
  const DAY = 86_400_000
  const step = fc.record({
    upload: fc.nat(4),
    bytes: fc.integer({ min: 1, max: 60 }),
    act: fc.constantFrom('hold', 'hold', 'complete', 'complete', 'fail', 'abort'),
    gapMs: fc.oneof(
      { weight: 12, arbitrary: fc.nat(DAY / 50) },
      { weight: 1, arbitrary: fc.nat(2 * DAY) },
    ),
  })
  test('what becomes an object in a window, and what is still held, never exceeds the quota', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 150 }),
        (steps, allow) => {
          const rows = createMemoryRows()
          /** Uploads that still can complete, and the bytes that did in each window. */
          const open = new Map<string, { bytes: number; untilMs: number }>()
          const stored = new Map<number, number>()
          /** Each upload has an id of its own. */
          const turn = [0, 0, 0, 0, 0]
          const idOf = (upload: number): string => `${upload} ${turn[upload] ?? 0}`
          const end = (upload: number): void => {
            open.delete(idOf(upload))
            turn[upload] = (turn[upload] ?? 0) + 1
          }
          let nowMs = 100 * DAY
          for (const { upload, bytes, act, gapMs } of steps) {
            nowMs += gapMs
            rows.purge(nowMs)
            const window = Math.floor(nowMs / DAY)
            const id = idOf(upload)
            for (const [name, { untilMs }] of open) if (untilMs <= nowMs) open.delete(name)
            const known = open.get(id)
            const ask = {
              id,
              bytes: known?.bytes ?? bytes,
              allow,
              windowMs: DAY,
              untilMs: nowMs + 7 * DAY,
            }
            if (act === 'hold' && known === undefined) {
              if (holdBytes(rows, ask, false, nowMs).ok) open.set(id, ask)
            } else if (known !== undefined && act === 'abort') {
              releaseBytes(rows, id)
              end(upload)
            } else if (known !== undefined && act !== 'hold') {
              // Settled before S3 completes it, which may fail: then it may be tried again.
              const { ok } = holdBytes(rows, ask, true, nowMs)
              if (ok && act === 'complete') {
                stored.set(window, (stored.get(window) ?? 0) + ask.bytes)
                end(upload)
              }
            }
            expect(stored.get(window) ?? 0).toBeLessThanOrEqual(allow)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
  const ask = { id: 'a', bytes: 60, allow: 100, windowMs: DAY, untilMs: 10 * DAY }
  test('an open upload counts in every window, a settled one in its own, a released one in none', () => {
    const rows = createMemoryRows()
    expect(holdBytes(rows, ask, false, 0)).toEqual({ ok: true, left: 40 })
    expect(holdBytes(rows, ask, false, 0)).toEqual({ ok: true, left: 40 })
    expect(holdBytes(rows, { ...ask, id: 'b' }, false, 3 * DAY)).toEqual({ ok: false, left: 40 })
    expect(holdBytes(rows, ask, true, 3 * DAY)).toEqual({ ok: true, left: 40 })
    expect(holdBytes(rows, { ...ask, id: 'b' }, false, 3 * DAY + 1)).toMatchObject({ ok: false })
    rows.purge(4 * DAY)
    expect(holdBytes(rows, { ...ask, id: 'b' }, false, 4 * DAY)).toEqual({ ok: true, left: 40 })
    releaseBytes(rows, 'b')
    expect(holdBytes(rows, { ...ask, id: 'c', bytes: 0 }, false, 4 * DAY)).toEqual({
      ok: true,
      left: 100,
    })
  })
  test('a settled upload gives nothing back: its object may stand, or have stood', () => {
    const rows = createMemoryRows()
    holdBytes(rows, ask, true, 0)
    releaseBytes(rows, 'a')
    expect(holdBytes(rows, { ...ask, id: 'b', bytes: 41 }, false, 0)).toEqual({
      ok: false,
      left: 40,
    })
  })
  test('an upload settled small and completed large later pays the difference', () => {
    const rows = createMemoryRows()
    holdBytes(rows, ask, false, 0)
    expect(holdBytes(rows, { ...ask, bytes: 2 }, true, 0)).toEqual({ ok: true, left: 98 })
    expect(holdBytes(rows, { ...ask, bytes: 60 }, true, 0)).toEqual({ ok: true, left: 40 })
    expect(holdBytes(rows, { ...ask, bytes: 101 }, true, 0)).toEqual({ ok: false, left: 40 })
    expect(holdBytes(rows, { ...ask, bytes: 60 }, true, 0)).toEqual({ ok: true, left: 40 })
  })
  test('an upload opened before there was a quota is charged when it completes', () => {
    const rows = createMemoryRows()
    expect(holdBytes(rows, ask, true, 0)).toEqual({ ok: true, left: 40 })
    expect(holdBytes(rows, { ...ask, id: 'b' }, true, 0)).toEqual({ ok: false, left: 40 })
  })
})
