// Checksums in threads beside the one that sends.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FileRange } from './file-blob.ts'
import type { SumName } from './sums.ts'

/** More would compete with what is sent for the same cores. */
const MAX_THREADS = 4

/** Beside this module, as a source or built. */
const THREAD = import.meta.url.endsWith('.ts') ? 'hash-thread.ts' : 'hash-thread.js'

export interface Threads {
  /** Base64; null where the file cannot be read. */
  sum(range: FileRange, name: SumName): Promise<string | null>
  close(): Promise<void>
}

export function createThreads(): Threads {
  const count = Math.max(1, Math.min(MAX_THREADS, availableParallelism() >> 1))
  const threads: Worker[] = []
  const asked = new Map<number, (sum: string | null) => void>()
  let last = 0

  function start(): Worker {
    const fresh = new Worker(join(import.meta.dirname, THREAD))
    fresh.on('message', ({ id, sum }: { id: number; sum: string | null }) => {
      asked.get(id)?.(sum)
      asked.delete(id)
    })
    fresh.on('error', () => {
      for (const answer of asked.values()) answer(null)
      asked.clear()
    })
    // An idle thread keeps no process alive.
    fresh.unref()
    threads.push(fresh)
    return fresh
  }

  return {
    sum: (range, name) =>
      new Promise((resolve) => {
        const id = (last += 1)
        const thread = threads.length < count ? start() : threads[id % count]
        asked.set(id, resolve)
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
        thread?.postMessage({ id, range, name })
      }),
    async close() {
      await Promise.all(threads.splice(0).map((thread) => thread.terminate()))
    },
  }
}
