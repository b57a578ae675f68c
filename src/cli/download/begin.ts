// How the download of one object begins: with what an earlier run has left, or with the first answer.
import type { FileHandle } from 'node:fs/promises'
import { PosternError } from '../../client/error.ts'
import type { Answer } from './get.ts'
import type { Journal } from './journal.ts'
import type { ObjectJob } from './object.ts'
import { createPart, openPart } from './part-file.ts'
import { toSpan } from './ranges.ts'
import { toRangeBytes } from './verify.ts'

export interface Begun {
  readonly journal: Journal
  readonly file: FileHandle
  readonly first: { readonly answer: Answer; readonly release: () => void } | null
}

/** What an earlier run has left, as far as its sums prove that it is on the disk. */
export async function reopen(job: ObjectJob): Promise<Begun | null> {
  const { part, bucket, key, journals, threads } = job
  const journal = journals.read(part)
  if (journal === null || journal.bucket !== bucket || journal.key !== key) return null
  const file = await openPart(part, journal.size)
  if (file === null) return null
  const proven = await Promise.all(
    journal.stored.map(async ([index, crc]) => {
      const { start, end } = toSpan(journal, index)
      const range = { path: part, start, end, size: journal.size, mtimeMs: null }
      const sum = start < end ? await threads.sum(range, 'crc32') : null
      return sum !== null && Buffer.from(sum, 'base64').readUInt32BE() === crc
    }),
  )
  const stored = journal.stored.filter((_, at) => proven[at] === true)
  return { journal: { ...journal, stored }, file, first: null }
}

/** Of the first range; an empty object has none. */
async function openFirst({ getter }: ObjectJob, signal: AbortSignal): Promise<Answer> {
  const ranged = await getter.open(0, toRangeBytes(0), '', signal)
  const answer = ranged ?? (await getter.openAll(signal))
  if (answer === null) throw new PosternError('storage', 416)
  return answer
}

function toJournal({ part, bucket, key }: ObjectJob, { body, facts }: Answer): Journal {
  const { size, etag, isMd5, sum } = facts
  const rangeBytes = body.statusCode === 206 ? toRangeBytes(size) : Math.max(1, size)
  return { part, bucket, key, etag, size, rangeBytes, isMd5, sum, stored: [] }
}

/** The first answer says what the object is, and is the first range as well. */
export async function begin(job: ObjectJob, signal: AbortSignal): Promise<Begun> {
  const release = await job.slots.take()
  let answer: Answer | null = null
  try {
    answer = await openFirst(job, signal)
    const journal = toJournal(job, answer)
    const file = await createPart(job.part, journal.size)
    // What cannot be told from another object is not gone on with.
    if (journal.etag !== '') job.journals.write(journal)
    return { journal, file, first: { answer, release } }
  } catch (error) {
    answer?.body.destroy()
    release()
    throw error
  }
}
