// Which parts of a file are stored, under way, or still to send, and how many bytes that is: plain bookkeeping.

export interface Parts {
  readonly count: number
  /** Numbers still to send, in order; those under way are not among them. */
  todo(): readonly number[]
  range(partNumber: number): readonly [start: number, end: number]
  start(partNumber: number): void
  /** Bytes of one under way that left; true when it never came so far before. */
  move(partNumber: number, bytes: number): boolean
  /** Whether all bytes of one under way have left. */
  isSent(partNumber: number): boolean
  store(partNumber: number): void
  /** It failed, or turned out not to be stored: it is to be sent again. */
  drop(partNumber: number): void
  isStored(): boolean
  sentBytes(): number
}

export function createParts(size: number, partSize: number, count: number): Parts {
  let todo = Array.from({ length: count }, (_, at) => at + 1)
  const flying = new Map<number, number>()
  /** The most that ever left of each part that is not stored. */
  const best = new Map<number, number>()
  let [stored, storedBytes] = [0, 0]
  const range = (partNumber: number): readonly [number, number] => [
    (partNumber - 1) * partSize,
    Math.min(size, partNumber * partSize),
  ]
  const bytesOf = (partNumber: number): number => range(partNumber)[1] - range(partNumber)[0]
  const isDone = new Set<number>()
  return {
    count,
    range,
    todo: () => todo,
    start(partNumber) {
      todo = todo.filter((other) => other !== partNumber)
      flying.set(partNumber, 0)
    },
    move(partNumber, bytes) {
      flying.set(partNumber, bytes)
      if (bytes <= (best.get(partNumber) ?? 0)) return false
      best.set(partNumber, bytes)
      return true
    },
    isSent: (partNumber) => flying.get(partNumber) === bytesOf(partNumber),
    store(partNumber) {
      todo = todo.filter((other) => other !== partNumber)
      flying.delete(partNumber)
      best.delete(partNumber)
      if (isDone.has(partNumber)) return
      isDone.add(partNumber)
      stored += 1
      storedBytes += bytesOf(partNumber)
    },
    drop(partNumber) {
      flying.delete(partNumber)
      if (isDone.delete(partNumber)) {
        stored -= 1
        storedBytes -= bytesOf(partNumber)
      }
      const at = todo.findIndex((other) => other >= partNumber)
      if (todo[at] !== partNumber) todo.splice(at === -1 ? todo.length : at, 0, partNumber)
    },
    isStored: () => stored === count,
    sentBytes: () => [...flying.values()].reduce((sum, bytes) => sum + bytes, storedBytes),
  }
}
