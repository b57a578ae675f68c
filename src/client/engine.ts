// Decides what is sent next: one budget of connections over all files, parts in windows fetched ahead, small files together.
import type { PartsAnswer } from '../contract/upload.ts'
import type { Api } from './api.ts'
import { createBreaker } from './breaker.ts'
import { createAsk, wait } from './control.ts'
import { createDelivery } from './deliver.ts'
import { toKnown } from './error.ts'
import { createFinisher } from './finish.ts'
import { createAskMany, MAX_BATCH } from './many.ts'
import { isSmall, openMany, reopen, type Tools } from './open.ts'
import type { Ports } from './ports.ts'
import type { Opened, Task } from './task.ts'

/** Files that are added together come one after the other. */
const GATHER_MS = 20
const MAX_RESTARTS = 3

export interface Engine extends Tools {
  /** It is known and may begin. */
  add(task: Task): void
}

export function createEngine(ports: Ports, api: Api, connections: number): Engine {
  const { clock, store } = ports
  let waiting: Task[] = []
  const unsettled = new Set<Task>()
  const active = new Set<Opened>()
  let [busy, openCount, isOpening] = [0, 0, false]
  const breaker = createBreaker(ports, (count) => {
    openCount = count
    for (const task of unsettled)
      if (task.signal.aborted) unsettled.delete(task)
      else task.reportProgress()
    pump()
  })
  const ask = createAsk(api, breaker, ports)
  const tools: Tools = {
    ...ports,
    ...breaker,
    api,
    ask,
    askMany: createAskMany(ask, ports.uuid),
    connections,
    isOffline: () => openCount > 0,
    pump,
    fail,
  }
  const { addStored, flushStored } = createFinisher(tools)
  const deliver = createDelivery(tools, onStored)

  function add(task: Task): void {
    unsettled.add(task)
    waiting.push(task)
    pump()
  }

  /** From the start: what there was is gone. */
  function again(task: Task): void {
    task.record = task.opened = null
    add(task)
  }

  function activate({ opened, signal }: Task): void {
    if (!opened || signal.aborted) return
    active.add(opened)
    finishStored(opened)
  }

  function finishStored(opened: Opened): void {
    if (opened.isStored() && active.delete(opened)) addStored(opened)
  }

  /** Ends it, unless parts are not there, or not whole, or all is gone: then S3's own list tells how it goes on. */
  async function fail(task: Task, thrown: unknown): Promise<void> {
    const error = toKnown(thrown)
    const { status } = error
    const { opened } = task
    task.halt()
    if (opened) active.delete(opened)
    task.restarts += 1
    const isOpen =
      opened && [404, 409, 422].includes(status) && task.restarts <= MAX_RESTARTS
        ? await reopen(tools, task, opened.record).catch(() => null)
        : null
    // Where all is there, or another object stands in its place, the refusal is the answer.
    const isAnswer = status !== 404 && (!isOpen || task.opened?.isStored())
    if (isOpen === null || isAnswer) task.settle(error)
    else if (isOpen) activate(task)
    else again(task)
  }

  function onStored(opened: Opened, partNumber: number, etag?: string): void {
    const { record } = opened
    opened.store(partNumber)
    if (etag) record.etags.set(partNumber, etag)
    // The last as well: the answer of its completion may never be heard.
    if (record.name && record.strategy === 'multipart') void store.write([record])
    finishStored(opened)
  }

  /** URLs for the next parts, with their sums where those are signed. */
  async function refill(opened: Opened, numbers: readonly number[]): Promise<void> {
    const { record, signs: algorithm, task } = opened
    opened.isAsking = true
    const parts = await Promise.all(
      numbers.map(async (partNumber) => {
        const value = algorithm && (await opened.sumOf(partNumber))
        return { partNumber, checksum: value ? { algorithm, value } : undefined }
      }),
    )
    const options = { body: { parts }, signal: task.signal }
    const answer = await ask<PartsAnswer>('POST', `/v1/uploads/${record.id}/parts`, options)
    opened.addUrls(answer.parts, api.now())
    opened.isAsking = false
    pump()
  }

  /** What fails after its upload has begun anew is of no account. */
  function guard(opened: Opened, doing: Promise<void>): Promise<void> {
    return doing.catch((error: unknown) => {
      if (active.has(opened)) void fail(opened.task, error)
    })
  }

  function sendNext(opened: Opened, todo: readonly number[]): void {
    for (const partNumber of todo) {
      const part = busy < connections && opened.findUrl(partNumber, api.now())
      if (!part || breaker.passed(new URL(part.url).origin)) continue
      busy += 1
      opened.start(partNumber)
      void guard(opened, deliver(opened, part)).finally(() => {
        busy -= 1
        pump()
      })
    }
  }

  async function openNext(): Promise<void> {
    await wait(clock, GATHER_MS)
    const [first] = waiting
    if (!first) return
    const next = isSmall(first) ? waiting.filter(isSmall).slice(0, MAX_BATCH) : [first]
    waiting = waiting.filter((task) => !next.includes(task))
    try {
      if (!first.record) await openMany(tools, next)
      else if (!(await reopen(tools, first, first.record))) return again(first)
      for (const task of next) activate(task)
    } catch (error) {
      for (const task of next) void fail(task, error)
    }
  }

  function pump(): void {
    let ahead = 0
    for (const opened of active) {
      const { task } = opened
      if (task.signal.aborted) active.delete(opened)
      if (!task.maySend()) continue
      const todo = opened.todo()
      const numbers = opened.isAsking ? [] : opened.wanted(todo, api.now())
      if (numbers[0]) void guard(opened, refill(opened, numbers))
      sendNext(opened, todo)
      ahead += todo.length
    }
    waiting = waiting.filter((task) => !task.signal.aborted)
    if (isOpening || ahead >= connections * 2) return
    if (!waiting[0]) {
      if (!ahead && !busy) flushStored()
      return
    }
    isOpening = true
    void openNext().finally(() => {
      isOpening = false
      pump()
    })
  }

  return { ...tools, add }
}
