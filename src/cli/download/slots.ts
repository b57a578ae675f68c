// A budget of connections over all objects: who asks first is served first.
export interface Slots {
  /** Resolves when one is free, with what gives it back. */
  take(): Promise<() => void>
}

export function createSlots(count: number): Slots {
  let free = count
  const waiting: (() => void)[] = []
  const give = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return {
    async take() {
      if (free > 0) free -= 1
      else await new Promise<void>((resolve) => void waiting.push(resolve))
      return give
    },
  }
}
