// The Counters object: exact counts of one policy and subject, and what one idempotency key stands for.
// Consistency: strong, one object at a time. Durability: SQLite, written before the answer leaves (output gate), so that
// an evicted object has forgotten nothing that it granted. Failure: the caller's; see leases.ts, holds.ts and repeats.ts.
import { DurableObject } from 'cloudflare:workers'
import { type HoldAsk, type HoldReply, holdBytes, releaseBytes } from '../core/limit/hold-ledger.ts'
import { createLeaseLedger, type LeaseAsk, type LeaseReply } from '../core/limit/lease-ledger.ts'
import type { Rows } from '../core/limit/rows.ts'
import { askRepeat, type RepeatAsk, type RepeatReply } from '../core/upload/repeats.ts'
import { createSqlRows, type SqlRows } from './sql-rows.ts'

export class Counters extends DurableObject<Env> {
  #stored: SqlRows | null = null
  /** When the first row ends, and the alarm with it. */
  #nextMs = Infinity

  /** The rows, without those that have ended; each write sees to an alarm that will delete it. */
  readonly #rows: Rows = {
    get: (id) => this.#open().get(id),
    put: (id, row) => {
      this.#open().put(id, row)
      if (row.untilMs >= this.#nextMs) return
      this.#nextMs = row.untilMs
      void this.ctx.storage.setAlarm(row.untilMs)
    },
    delete: (id) => this.#open().delete(id),
    sum: (note) => this.#open().sum(note),
  }
  readonly #leases = createLeaseLedger(this.#rows)

  #open(): SqlRows {
    if (this.#stored === null || Date.now() >= this.#nextMs) {
      this.#stored ??= createSqlRows(this.ctx.storage.sql)
      this.#nextMs = this.#stored.purge(Date.now()) ?? Infinity
    }
    return this.#stored
  }

  lease(ask: LeaseAsk): LeaseReply {
    return this.#leases.ask(ask, Date.now())
  }

  hold(ask: HoldAsk, isSettled: boolean): HoldReply {
    return holdBytes(this.#rows, ask, isSettled, Date.now())
  }

  release(id: string): void {
    releaseBytes(this.#rows, id)
  }

  repeat(ask: RepeatAsk): RepeatReply {
    return askRepeat(this.#rows, ask, Date.now())
  }

  /** Deletes what has ended; an object that holds nothing leaves no storage behind. */
  override async alarm(): Promise<void> {
    const nextMs = this.#open().purge(Date.now())
    this.#nextMs = nextMs ?? Infinity
    if (nextMs !== null) return this.ctx.storage.setAlarm(nextMs)
    this.#stored = null
    return this.ctx.storage.deleteAll()
  }
}
