// What follows from how sending a part ended: it is stored, rests and goes again, or ends its upload.
import type { UploadPart } from '../contract/upload.ts'
import type { Breaker } from './breaker.ts'
import { BLIND_TRIES } from './control.ts'
import { isPassing, PosternError } from './error.ts'
import type { Ports } from './ports.ts'
import type { Outcome } from './send-part.ts'
import type { Task } from './task.ts'

/** A refusal for good, unless it was chance. */
const MAX_REFUSALS = 5

export interface Steps {
  readonly clock: Ports['clock']
  readonly breaker: Breaker
  readonly pump: () => void
  /** Ends the upload, or begins it anew where what was begun is gone. */
  readonly drop: (task: Task, error: unknown, isGone: boolean) => void
  readonly onStored: (task: Task, partNumber: number, etag: string | null) => void
}

export type Judge = (task: Task, part: UploadPart, outcome: Outcome, triedMs: number) => void

export function createJudge({ clock, breaker, pump, drop, onStored }: Steps): Judge {
  /** Origins of S3 that have answered this page. */
  const answered = new Set<string>()

  /** Puts the part back after a while; patience that has ended ends the upload. */
  function rest(
    task: Task,
    part: UploadPart,
    triedMs: number,
    askedMs: number,
    what: string,
  ): void {
    const { opened } = task
    const waitMs = task.patienceOf(part.partNumber).fail(triedMs, askedMs)
    if (waitMs === null)
      return drop(task, new PosternError('timeout', `No progress for ten minutes: ${what}`), false)
    clock.after(waitMs, () => {
      opened?.parts.drop(part.partNumber)
      pump()
    })
  }

  async function judgeSilence(task: Task, part: UploadPart, triedMs: number): Promise<void> {
    const { origin } = new URL(part.url)
    const [start] = task.opened?.parts.range(part.partNumber) ?? [0]
    const isReadable = await task.file
      .slice(start, start + 1)
      .arrayBuffer()
      .then(
        () => true,
        () => false,
      )
    if (!isReadable)
      return drop(task, new PosternError('unreadable', 'The file cannot be read any more.'), false)
    const tries = task.patienceOf(part.partNumber).count()
    if (!answered.has(origin) && tries >= BLIND_TRIES) {
      const text = 'The storage does not answer this page: the CORS rules of its bucket?'
      return drop(task, new PosternError('cors', text), false)
    }
    try {
      rest(task, part, triedMs, 0, 'the storage does not answer.')
      await breaker.trip(origin)
    } catch (error) {
      drop(task, error, false)
    }
  }

  function judgeRefusal(
    task: Task,
    part: UploadPart,
    { status, retryAfterMs }: Extract<Outcome, { kind: 'refused' }>,
    triedMs: number,
  ): void {
    const { partNumber } = part
    const opened = task.opened
    const tries = task.patienceOf(partNumber).count()
    // The object of a PUT exists: ours, whose answer was lost, or another's. The gateway can tell.
    if (status === 412) {
      return onStored(task, partNumber, null)
    }
    const error = new PosternError('storage', `The storage answered ${status}.`, status)
    if (status === 404) return drop(task, error, true)
    if (!isPassing(status)) {
      opened?.urls.forget(partNumber)
      if (tries >= MAX_REFUSALS) return drop(task, error, false)
      // Most likely the URL has died: a fresh one goes at once.
      if (status === 403 && tries === 0) {
        task.patienceOf(partNumber).fail(triedMs, 0)
        opened?.parts.drop(partNumber)
        return
      }
    }
    rest(task, part, triedMs, retryAfterMs, `the storage answered ${status}.`)
  }

  return (task, part, outcome, triedMs) => {
    const { partNumber } = part
    if (outcome.kind !== 'silent' && outcome.kind !== 'stopped')
      answered.add(new URL(part.url).origin)
    switch (outcome.kind) {
      case 'stored':
        return onStored(task, partNumber, outcome.etag)
      case 'stopped':
        return task.opened?.parts.drop(partNumber)
      case 'corrupt':
        if (task.patienceOf(partNumber).count() >= MAX_REFUSALS) {
          const text = 'What arrives is not what was sent, again and again.'
          return drop(task, new PosternError('checksum_mismatch', text), false)
        }
        return rest(task, part, triedMs, 0, 'what arrives is not what was sent.')
      case 'silent':
        return void judgeSilence(task, part, triedMs)
      case 'refused':
        return judgeRefusal(task, part, outcome, triedMs)
    }
  }
}
