// Proves what was fetched: by a checksum that S3 names, by an ETag that is an MD5, or by one that is an MD5 of parts' MD5s.
import { createHash } from 'node:crypto'
import { PosternError } from '../../client/error.ts'
import type { Threads } from '../transfer/hash.ts'
import type { Journal } from './journal.ts'

const MIB = 2 ** 20
/** Part sizes of common clients, in MiB. */
const USUAL = [5, 8, 10, 15, 16, 20, 25, 32, 50, 64, 100, 128, 256, 512, 1024]
/** Each guess reads the file once more. */
const MAX_GUESSES = 3

/** The gateway's rule for parts; ranges go by it too, so that most of them are parts. */
export function toRangeBytes(size: number): number {
  return Math.max(8 * MIB, Math.ceil(size / 4000 / MIB) * MIB)
}

/** What makes so many parts of so many bytes, the likeliest first. */
export function guessPartSizes(size: number, count: number): readonly number[] {
  if (count === 1) return [size]
  const even = Math.ceil(size / count)
  const all = [
    toRangeBytes(size),
    ...USUAL.map((mib) => mib * MIB),
    Math.ceil(even / MIB) * MIB,
    even,
  ]
  const fitting = all.filter((bytes) => Math.ceil(size / bytes) === count)
  return [...new Set(fitting)].slice(0, MAX_GUESSES)
}

export type Proof = 'size' | 'md5' | 'md5-of-parts' | NonNullable<Journal['sum']>['name']

export interface Verifier {
  /** This range is on the disk: its sum is computed while others come. */
  ready(index: number): void
  /** Rejects with `checksum_mismatch`. */
  prove(): Promise<Proof>
}

export function createVerifier(
  { part, size, etag, isMd5, sum, rangeBytes }: Omit<Journal, 'stored'>,
  threads: Threads,
): Verifier {
  const [, digest = '', parts] = /^"?([0-9a-f]{32})(?:-(\d+))?"?$/i.exec(etag) ?? []
  const sizes = isMd5 && parts !== undefined ? guessPartSizes(size, Number(parts)) : []
  const early = new Map<number, Promise<string | null>>()

  const sumOf = (start: number, end: number, name: Parameters<Threads['sum']>[1]) =>
    threads.sum({ path: part, start, end, size, mtimeMs: null }, name)

  async function isOfParts(partSize: number): Promise<boolean> {
    const starts = Array.from({ length: Math.ceil(size / partSize) }, (_, at) => at * partSize)
    const sums = await Promise.all(
      starts.map((start, at) => {
        const known = partSize === rangeBytes ? early.get(at) : undefined
        return known ?? sumOf(start, Math.min(start + partSize, size), 'md5')
      }),
    )
    const whole = createHash('md5')
    for (const one of sums) whole.update(Buffer.from(one ?? '', 'base64'))
    return whole.digest('hex') === digest.toLowerCase()
  }

  return {
    ready(index) {
      if (sizes[0] !== rangeBytes) return
      const start = index * rangeBytes
      early.set(index, sumOf(start, Math.min(start + rangeBytes, size), 'md5'))
    },
    async prove() {
      if (sum !== null) {
        if ((await sumOf(0, size, sum.name)) === sum.value) return sum.name
        throw new PosternError('checksum_mismatch')
      }
      if (digest === '' || !isMd5) return 'size'
      if (parts === undefined) {
        const own = Buffer.from((await sumOf(0, size, 'md5')) ?? '', 'base64').toString('hex')
        if (own === digest.toLowerCase()) return 'md5'
        throw new PosternError('checksum_mismatch')
      }
      for (const partSize of sizes) if (await isOfParts(partSize)) return 'md5-of-parts'
      // Parts of a size that was not guessed say nothing.
      return 'size'
    },
  }
}
