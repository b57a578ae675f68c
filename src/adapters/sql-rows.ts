// Rows of an exact counter in the SQLite of a Durable Object; every call is synchronous, and written before it is answered.
import type { Rows } from '../core/limit/rows.ts'

/** What an object's storage gives: rows, and when the first of them ends. */
export interface SqlRows extends Rows {
  /** Deletes what has ended; gives when the next one ends, or null when nothing is left. */
  purge(nowMs: number): number | null
}

export function createSqlRows(sql: SqlStorage): SqlRows {
  sql.exec(
    'CREATE TABLE IF NOT EXISTS counts (id TEXT PRIMARY KEY, units INTEGER NOT NULL, untilMs INTEGER NOT NULL, note TEXT NOT NULL) WITHOUT ROWID',
  )
  return {
    get: (id) =>
      sql
        .exec<{
          units: number
          untilMs: number
          note: string
        }>('SELECT units, untilMs, note FROM counts WHERE id = ?', id)
        .toArray()[0],
    put(id, { units, untilMs, note }) {
      sql.exec('INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?)', id, units, untilMs, note)
    },
    delete(id) {
      sql.exec('DELETE FROM counts WHERE id = ?', id)
    },
    sum: (note) =>
      sql.exec<{ sum: number }>('SELECT TOTAL(units) AS sum FROM counts WHERE note = ?', note).one()
        .sum,
    purge(nowMs) {
      sql.exec('DELETE FROM counts WHERE untilMs <= ?', nowMs)
      return sql.exec<{ next: number | null }>('SELECT MIN(untilMs) AS next FROM counts').one().next
    },
  }
}
