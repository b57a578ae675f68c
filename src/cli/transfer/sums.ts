// Checksums of ranges of files, computed synchronously: what the threads run.
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { createCrc64, type Sum } from '../../client/crc64.ts'
import type { FileRange } from './file-blob.ts'

/** Those that S3 may name for an object, and MD5, which an ETag may be. */
export const SUMS = ['md5', 'sha1', 'sha256', 'crc32', 'crc64nvme'] as const
export type SumName = (typeof SUMS)[number]

const CHUNK_BYTES = 2 ** 20

function createCrc32(): Sum {
  let sum = 0
  return {
    add: (bytes) => void (sum = crc32(bytes, sum)),
    end() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(sum)
      return bytes
    },
  }
}

export function createSum(name: SumName): Sum {
  if (name === 'crc64nvme') return createCrc64()
  if (name === 'crc32') return createCrc32()
  const hash = createHash(name)
  return { add: (bytes) => void hash.update(bytes), end: () => hash.digest() }
}

/** Base64; null where the file cannot be read, or is no longer the one that was found. */
export function toRangeSum(range: FileRange, name: SumName): string | null {
  let file: number | null = null
  try {
    file = openSync(range.path, 'r')
    const found = fstatSync(file)
    if (found.size !== range.size || (range.mtimeMs ?? found.mtimeMs) !== found.mtimeMs) return null
    const sum = createSum(name)
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, range.end - range.start))
    for (let at = range.start; at < range.end;) {
      const read = readSync(file, chunk, 0, Math.min(chunk.length, range.end - at), at)
      if (read === 0) return null
      sum.add(chunk.subarray(0, read))
      at += read
    }
    return Buffer.from(sum.end()).toString('base64')
  } catch {
    return null
  } finally {
    if (file !== null) closeSync(file)
  }
}
