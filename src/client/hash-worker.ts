// The worker that computes checksums beside the page: one file slice in, its sum in base64 out.
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

interface Asked {
  readonly id: number
  readonly bytes: Blob
  readonly algorithm: SumAlgorithm
}

/** One after the other: reading several at once would make a disk jump. */
let last: Promise<unknown> = Promise.resolve()
addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  const { id, bytes, algorithm } = data
  last = last.then(async () => postMessage({ id, sum: await toSum(bytes, algorithm) }))
})
