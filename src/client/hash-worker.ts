// The worker that computes checksums beside the page: one file slice in, its sum in base64 out.
import type { SumAlgorithm } from './ports.ts'
import { toSum } from './sum.ts'

interface Asked {
  readonly bytes: Blob
  readonly algorithm: SumAlgorithm
}

/** One after the other: reading several at once would make a disk jump, and the page tells answers by their order. */
let last: Promise<unknown> = Promise.resolve()
addEventListener('message', ({ data }: MessageEvent<Asked>) => {
  const { bytes, algorithm } = data
  last = last.then(async () => postMessage(await toSum(bytes, algorithm)))
})
