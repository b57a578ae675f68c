// Cloudflare's public prices beyond what the paid plan includes, and what requests cost by them.
// Read on 2026-11-28: https://developers.cloudflare.com/workers/platform/pricing/, /kv/platform/pricing/ and
// /durable-objects/platform/pricing/.

/** Dollars for a million of each; duration for a million GB seconds. */
export const PRICES = {
  requests: 0.3,
  cpuMs: 0.02,
  kvReads: 0.5,
  /** Writes, deletes and lists. */
  kvWrites: 5,
  objectRequests: 0.15,
  objectGbSeconds: 12.5,
  rowsRead: 0.001,
  rowsWritten: 1,
  logLines: 0.6,
} as const

/** Memory that an object is billed for. */
const OBJECT_GB = 0.128

export type Counts = { readonly [name: string]: number }

export interface Bill {
  /** Calls of one request, by name, none of them zero. */
  readonly calls: Counts
  /** Dollars for a million requests, without the log. */
  readonly dollars: number
  /** Dollars for their log lines. */
  readonly logDollars: number
}

const isObject = (name: string): boolean => name.includes('.')

/** `counts` are those of `requests`; an object is active no longer than the whole request takes. */
export function toBill(counts: Counts, requests: number, cpuMs: number, requestMs: number): Bill {
  const calls = Object.fromEntries(
    Object.entries(counts).map(([name, times]) => [name, times / requests]),
  )
  const sum = (isOne: (name: string) => boolean): number =>
    Object.entries(calls).reduce((all, [name, times]) => all + (isOne(name) ? times : 0), 0)
  const objects = sum(isObject)
  const reads = sum((name) => name.startsWith('KV get'))
  const writes = sum((name) => name.startsWith('KV ')) - reads
  const dollars =
    PRICES.requests +
    cpuMs * PRICES.cpuMs +
    reads * PRICES.kvReads +
    writes * PRICES.kvWrites +
    objects * PRICES.objectRequests +
    (objects === 0 ? 0 : OBJECT_GB * (requestMs / 1000) * PRICES.objectGbSeconds) +
    sum((name) => name === 'rows read') * PRICES.rowsRead +
    sum((name) => name === 'rows written') * PRICES.rowsWritten
  return { calls, dollars, logDollars: sum((name) => name === 'log lines') * PRICES.logLines }
}
