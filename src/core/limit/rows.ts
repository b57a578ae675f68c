// The small table behind an exact counter: what must survive an eviction, as the pure ledgers read and write it.

export interface Row {
  readonly units: number
  /** From then on it counts no more, and may be deleted. */
  readonly untilMs: number
  /** What the ledger says of it. */
  readonly note: string
}

/** Synchronous and atomic for one call: SQLite inside a Durable Object, a Map in tests and simulators. */
export interface Rows {
  get(id: string): Row | undefined
  put(id: string, row: Row): void
  delete(id: string): void
  /** Units of all rows with this note. */
  sum(note: string): number
}

/** Rows in memory, for tests and simulators. */
export function createMemoryRows(): Rows & { purge(nowMs: number): void } {
  const rows = new Map<string, Row>()
  return {
    get: (id) => rows.get(id),
    put: (id, row) => void rows.set(id, row),
    delete: (id) => void rows.delete(id),
    sum: (note) =>
      [...rows.values()].reduce((sum, row) => sum + (row.note === note ? row.units : 0), 0),
    purge(nowMs) {
      for (const [id, row] of rows) if (row.untilMs <= nowMs) rows.delete(id)
    },
  }
}
