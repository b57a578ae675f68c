// Signed URLs of one upload, fetched ahead in windows; how large a window is worth while they live.
import type { UploadPart } from '../contract/upload.ts'

/** A window that the gateway signs at most. */
export const MAX_WINDOW = 100
/** Of a URL's life; what is kept back is for the way to S3. */
const SAFE = 0.9
const MAX_MARGIN_MS = 15_000

export interface Urls {
  addUrls(parts: readonly UploadPart[], now: number): void
  /** The part's URL while it lives; a dead one is forgotten, and windows get smaller. */
  findUrl(partNumber: number, now: number): UploadPart | undefined
  forgetUrl(partNumber: number): void
  /** The first of these numbers that have no URL, as many as a window holds. */
  wanted(todo: readonly number[], now: number): number[]
}

export function createUrls(first: number, least: number): Urls {
  const known = new Map<number, UploadPart & { untilMs: number }>()
  let window = first
  const find = (partNumber: number, now: number): UploadPart | undefined => {
    const found = known.get(partNumber)
    if (!found || found.untilMs > now) return found
    known.delete(partNumber)
    // They died before their turn: asking for fewer at a time wastes fewer.
    window = Math.max(least, window >> 1)
    return undefined
  }
  return {
    addUrls(parts, now) {
      for (const part of parts) {
        const lifeMs = Date.parse(part.expiresAt) - now
        // One that seems dead on arrival is worth a try: the clock is wrong, not the URL.
        const safeMs = Math.max(lifeMs * SAFE, lifeMs - MAX_MARGIN_MS, 1000)
        known.set(part.partNumber, { ...part, untilMs: now + safeMs })
      }
    },
    findUrl: find,
    forgetUrl: (partNumber) => void known.delete(partNumber),
    wanted(todo, now) {
      const missing = todo.filter((partNumber) => !find(partNumber, now))
      // Enough are at hand for a while.
      if (todo.length - missing.length >= least * 2) return []
      const numbers = missing.slice(0, window)
      if (numbers.length === window) window = Math.min(MAX_WINDOW, window * 4)
      return numbers
    },
  }
}
