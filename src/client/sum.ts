// A checksum of a Blob, read piece by piece, in base64.
import { createCrc64 } from './crc64.ts'
import { createMd5 } from './md5.ts'
import type { SumAlgorithm } from './ports.ts'

/** Read at a time, so that a part of gigabytes takes no gigabytes of memory. */
const CHUNK_BYTES = 2 ** 20

/** Null where the bytes cannot be read. */
export async function toSum(bytes: Blob, algorithm: SumAlgorithm): Promise<string | null> {
  const sum = algorithm === 'md5' ? createMd5() : createCrc64()
  try {
    for (let at = 0; at < bytes.size; at += CHUNK_BYTES)
      sum.add(new Uint8Array(await bytes.slice(at, at + CHUNK_BYTES).arrayBuffer()))
  } catch {
    return null
  }
  return btoa(String.fromCharCode(...sum.end()))
}
