// Decides what is sent next: one budget of connections over all files, parts in windows fetched ahead, small files together.
import type { PartsAnswer } from '../contract/upload.ts'
import type { Api } from './api.ts'
import { createBreaker } from './breaker.ts'
import { createAsk, wait } from './control.ts'
import { createDelivery } from './deliver.ts'
import { PosternError } from './error.ts'
import { createFinisher, MAX_RESTARTS } from './finish.ts'
import { isSmall, openMany, reopen, type Tools } from './open.ts'
import type { Ports } from './ports.ts'
import type { Opened, Task } from './task.ts'

/** Small files that are opened by one call. */
const MAX_BATCH = 100
/** Files that are added together come one after the other. */
const GATHER_MS = 20

export interface Engine {
  readonly tools: Tools
  /** It is known and may begin. */
  add(task: Task): void
  /** Looks for something to do. */
  pump(): void
  isOffline(): boolean
}

export function createEngine(api: Api, ports: Ports, connections: number): Engine {
  const { clock, store } = ports
  let waiting: Task[] = []
  const active = new Set<Task>()
  const asking = new Set<Opened>()
  let [busy, batch, openCount, isOpening] = [0, MAX_BATCH, 0, false]
  const breaker = createBreaker(ports, (count) => {
    openCount = count
    for (const task of active) task.report()
    pump()
  })
  const ask = createAsk(api, breaker, ports)
  const tools: Tools = { api, ports, ask }
  const finisher = createFinisher(tools, (task, isGone) => (isGone ? again(task) : activate(task)))
  const deliver = createDelivery(tools, breaker, { pump, drop, onStored })

  /** From the start: what there was is gone. */
  function again(task: Task): void {
    task.saved = task.opened = null
    add(task)
  }

  function add(task: Task): void {
    waiting.push(task)
    pump()
  }

  function activate(task: Task): void {
    if (task.signal.aborted) return
    active.add(task)
    if (task.opened?.parts.isStored()) finishStored(task)
  }

  function finishStored(task: Task): void {
    if (active.delete(task)) finisher.add(task)
  }

  function drop(task: Task, error: unknown, isGone = false): void {
    active.delete(task)
    if (!isGone || (task.restarts += 1) > MAX_RESTARTS)
      task.settle(error instanceof PosternError ? error : new PosternError('internal'))
    else if (!task.signal.aborted) again(task)
  }

  function onStored(task: Task, opened: Opened, partNumber: number, etag?: string): void {
    const { parts, record } = opened
    if (task.opened !== opened) return
    parts.store(partNumber)
    if (etag) record.etags.set(partNumber, etag)
    // The last as well: the answer of its completion may never be heard.
    if (record.name && record.strategy === 'multipart') void store.write([record])
    if (parts.isStored()) finishStored(task)
  }

  /** URLs for the next parts, with their sums where those are signed. */
  async function refill({ file, signal }: Task, opened: Opened): Promise<void> {
    const { record, parts, urls, isSigned } = opened
    const numbers = asking.has(opened) ? [] : urls.wanted(parts.todo(), api.now())
    if (numbers.length === 0) return
    asking.add(opened)
    const asked = await Promise.all(
      numbers.map(async (partNumber) => {
        const algorithm = record.verify
        if (!isSigned || algorithm === undefined || algorithm === 'etag') return { partNumber }
        const value = await ports.hash(file.slice(...parts.range(partNumber)), algorithm)
        return value === null ? { partNumber } : { partNumber, checksum: { algorithm, value } }
      }),
    )
    const path = `/v1/uploads/${record.id}/parts`
    const { parts: signed } = await ask<PartsAnswer>('POST', path, {
      body: { parts: asked },
      signal,
    })
    urls.add(signed, api.now())
    asking.delete(opened)
    pump()
  }

  function sendNext(task: Task, opened: Opened): void {
    for (const partNumber of opened.parts.todo().slice(0, MAX_BATCH)) {
      const part = busy < connections && opened.urls.find(partNumber, api.now())
      if (!part || breaker.isOpen(new URL(part.url).origin)) continue
      busy += 1
      opened.parts.start(partNumber)
      void deliver(task, opened, part).finally(() => {
        busy -= 1
        pump()
      })
    }
  }

  async function openNext(): Promise<void> {
    await wait(clock, GATHER_MS)
    const [first] = waiting
    if (!first) return
    const next = isSmall(first) ? waiting.filter(isSmall).slice(0, batch) : [first]
    waiting = waiting.filter((task) => !next.includes(task))
    try {
      if (first.saved && !(await reopen(tools, first, first.saved))) return again(first)
      if (!first.opened) await openMany(tools, next)
      for (const task of next) activate(task)
    } catch (error) {
      const isLimited = error instanceof PosternError && error.status === 429
      if (next.length === 1 || !isLimited) return next.forEach((task) => drop(task, error))
      // More than a limit ever allows at once, perhaps.
      batch = Math.ceil(next.length / 2)
      waiting.unshift(...next)
    }
  }

  function pump(): void {
    let ahead = 0
    for (const task of active) {
      const { opened } = task
      if (task.signal.aborted) active.delete(task)
      if (!opened || !task.isActive()) continue
      refill(task, opened).catch((error: unknown) =>
        drop(task, error, error instanceof PosternError && error.status === 404),
      )
      sendNext(task, opened)
      ahead += opened.parts.todo().length
    }
    waiting = waiting.filter((task) => !task.signal.aborted)
    if (isOpening || ahead >= connections * 2) return
    if (waiting.length === 0) {
      if (ahead + busy === 0) finisher.flush()
      return
    }
    isOpening = true
    void openNext().finally(() => {
      isOpening = false
      pump()
    })
  }

  return { tools, add, pump, isOffline: () => openCount > 0 }
}
