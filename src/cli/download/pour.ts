// Writes the body of an answer to its place in a file, in blocks, with a running CRC32.
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Answer } from './get.ts'

/** Written at a time. */
const BLOCK_BYTES = 2 ** 20

export interface Span {
  /** The next byte that is wanted. */
  at: number
  readonly end: number
  /** Of what is written so far. */
  crc: number
}

async function writeBlocks(file: FileHandle, blocks: readonly Buffer[], at: number): Promise<void> {
  const bytes = blocks.length === 1 ? (blocks[0] ?? Buffer.alloc(0)) : Buffer.concat(blocks)
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

/** Of an answer with more than was wanted the rest is left; resolves when the body ends, broken or not. */
export async function pour(
  { body, facts }: Answer,
  file: FileHandle,
  span: Span,
  onBytes: (count: number) => void,
): Promise<void> {
  let [at, held] = [facts.start, 0]
  let blocks: Buffer[] = []
  const flush = async (): Promise<void> => {
    const ready = blocks
    blocks = []
    held = 0
    const count = ready.reduce((sum, { length }) => sum + length, 0)
    await writeBlocks(file, ready, span.at)
    for (const block of ready) span.crc = crc32(block, span.crc)
    span.at += count
    onBytes(count)
  }
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]()
  for (;;) {
    // A body that breaks off is asked for from there; an error of the disk is not of the body.
    const next = await chunks.next().catch(() => ({ done: true, value: undefined }))
    if (next.value === undefined || next.done === true) break
    // A store that ignores Range sends what is there already.
    const wanted = next.value.subarray(Math.max(0, span.at + held - at), Math.max(0, span.end - at))
    at += next.value.length
    if (wanted.length > 0) blocks.push(wanted)
    held += wanted.length
    if (held >= BLOCK_BYTES) await flush()
    if (span.at + held >= span.end && at < facts.end) {
      body.destroy()
      break
    }
  }
  if (held > 0) await flush()
}
