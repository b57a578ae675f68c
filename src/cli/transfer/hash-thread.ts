// The thread that computes checksums beside the one that sends: a range of a file in, its sum in base64 out.
import { parentPort } from 'node:worker_threads'
import type { FileRange } from './file-blob.ts'
import { type SumName, toRangeSum } from './sums.ts'

export interface Asked {
  readonly id: number
  readonly range: FileRange
  readonly name: SumName
}

parentPort?.on('message', ({ id, range, name }: Asked) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  parentPort?.postMessage({ id, sum: toRangeSum(range, name) })
})
