// Bytes per second, smoothed over some seconds, from how many bytes went out when.

/** Half of what is shown comes from the last few seconds. */
const WINDOW_MS = 4000

export interface Speed {
  add(bytes: number, now: number): void
  perSecond(): number
}

export function createSpeed(): Speed {
  let [rate, pending, since] = [0, 0, -1]
  return {
    add(bytes, now) {
      // What had gone before the first look took an unknown time.
      if (since < 0) since = now
      else pending += bytes
      const elapsedMs = now - since
      // Shorter spans say more about buffers than about the line.
      if (elapsedMs < 250) return
      const current = (pending * 1000) / elapsedMs
      const weight = rate === 0 ? 1 : 1 - Math.exp(-elapsedMs / WINDOW_MS)
      rate += (current - rate) * weight
      pending = 0
      since = now
    },
    perSecond: () => rate,
  }
}
