// Idempotency keys as a pure ledger: of concurrent requests with one key one opens, the others get what it opened.
import type { Rows } from '../limit/rows.ts'

/** `body` is a digest of what the key stands for; `keep` tells what the claim led to. */
export type RepeatAsk =
  | { readonly kind: 'claim'; readonly body: string }
  | { readonly kind: 'keep'; readonly body: string; readonly answer: string }
  | { readonly kind: 'release' }
export type RepeatReply =
  { readonly kind: 'mine' | 'busy' | 'other' } | { readonly kind: 'kept'; readonly answer: string }

/** How long one request may take to open what others with its key wait for. */
const LEASE_MS = 30_000
const KEPT_MS = 86_400_000
const ROW = 'repeat'

export function askRepeat(rows: Rows, ask: RepeatAsk, nowMs: number): RepeatReply {
  const write = (note: string, lifeMs: number): void =>
    rows.put(ROW, { units: 0, untilMs: nowMs + lifeMs, note })
  if (ask.kind === 'keep') write(`${ask.body}\n${ask.answer}`, KEPT_MS)
  else if (ask.kind === 'release') rows.delete(ROW)
  else {
    const row = rows.get(ROW)
    if (row !== undefined && row.untilMs > nowMs) {
      const [body, answer] = row.note.split('\n')
      if (body !== ask.body) return { kind: 'other' }
      return answer === undefined ? { kind: 'busy' } : { kind: 'kept', answer }
    }
    write(ask.body, LEASE_MS)
  }
  return { kind: 'mine' }
}
