// A checksum of a Blob, read as a stream, in base64.
import { createCrc64 } from './crc64.ts'
import { createMd5 } from './md5.ts'
import type { SumAlgorithm } from './ports.ts'

/** Null where the bytes cannot be read. */
export async function toSum(bytes: Blob, algorithm: SumAlgorithm): Promise<string | null> {
  const sum = algorithm === 'md5' ? createMd5() : createCrc64()
  try {
    // Piece by piece, so that a part of gigabytes takes no gigabytes of memory, but in one go: each slice that is read by
    // itself costs a browser as much as its bytes.
    const reader = bytes.stream().getReader()
    for (;;) {
      const { value } = await reader.read()
      if (!value) break
      sum.add(value)
    }
  } catch {
    return null
  }
  return btoa(String.fromCharCode(...sum.end()))
}
