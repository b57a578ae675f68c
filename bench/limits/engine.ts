// Discrete events on a virtual clock: arrivals in order, timers in a heap, promises run dry before time moves.

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

/** A binary heap: a sorted list would make a long flood quadratic. */
function createHeap() {
  const heap: Timer[] = []
  const at = (index: number): Timer => {
    const timer = heap[index]
    if (timer === undefined) throw new Error('beyond the heap')
    return timer
  }
  const swap = (i: number, j: number): void => {
    const timer = at(i)
    heap[i] = at(j)
    heap[j] = timer
  }
  return {
    top: (): Timer | undefined => heap[0],
    push(timer: Timer): void {
      heap.push(timer)
      let index = heap.length - 1
      while (index > 0) {
        const parent = (index - 1) >> 1
        if (!isBefore(at(index), at(parent))) break
        swap(index, parent)
        index = parent
      }
    },
    pop(): void {
      const last = heap.pop()
      if (last === undefined || heap.length === 0) return
      heap[0] = last
      let index = 0
      for (;;) {
        const [left, right] = [2 * index + 1, 2 * index + 2]
        let least = index
        if (left < heap.length && isBefore(at(left), at(least))) least = left
        if (right < heap.length && isBefore(at(right), at(least))) least = right
        if (least === index) break
        swap(index, least)
        index = least
      }
    },
  }
}

export interface Engine {
  now(): number
  /** Runs something later; the promises that it wakes run dry before time moves on. */
  after(ms: number, run: () => void): void
  wait(ms: number): Promise<void>
  /** Says that promises were made at this moment. */
  stir(): void
  /** Plays arrivals, sorted by time, and everything that follows from them until `untilMs`. */
  play(arrivals: readonly number[], arrive: (index: number) => void, untilMs: number): Promise<void>
}

export function createEngine(startMs: number): Engine {
  let nowMs = startMs
  let order = 0
  let isStirred = false
  const timers = createHeap()
  const engine: Engine = {
    now: () => nowMs,
    after(ms, run) {
      order += 1
      timers.push({ atMs: nowMs + Math.max(0, ms), order, run })
    },
    wait: (ms) => new Promise((wake) => engine.after(ms, wake)),
    stir() {
      isStirred = true
    },
    async play(arrivals, arrive, untilMs) {
      let index = 0
      for (;;) {
        // setImmediate comes after all promise jobs, also those that promise jobs make.
        if (isStirred) await new Promise((wake) => setImmediate(wake))
        isStirred = false
        const timer = timers.top()
        const arrivalMs = arrivals[index] ?? Number.POSITIVE_INFINITY
        const nextMs = Math.min(timer?.atMs ?? Number.POSITIVE_INFINITY, arrivalMs)
        if (nextMs > untilMs) break
        nowMs = nextMs
        if (timer === undefined || arrivalMs < timer.atMs) {
          arrive(index)
          index += 1
        } else {
          timers.pop()
          timer.run()
          isStirred = true
        }
      }
      nowMs = untilMs
    },
  }
  return engine
}
