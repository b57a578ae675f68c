// Takes files in: judged by the server's rules, once over all tabs, where an earlier page has left them.
import type { SessionAnswer } from '../contract/session.ts'
import type { Engine } from './engine.ts'
import { PosternError } from './error.ts'
import { discard } from './open.ts'
import type { Ports, UploadRecord } from './ports.ts'
import { findGrant } from './rules.ts'
import { createTask, type Task, toLastModified } from './task.ts'
import type { PendingUpload, Upload, UploadOptions } from './types.ts'

/** How long the session's grants are taken as they were read. */
const SESSION_MS = 60_000

/** The same file of the same caller to the same place; null where the file cannot be told from others. */
function toName({ upload, file, type }: Task, sub: string, lastModified?: number): string | null {
  const { bucket, key } = upload
  if (lastModified === undefined) return null
  return JSON.stringify([sub, bucket, key, type, file.size, lastModified])
}

export function createUploads(
  { tools, add, pump, isOffline }: Engine,
  ports: Ports,
  connections: number,
): {
  upload(file: Blob, options: UploadOptions): Upload
  pending(): Promise<PendingUpload[]>
} {
  const { store, locks, clock } = ports
  const { api, persist } = tools
  let known: { session: Promise<SessionAnswer>; untilMs: number } | null = null

  function readSession(): Promise<SessionAnswer> {
    if (known !== null && known.untilMs > clock.now()) return known.session
    const session = persist(() => api.call<SessionAnswer>('GET', '/v1/session'))
    known = { session, untilMs: clock.now() + SESSION_MS }
    session.catch(() => (known = null))
    return session
  }

  /** Judged, and what the checks need noted. */
  async function admit(task: Task): Promise<void> {
    const { grants, sub } = await readSession()
    const { bucket, key } = task.upload
    const { size } = task.file
    const grant = findGrant(grants, { bucket, key, size, type: task.type })
    task.verify = grant.verify
    task.sub = sub
    task.name = toName(task, sub, toLastModified(task))
  }

  async function take(task: Task, name: string, hasWaited: boolean): Promise<void> {
    // Another tab has sent it in the meantime.
    const left = hasWaited ? await store.take(name) : null
    if (left !== null) return task.succeed(JSON.parse(left))
    task.saved = await store.read(name)
    if (task.signal.aborted) return
    add(task)
    await task.ended
    const { error } = task.upload
    // Refused for good: the next try begins anew.
    if (error && error.status >= 400 && !error.retryable && error.status !== 401)
      await store.remove(name)
  }

  async function begin(task: Task): Promise<void> {
    try {
      await admit(task)
      const { name, signal } = task
      if (signal.aborted) return
      if (name === null) add(task)
      else await locks.hold(name, signal, (hasWaited) => take(task, name, hasWaited))
    } catch (error) {
      task.fail(error)
    }
  }

  async function drop(task: Task): Promise<void> {
    const id = (task.opened ?? task.saved)?.record.id
    pump()
    if (task.name !== null) await store.remove(task.name)
    if (id !== undefined) await discard(tools, id)
  }

  function upload(file: Blob, options: UploadOptions): Upload {
    const hooks = { onResume: pump, onAbort: drop, isOffline }
    const task = createTask(file, options, ports, hooks, connections)
    void begin(task)
    return task.upload
  }

  function toPending(record: UploadRecord): PendingUpload {
    const { name, bucket, key, size, type, lastModified, id } = record
    // As the page before gave it.
    const handle = record.handle as UploadOptions['handle']
    return {
      bucket,
      key,
      size,
      lastModified,
      hasHandle: handle !== undefined,
      async resume({ file, ...options } = {}) {
        if (file === undefined) await handle?.requestPermission?.({ mode: 'read' })
        const found = file ?? (await handle?.getFile())
        if (found === undefined || found.size !== size || found.lastModified !== lastModified)
          throw new PosternError('unreadable', 'This is not the file that was being sent.')
        return upload(found, { ...options, bucket, key, type, ...(handle && { handle }) })
      },
      async discard() {
        await store.remove(name)
        await discard(tools, id)
      },
    }
  }

  return {
    upload,
    async pending() {
      const [{ sub }, records] = await Promise.all([readSession(), store.list()])
      return records.filter((record) => record.sub === sub).map(toPending)
    },
  }
}
