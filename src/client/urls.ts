// Signed URLs of one upload, fetched ahead in windows; how large a window is worth while they live.
import type { UploadPart } from '../contract/upload.ts'

/** A window that the gateway signs at most. */
export const MAX_WINDOW = 100
/** Of a URL's life, kept back for the way to S3. */
const MARGIN = 0.1
const MAX_MARGIN_MS = 15_000

export interface Urls {
  add(parts: readonly UploadPart[], now: number): void
  /** The part's URL while it lives; a dead one is forgotten, and windows get smaller. */
  find(partNumber: number, now: number): UploadPart | undefined
  forget(partNumber: number): void
  /** The first of these numbers that have no URL, as many as a window holds. */
  wanted(todo: readonly number[], now: number): number[]
}

export function createUrls(first: number, least: number): Urls {
  const known = new Map<number, { part: UploadPart; untilMs: number }>()
  let window = first
  const find = (partNumber: number, now: number): UploadPart | undefined => {
    const found = known.get(partNumber)
    if (found === undefined || found.untilMs > now) return found?.part
    known.delete(partNumber)
    // They died before their turn: asking for fewer at a time wastes fewer.
    window = Math.max(least, window >> 1)
    return undefined
  }
  return {
    add(parts, now) {
      for (const part of parts) {
        const untilMs = Date.parse(part.expiresAt)
        const marginMs = Math.min(MAX_MARGIN_MS, (untilMs - now) * MARGIN)
        // One that seems dead on arrival is worth a try: the clock is wrong, not the URL.
        known.set(part.partNumber, { part, untilMs: Math.max(untilMs - marginMs, now + 1000) })
      }
    },
    find,
    forget: (partNumber) => void known.delete(partNumber),
    wanted(todo, now) {
      const next = todo.slice(0, MAX_WINDOW * 2)
      const missing = next.filter((partNumber) => find(partNumber, now) === undefined)
      // Enough are at hand for a while.
      if (next.length - missing.length >= least * 2) return []
      const numbers = missing.slice(0, window)
      if (numbers.length === window) window = Math.min(MAX_WINDOW, window * 4)
      return numbers
    },
  }
}
