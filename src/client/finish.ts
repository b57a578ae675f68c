// Completes uploads whose parts are all stored: large ones at once, small ones together.
import type { CompleteAnswer } from '../contract/upload.ts'
import { PosternError } from './error.ts'
import { MAX_BATCH } from './many.ts'
import type { Tools } from './open.ts'
import type { Opened } from './task.ts'

/** A small file waits at most so long for others. */
const PATIENT_MS = 15_000

export interface Finisher {
  /** All of its parts are stored. */
  addStored(opened: Opened): void
  /** Nothing more is coming for now: those that wait need not. */
  flushStored(): void
}

function toClaim({ record }: Opened): { id: string; parts?: object[] } {
  const { id, strategy, etags, partCount } = record
  if (strategy === 'put' || etags.size < partCount) return { id }
  return { id, parts: [...etags].map(([partNumber, etag]) => ({ partNumber, etag })) }
}

export function createFinisher({ askMany, fail, store, locks, clock }: Tools): Finisher {
  let small: Opened[] = []
  let cancel: (() => void) | undefined

  async function complete(ended: readonly Opened[]): Promise<void> {
    const signal = ended[1] ? undefined : ended[0]?.task.signal
    const answers = await askMany<CompleteAnswer>('/complete', ended.map(toClaim), signal)
    for (const [at, { task, record }] of ended.entries()) {
      const answer = answers[at]
      if (!answer || answer instanceof PosternError) {
        fail(task, answer)
        continue
      }
      const { name } = record
      // Another tab that waits for this file finds how it ended.
      if (await locks.isAwaited(name)) await store.write([{ ...record, answer }])
      else await store.remove(name)
      task.settle(answer)
    }
  }

  function flushStored(): void {
    cancel?.()
    cancel = undefined
    const ended = small.filter(({ task }) => !task.signal.aborted)
    small = []
    if (ended[0]) void complete(ended)
  }

  return {
    addStored(opened) {
      opened.task.show('verifying')
      if (opened.record.strategy === 'multipart') return void complete([opened])
      small.push(opened)
      if (small.length >= MAX_BATCH) flushStored()
      else cancel ??= clock.after(PATIENT_MS, flushStored)
    },
    flushStored,
  }
}
