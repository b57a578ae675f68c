// Takes files in: judged by the server's rules, once over all tabs, where an earlier page has left them.
import type { SessionAnswer } from '../contract/session.ts'
import type { Engine } from './engine.ts'
import { PosternError, toKnown } from './error.ts'
import { discard } from './open.ts'
import type { UploadRecord } from './ports.ts'
import { findGrant } from './rules.ts'
import { createTask, type Task } from './task.ts'
import type { PendingUpload, Upload, UploadOptions } from './types.ts'

/** How long the session's grants are taken as they were read. */
const SESSION_MS = 60_000

export interface Uploads {
  upload(file: Blob, options: UploadOptions): Upload
  pending(): Promise<PendingUpload[]>
}

export function createUploads(engine: Engine): Uploads {
  const { api, ask, add, pump, store, locks, clock } = engine
  let session: Promise<SessionAnswer> | undefined
  let readAt = 0

  function readSession(): Promise<SessionAnswer> {
    if (session && clock.now() - readAt < SESSION_MS) return session
    readAt = clock.now()
    session = ask('GET', '/v1/session')
    session.catch(() => (session = undefined))
    return session
  }

  async function take(task: Task, hasWaited: boolean): Promise<void> {
    const { name, signal } = task
    const saved = await store.read(name)
    const answer = saved?.answer
    if (answer && hasWaited) {
      // Another tab has sent it in the meantime.
      await store.remove(name)
      return task.settle(answer)
    }
    if (!answer) task.record = saved
    if (!signal.aborted) add(task)
    await task.ended
    const { error } = task.upload
    if (!error || error.retryable || error.status === 401 || error.code === 'aborted') return
    // Refused for good: the next try begins anew, and nothing stays of this one.
    await store.remove(name)
    if (task.record?.strategy === 'multipart') await discard(api, task.record.id)
  }

  async function begin(task: Task): Promise<void> {
    const { plan, signal, lastModified } = task
    try {
      const { grants, sub } = await readSession()
      task.verify = findGrant(grants, plan).verify
      task.sub = sub
      if (lastModified === undefined) return add(task)
      // The same file of the same caller to the same place.
      task.name = JSON.stringify([sub, plan, lastModified])
      await locks.hold(task.name, signal, (hasWaited) => take(task, hasWaited))
    } catch (error) {
      task.settle(toKnown(error))
    }
  }

  async function forget({ name, id }: Pick<UploadRecord, 'name' | 'id'>): Promise<void> {
    await store.remove(name)
    await discard(api, id)
  }

  function upload(file: Blob, options: UploadOptions): Upload {
    const onAbort = async ({ record }: Task): Promise<void> => {
      pump()
      if (record) await forget(record)
    }
    const task = createTask(file, options, engine, onAbort)
    void begin(task)
    return task.upload
  }

  function toPending(record: UploadRecord): PendingUpload {
    const { bucket, key, size, type, lastModified } = record
    // As the page before gave it.
    const handle = record.handle as UploadOptions['handle']
    return {
      bucket,
      key,
      size,
      lastModified,
      hasHandle: !!handle,
      async resume({ file, ...options } = {}) {
        if (!file) await handle?.requestPermission?.({ mode: 'read' })
        const found = file ?? (await handle?.getFile())
        if (found?.size !== size || found.lastModified !== lastModified)
          throw new PosternError('unreadable')
        return upload(found, { ...options, bucket, key, type, ...(handle && { handle }) })
      },
      discard: () => forget(record),
    }
  }

  return {
    upload,
    async pending() {
      const [{ sub }, records] = await Promise.all([readSession(), store.list()])
      const isOpen = (record: UploadRecord): boolean =>
        record.sub === sub && !record.answer && Date.parse(record.resumableUntil) > api.now()
      return records.filter(isOpen).map(toPending)
    },
  }
}
