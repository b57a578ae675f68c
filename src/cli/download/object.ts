// Fetches one object into its file: goes on where an earlier run was, begins anew where the object has changed.
import { rmSync } from 'node:fs'
import { PosternError } from '../../client/error.ts'
import type { Threads } from '../transfer/hash.ts'
import { begin, type Begun, reopen } from './begin.ts'
import type { Getter } from './get.ts'
import type { Journals } from './journal.ts'
import { fetchRanges, toSpan } from './ranges.ts'
import type { Slots } from './slots.ts'
import { createVerifier, type Proof, type Verifier } from './verify.ts'

/** An object that changes more often than that is not for fetching. */
const MOST_RESTARTS = new Map([
  ['precondition_failed', 3],
  ['checksum_mismatch', 1],
])

export interface ObjectJob {
  readonly bucket: string
  readonly key: string
  /** Of the unfinished file. */
  readonly part: string
  readonly getter: Getter
  readonly slots: Slots
  readonly threads: Threads
  readonly journals: Journals
  /** Bytes of it that are there; fewer than before where it begins anew. */
  readonly onBytes: (total: number) => void
  readonly onSize: (size: number) => void
  readonly onRestart: (why: 'changed' | 'unproven') => void
}

export interface Fetched {
  readonly size: number
  /** Without quotes, as the gateway gives it. */
  readonly etag: string
  readonly verified: Proof
  /** Bytes that an earlier run had stored. */
  readonly resumedBytes: number
}

async function probe({ getter }: ObjectJob, { journal }: Begun, signal: AbortSignal) {
  const answer = await getter.open(0, 1, journal.etag, signal)
  answer?.body.destroy()
  if (answer?.facts.size !== journal.size) throw new PosternError('precondition_failed', 412)
}

/** What is missing comes in; resolves with how much was there before. */
async function complete(
  job: ObjectJob,
  begun: Begun,
  verifier: Verifier,
  stop: AbortController,
): Promise<number> {
  const { journal, file, first } = begun
  const { size, rangeBytes, etag } = journal
  const stored = new Map(journal.stored)
  const all = Array.from({ length: Math.ceil(size / rangeBytes) }, (_, index) => index)
  const missing = all.filter((index) => !stored.has(index))
  const missingBytes = missing.reduce((sum, index) => {
    const { start, end } = toSpan(journal, index)
    return sum + end - start
  }, 0)
  let bytes = size - missingBytes
  job.onSize(size)
  job.onBytes(bytes)
  for (const index of stored.keys()) verifier.ready(index)
  // All is there already: whether it is still the object is asked with one byte.
  if (missing.length === 0 && first === null) await probe(job, begun, stop.signal)
  // An empty object.
  if (missing.length === 0 && first !== null) {
    first.answer.body.resume()
    first.release()
  }
  const onStored = (index: number, crc: number): void => {
    stored.set(index, crc)
    verifier.ready(index)
    if (etag !== '') job.journals.write({ ...journal, stored: [...stored] })
  }
  const onBytes = (count: number): void => job.onBytes((bytes += count))
  await fetchRanges({ ...job, journal, file, onBytes, onStored }, missing, stop, first)
  return size - missingBytes
}

async function fetchOnce(job: ObjectJob): Promise<Fetched> {
  const stop = new AbortController()
  const begun = (await reopen(job)) ?? (await begin(job, stop.signal))
  const { size, etag } = begun.journal
  const verifier = createVerifier(begun.journal, job.threads)
  try {
    const resumedBytes = await complete(job, begun, verifier, stop)
    const verified = await verifier.prove()
    return { size, etag: etag.replace(/^"(.*)"$/, '$1'), verified, resumedBytes }
  } finally {
    await begun.file.close()
  }
}

/** What is on the disk is of no use for another try. */
const USELESS = new Set(['precondition_failed', 'checksum_mismatch', 'not_found'])

function drop({ part, journals }: ObjectJob): void {
  journals.remove(part)
  rmSync(part, { force: true })
}

export async function fetchObject(job: ObjectJob): Promise<Fetched> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await fetchOnce(job)
    } catch (error) {
      const code = error instanceof PosternError ? error.code : ''
      if (USELESS.has(code)) drop(job)
      if (restarts >= (MOST_RESTARTS.get(code) ?? 0)) throw error
      job.onRestart(code === 'checksum_mismatch' ? 'unproven' : 'changed')
    }
  }
}
