// Fetches the missing ranges of an object in parallel, notes each that is on the disk, and ends all when one fails.
import type { FileHandle } from 'node:fs/promises'
import { PosternError } from '../../client/error.ts'
import type { Answer, Getter } from './get.ts'
import type { Journal } from './journal.ts'
import { pour, type Span } from './pour.ts'
import type { Slots } from './slots.ts'

export interface RangeJob {
  readonly journal: Omit<Journal, 'stored'>
  readonly file: FileHandle
  readonly getter: Getter
  readonly slots: Slots
  readonly onBytes: (count: number) => void
  readonly onStored: (index: number, crc: number) => void
}

export function toSpan({ rangeBytes, size }: Pick<Journal, 'rangeBytes' | 'size'>, index: number) {
  const start = index * rangeBytes
  return { start, end: Math.min(start + rangeBytes, size) }
}

async function fetchRange(
  { journal, file, getter, onBytes, onStored }: RangeJob,
  index: number,
  first: Answer | null,
  signal: AbortSignal,
): Promise<void> {
  const { start, end } = toSpan(journal, index)
  const span: Span = { at: start, end, crc: 0 }
  let answer = first
  for (;;) {
    answer ??= await getter.open(span.at, end, journal.etag, signal)
    // No such range, another size: it is no longer the object that was begun with.
    if (answer === null || answer.facts.size !== journal.size) {
      answer?.body.destroy()
      throw new PosternError('precondition_failed', 412)
    }
    const before = span.at
    if (answer.facts.start > before) {
      answer.body.destroy()
      throw new PosternError('storage', 206, { detail: 'the storage sends another range' })
    }
    await pour(answer, file, span, onBytes)
    if (span.at >= end) break
    if (signal.aborted) throw new PosternError('aborted')
    if (span.at > before) getter.progress()
    await getter.pause()
    answer = null
  }
  getter.progress()
  onStored(index, span.crc)
}

/** `first` is an answer that is open already, to the range 0, with the slot that it holds. */
export async function fetchRanges(
  job: RangeJob,
  missing: readonly number[],
  stop: AbortController,
  first: { readonly answer: Answer; readonly release: () => void } | null,
): Promise<void> {
  const { signal } = stop
  let fault: unknown = null
  const one = async (index: number): Promise<void> => {
    const own = index === 0 ? first : null
    const release = own?.release ?? (await job.slots.take())
    try {
      if (!signal.aborted) await fetchRange(job, index, own?.answer ?? null, signal)
    } catch (error) {
      // What others are told once it is over is not why.
      fault ??= error
      stop.abort()
    } finally {
      release()
    }
  }
  await Promise.all(missing.map(one))
  if (fault !== null) throw fault
}
