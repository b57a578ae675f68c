// Completes uploads whose parts are all stored: large ones at once, small ones together.
import type { CompleteAnswer, CompleteBatchAnswer } from '../contract/upload.ts'
import { PosternError } from './error.ts'
import { reopen, toRefusal, type Tools } from './open.ts'
import type { Task } from './task.ts'

/** Completions in one call at most. */
const MAX_BATCH = 100
/** A small file waits at most so long for others. */
const PATIENT_MS = 15_000
export const MAX_RESTARTS = 3

export interface Finisher {
  /** All of its parts are stored. */
  add(task: Task): void
  /** Nothing more is coming for now: those that wait need not. */
  flush(): void
}

function toClaim({ opened }: Task): { id: string; parts?: object[] } {
  if (!opened) return { id: '' }
  const { id, strategy, etags, partCount } = opened.record
  if (strategy === 'put' || etags.size < partCount) return { id }
  return { id, parts: [...etags].map(([partNumber, etag]) => ({ partNumber, etag })) }
}

export function createFinisher(
  tools: Tools,
  /** Goes on with what is missing, or from the start. */
  restart: (task: Task, isGone: boolean) => void,
): Finisher {
  const { ask, ports } = tools
  const { store, locks, clock } = ports
  let small: Task[] = []
  let cancel: (() => void) | undefined

  async function succeed(task: Task, answer: CompleteAnswer): Promise<void> {
    const { name, opened } = task
    // Another tab that waits for this file finds how it ended.
    if (name && opened && (await locks.isAwaited(name)))
      await store.write([{ ...opened.record, answer }])
    else if (name) await store.remove(name)
    task.settle(answer)
  }

  /** Some parts may not be there, or not whole, or all is gone: S3's own list tells. */
  async function judge(task: Task, error: PosternError): Promise<void> {
    const { opened } = task
    const { status } = error
    if (![404, 409, 422].includes(status) || task.restarts >= MAX_RESTARTS || !opened)
      return task.settle(error)
    task.restarts += 1
    const isOpen = await reopen(tools, task, opened.record).catch(() => true)
    // All is there, or another object stands in its place: then that is the answer.
    if (status !== 404 && (!isOpen || task.opened?.parts.isStored())) return task.settle(error)
    restart(task, !isOpen)
  }

  async function finish(tasks: readonly Task[]): Promise<void> {
    const [first] = tasks
    if (!first) return
    const claims = tasks.map(toClaim)
    const [{ id = '', ...claim } = {}] = claims
    try {
      if (tasks.length === 1) {
        const { signal } = first
        const path = `/v1/uploads/${id}/complete`
        return await succeed(first, await ask('POST', path, { body: claim, signal }))
      }
      const body = { requests: claims }
      const path = '/v1/uploads/complete'
      const { results } = await ask<CompleteBatchAnswer>('POST', path, { body }, true)
      for (const [at, task] of tasks.entries()) {
        const result = results[at]
        if (!result || 'code' in result) {
          const refusal = toRefusal(result)
          await (refusal.retryable ? finish([task]) : judge(task, refusal))
        } else {
          const { status: _, ...answer } = result
          await succeed(task, answer)
        }
      }
    } catch (error) {
      const known = error instanceof PosternError ? error : new PosternError('internal')
      // Too much at once for a limit, perhaps: one by one they may pass.
      if (tasks.length > 1 && known.status) for (const task of tasks) await finish([task])
      else for (const task of tasks) await judge(task, known)
    }
  }

  function flush(): void {
    cancel?.()
    cancel = undefined
    const tasks = small.filter((task) => !task.signal.aborted)
    small = []
    void finish(tasks)
  }

  return {
    add(task) {
      task.show('verifying')
      if (task.opened?.record.strategy === 'multipart') return void finish([task])
      small.push(task)
      if (small.length >= MAX_BATCH) flush()
      else cancel ??= clock.after(PATIENT_MS, flush)
    },
    flush,
  }
}
