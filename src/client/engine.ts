// Decides what is sent next: one budget of connections over all files, parts in windows fetched ahead, small files together.
import type { PartsAnswer, UploadPart } from '../contract/upload.ts'
import { createBreaker } from './breaker.ts'
import { createPersist, wait } from './control.ts'
import { PosternError } from './error.ts'
import { createFinisher } from './finish.ts'
import { createJudge } from './judge.ts'
import { isSmall, openMany, reopen, type Tools } from './open.ts'
import type { Api } from './api.ts'
import type { Ports } from './ports.ts'
import { sendPart } from './send-part.ts'
import { type Opened, type Task } from './task.ts'

/** Small files that are opened by one call. */
const MAX_BATCH = 100
const MAX_RESTARTS = 3
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
  const asking = new Set<Task>()
  let [busy, batch, isOpening, openCount] = [0, MAX_BATCH, false, 0]
  const breaker = createBreaker(ports, (isOpen) => {
    openCount += isOpen ? 1 : -1
    for (const task of active) task.report()
    pump()
  })
  const persist = createPersist(api, breaker, ports)
  const tools: Tools = { api, ports, persist }
  const finisher = createFinisher(tools, (task) => {
    if (task.opened === null || task.opened.parts.isStored()) void again(task)
    else activate(task)
  })

  /** From the start: what there was is gone. */
  async function again(task: Task): Promise<void> {
    task.saved = task.opened = null
    if (task.name !== null) await store.remove(task.name)
    waiting.push(task)
    pump()
  }

  function activate(task: Task): void {
    const { opened } = task
    if (opened === null || task.signal.aborted) return
    if (opened.parts.isStored()) finisher.add(task)
    else active.add(task)
  }

  /** URLs for the next parts, with their sums where those are signed. */
  async function refill(task: Task, opened: Opened): Promise<void> {
    const { record, parts, urls, sums } = opened
    const numbers = urls.wanted(parts.todo(), api.now())
    if (numbers.length === 0 || asking.has(task)) return
    asking.add(task)
    try {
      const { verify } = record
      const asked = await Promise.all(
        numbers.map(async (partNumber) => {
          if (verify === undefined || verify === 'etag') return { partNumber }
          const bytes = task.file.slice(...parts.range(partNumber))
          const value = sums.get(partNumber) ?? (await ports.hash(bytes, verify).catch(() => null))
          if (value === null) return { partNumber }
          sums.set(partNumber, value)
          return { partNumber, checksum: { algorithm: verify, value } }
        }),
      )
      const call = () =>
        api.call<PartsAnswer>('POST', `/v1/uploads/${record.id}/parts`, {
          body: { parts: asked },
          signal: task.signal,
        })
      urls.add((await persist(call, task.signal)).parts, api.now())
    } catch (error) {
      const isGone = error instanceof PosternError && error.status === 404
      drop(task, error, isGone)
    } finally {
      asking.delete(task)
      pump()
    }
  }

  /** The end of it, or a new beginning where what was begun is gone. */
  function drop(task: Task, error: unknown, isGone: boolean): void {
    active.delete(task)
    if (!isGone || task.restarts >= MAX_RESTARTS || task.signal.aborted) return task.fail(error)
    task.restarts += 1
    void again(task)
  }

  function onStored(task: Task, partNumber: number, etag: string | null): void {
    const { opened, name } = task
    task.stored(partNumber, etag)
    if (name !== null && etag !== null && opened?.record.strategy === 'multipart')
      void store.writePart(name, partNumber, etag)
    if (opened?.parts.isStored() && active.delete(task)) finisher.add(task)
  }

  const judge = createJudge({ clock, breaker, pump, drop, onStored })

  async function run(task: Task, opened: Opened, part: UploadPart): Promise<void> {
    const { partNumber, url, method, headers } = part
    const { record, parts } = opened
    const bytes = task.file.slice(...parts.range(partNumber))
    const startedAt = clock.now()
    let before = 0
    const onSent = (sent: number): void => {
      task.moved(partNumber, sent, before)
      before = sent
    }
    const isCompared = record.verify === 'etag'
    const outcome = await sendPart(
      ports,
      { url, method, headers },
      bytes,
      isCompared,
      onSent,
      task.flight(),
    )
    if (task.opened !== opened || task.signal.aborted) return
    judge(task, part, outcome, clock.now() - startedAt)
  }

  function sendNext(task: Task, opened: Opened): void {
    for (const partNumber of opened.parts.todo().slice(0, MAX_BATCH)) {
      if (busy >= connections) return
      const part = opened.urls.find(partNumber, api.now())
      if (part === undefined || breaker.isOpen(new URL(part.url).origin)) continue
      busy += 1
      opened.parts.start(partNumber)
      void run(task, opened, part).finally(() => {
        busy -= 1
        pump()
      })
    }
  }

  async function openNext(): Promise<void> {
    // Files that are added together come one after the other.
    await wait(clock, GATHER_MS)
    const [first] = waiting
    if (first === undefined) return
    const next = isSmall(first) ? waiting.filter(isSmall).slice(0, batch) : [first]
    waiting = waiting.filter((task) => !next.includes(task))
    try {
      if (first.saved !== null && !(await reopen(tools, first))) return await again(first)
      if (first.opened === null) await openMany(tools, next)
      for (const task of next) activate(task)
    } catch (error) {
      const isLimited = error instanceof PosternError && error.code === 'rate_limited'
      if (next.length === 1 || !isLimited) return next.forEach((task) => task.fail(error))
      // More than a limit ever allows at once, perhaps.
      batch = Math.ceil(next.length / 2)
      waiting = [...next, ...waiting]
    }
  }

  function pump(): void {
    let ahead = 0
    for (const task of active) {
      const { opened } = task
      if (task.signal.aborted) active.delete(task)
      if (!task.isActive() || opened === null) continue
      void refill(task, opened)
      sendNext(task, opened)
      ahead += opened.parts.todo().length
    }
    waiting = waiting.filter((task) => !task.signal.aborted)
    if (waiting.length === 0 && ahead === 0 && busy === 0 && !isOpening) finisher.flush()
    if (isOpening || waiting.length === 0 || ahead >= connections * 2) return
    isOpening = true
    void openNext().finally(() => {
      isOpening = false
      pump()
    })
  }

  return {
    tools,
    add(task) {
      waiting.push(task)
      pump()
    },
    pump,
    isOffline: () => openCount > 0,
  }
}
