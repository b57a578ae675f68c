// Completes uploads whose parts are all stored: large ones at once, small ones together.
import type { CompleteBatchAnswer } from '../contract/upload.ts'
import { PosternError } from './error.ts'
import { reopen, toRefusal, type Tools } from './open.ts'
import type { Task } from './task.ts'
import type { CompletedUpload } from './types.ts'

/** Completions in one call at most. */
const MAX_BATCH = 100
/** A small file waits at most so long for others. */
const PATIENT_MS = 15_000
const MAX_RESTARTS = 3

export interface Finisher {
  /** All of its parts are stored. */
  add(task: Task): void
  /** Nothing more is coming for now: those that wait need not. */
  flush(): void
}

function toClaim({ opened }: Task): object {
  const etags = opened?.etags ?? new Map<number, string>()
  if (opened?.record.strategy !== 'multipart' || etags.size < opened.parts.count) return {}
  return { parts: [...etags].map(([partNumber, etag]) => ({ partNumber, etag })) }
}

export function createFinisher(tools: Tools, restart: (task: Task) => void): Finisher {
  const { api, ports, persist } = tools
  const { store, locks, clock } = ports
  let small: Task[] = []
  let cancel: (() => void) | null = null

  async function succeed(task: Task, answer: CompletedUpload): Promise<void> {
    const { name } = task
    if (name !== null) {
      await store.remove(name)
      if (await locks.isAwaited(name)) await store.leave(name, JSON.stringify(answer))
    }
    task.succeed(answer)
  }

  /** Some parts may not be there, or not whole: S3's own list tells. */
  async function judge(task: Task, error: unknown): Promise<void> {
    const isRecoverable =
      error instanceof PosternError &&
      [404, 409, 422].includes(error.status) &&
      task.restarts < MAX_RESTARTS
    if (!isRecoverable || task.opened === null) return task.fail(error)
    const { record } = task.opened
    task.restarts += 1
    task.saved = { record, etags: new Map() }
    const isOpen = await reopen(tools, task).catch(() => null)
    // Gone with another object in its place, or put together of what is wrong: that is the answer.
    if (isOpen === null || (isOpen === false && error.status !== 404)) return task.fail(error)
    if (isOpen === true && task.opened.parts.isStored() && error.status !== 404)
      return task.fail(error)
    if (isOpen === false && task.name !== null) await store.remove(task.name)
    restart(task)
  }

  async function finishOne(task: Task): Promise<void> {
    const { opened, signal } = task
    const path = `/v1/uploads/${opened?.record.id ?? ''}/complete`
    const body = toClaim(task)
    try {
      const call = () => api.call<CompletedUpload>('POST', path, { body, signal })
      await succeed(task, await persist(call, signal))
    } catch (error) {
      await judge(task, error)
    }
  }

  async function finishMany(tasks: readonly Task[]): Promise<void> {
    const [first] = tasks
    if (first === undefined) return
    if (tasks.length === 1) return finishOne(first)
    const requests = tasks.map((task) => ({ id: task.opened?.record.id ?? '', ...toClaim(task) }))
    const body = { requests }
    try {
      const call = () => api.call<CompleteBatchAnswer>('POST', '/v1/uploads/complete', { body })
      const { results } = await persist(call, undefined, true)
      for (const [at, task] of tasks.entries()) {
        const result = results[at]
        if (result !== undefined && !('code' in result)) {
          const { status: _, ...completed } = result
          await succeed(task, completed)
        } else if (result !== undefined && toRefusal(result).retryable) await finishOne(task)
        else await judge(task, toRefusal(result))
      }
    } catch (error) {
      // Too much at once for a limit, perhaps: one by one they may pass.
      for (const task of tasks) {
        if (error instanceof PosternError && error.status > 0) await finishOne(task)
        else task.fail(error)
      }
    }
  }

  function flush(): void {
    cancel?.()
    cancel = null
    const tasks = small.filter((task) => !task.signal.aborted)
    small = []
    for (let at = 0; at < tasks.length; at += MAX_BATCH)
      void finishMany(tasks.slice(at, at + MAX_BATCH))
  }

  return {
    add(task) {
      task.show('verifying')
      if (task.opened?.record.strategy === 'multipart') return void finishOne(task)
      small.push(task)
      if (small.length >= MAX_BATCH) flush()
      else cancel ??= clock.after(PATIENT_MS, flush)
    },
    flush,
  }
}
