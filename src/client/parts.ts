// Which parts of a file are stored, under way, or still to send, and how many bytes that is: plain bookkeeping.

/** Parts that are looked at, at a time: two windows. */
const MAX_TODO = 200

export interface Parts {
  /** The first numbers still to send, in order; those under way are not among them. */
  todo(): number[]
  slice(partNumber: number): Blob
  start(partNumber: number): void
  /** So many bytes of one under way have left: how many more than before. */
  move(partNumber: number, bytes: number): number
  /** Whether all bytes of one under way have left. */
  isSent(partNumber: number): boolean
  store(partNumber: number): void
  /** It failed, or turned out not to be stored: it is to be sent again. */
  drop(partNumber: number): void
  /** Nothing is under way any more. */
  halt(): void
  isStored(): boolean
  sentBytes(): number
}

export function createParts(
  file: Blob,
  { partSize, partCount }: { readonly partSize: number; readonly partCount: number },
): Parts {
  /** Bytes that have left of those under way; of those that are stored infinity. */
  const sent = new Map<number, number>()
  const sizeOf = (at: number): number => Math.min(partSize, file.size - (at - 1) * partSize)
  return {
    todo() {
      const found: number[] = []
      for (let at = 1; at <= partCount && found.length < MAX_TODO; at += 1)
        if (!sent.has(at)) found.push(at)
      return found
    },
    slice: (at) => file.slice((at - 1) * partSize, at * partSize),
    start: (at) => void sent.set(at, 0),
    move(at, bytes) {
      const before = sent.get(at) ?? Infinity
      if (before === Infinity) return 0
      sent.set(at, bytes)
      return bytes - before
    },
    isSent: (at) => sent.get(at) === sizeOf(at),
    store: (at) => void sent.set(at, Infinity),
    drop: (at) => void sent.delete(at),
    halt() {
      for (const [at, bytes] of sent) if (bytes < Infinity) sent.delete(at)
    },
    isStored: () => [...sent.values()].filter((bytes) => bytes === Infinity).length === partCount,
    sentBytes: () => [...sent].reduce((sum, [at, bytes]) => sum + Math.min(bytes, sizeOf(at)), 0),
  }
}
