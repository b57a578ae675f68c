// Plans an upload: one conditional PUT or parts, and how large each part is.
import type { Capabilities } from '../sign/provider.ts'

/** How the bytes travel: in one PUT, or in parts of `partSize` bytes of which only the last is shorter. */
export type Plan =
  | { readonly strategy: 'put'; readonly partSize: number; readonly partCount: 1 }
  | { readonly strategy: 'multipart'; readonly partSize: number; readonly partCount: number }

export const MIB = 2 ** 20
const MIN_PART_BYTES = 8 * MIB
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: 5 GiB a part, 10,000 parts. */
const MAX_PART_BYTES = 5 * 1024 * MIB
/** Parts of an unknown size must fit into the memory of whoever records them. */
const MAX_UNKNOWN_PART_BYTES = 64 * MIB
export const MAX_PART_COUNT = 10_000
/** Parts of the largest object unless a part would pass 5 GiB: it leaves room below S3's 10,000. */
const AIMED_PARTS = 4000

/** Bytes of each part but the last: 8 MiB, or a 4000th of the object in whole MiB. */
export function toPartSize(size: number): number {
  const aimed = Math.ceil(size / AIMED_PARTS / MIB) * MIB
  return Math.min(MAX_PART_BYTES, Math.max(MIN_PART_BYTES, aimed))
}

/**
 * A PUT only where it can refuse to replace an object: its URL lives on after the upload. An upload id
 * dies at completion, so that no URL of a multipart upload can change the object afterwards.
 */
export function planUpload(size: number, overwrite: boolean, can: Capabilities): Plan {
  if (size <= MIN_PART_BYTES && !overwrite && can.createOnly !== null)
    return { strategy: 'put', partSize: size, partCount: 1 }
  const partSize = toPartSize(size)
  return { strategy: 'multipart', partSize, partCount: countParts(size, partSize) }
}

/**
 * Parts for a size that nobody knows yet. The budget is kept by construction, without a counter: part n may hold
 * what is left of the budget after n − 1 full parts, and all such bounds together are the budget.
 */
export function planUnknown(maxBytes: number): Plan & { readonly budget: number } {
  const partSize = Math.min(MAX_UNKNOWN_PART_BYTES, toPartSize(maxBytes))
  const budget = Math.min(maxBytes, partSize * MAX_PART_COUNT)
  return { strategy: 'multipart', partSize, partCount: countParts(budget, partSize), budget }
}

/** An empty object is one empty part: S3 completes no upload without parts. */
export function countParts(size: number, partSize: number): number {
  return Math.max(1, Math.ceil(size / partSize))
}

/** Exact bytes of one part, 1 ≤ partNumber ≤ partCount. */
export function sizeOfPart(size: number, partSize: number, partNumber: number): number {
  return Math.min(partSize, size - (partNumber - 1) * partSize)
}

/** First and last byte of one part, as a range counts them (RFC 9110 §14.1.2). */
export function toByteRange(
  size: number,
  partSize: number,
  partNumber: number,
): readonly [number, number] {
  const first = (partNumber - 1) * partSize
  return [first, first + sizeOfPart(size, partSize, partNumber) - 1]
}
