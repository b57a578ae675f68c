// Copies inside a bucket: in one call up to 5 GiB, in parts above; a copy that fails leaves nothing behind.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/CopyingObjectsMPUapi.html
import { err, ok, type Result } from '../core/result.ts'
import { encodeKey } from '../core/sign/encode.ts'
import { countParts, toByteRange } from '../core/upload/plan.ts'
import type { ObjectStore, StoredObject, StoreFault, UploadPermit } from '../ports.ts'
import { codeOf, type StoreCall, toFault } from './s3-call.ts'
import { COMPLETION_TIMEOUT_MS, type MultipartCalls, toCompletion } from './s3-multipart.ts'
import { parseAnswer, textOf, toEtag } from './s3-xml.ts'

/** A Worker has at most six connections open at a time. */
const PARALLEL = 4

export interface CopySizes {
  /** Largest object of one CopyObject. */
  readonly maxBytes: number
  readonly partBytes: number
}
/** Parts large enough for 5 TiB in a thousand calls, and S3's own bound on them. */
const SIZES: CopySizes = { maxBytes: 5 * 2 ** 30, partBytes: 5 * 2 ** 30 }

export function createCopyCalls(
  call: StoreCall,
  multipart: MultipartCalls,
  sizes = SIZES,
): Pick<ObjectStore, 'copy'> {
  /** Exactly the bytes that were verified: another object under that key would have another ETag. */
  function toSource(permit: UploadPermit, key: string, object: StoredObject): [string, string][] {
    return [
      ['x-amz-copy-source', `/${permit.bucket.name}/${encodeKey(key)}`],
      ['x-amz-copy-source-if-match', `"${object.etag}"`],
    ]
  }

  /** Copies one range as a part of an upload, and gives its ETag. */
  async function copyPart(
    permit: UploadPermit,
    source: readonly [string, string][],
    uploadId: string,
    [partNumber, first, last]: readonly [number, number, number],
  ): Promise<Result<string, StoreFault>> {
    const answer = await call(permit, {
      method: 'PUT',
      query: new Map([
        ['partNumber', String(partNumber)],
        ['uploadId', uploadId],
      ]),
      headers: new Map([...source, ['x-amz-copy-source-range', `bytes=${first}-${last}`]]),
      timeoutMs: COMPLETION_TIMEOUT_MS,
    })
    if (!answer.ok) return answer
    const root = codeOf(answer.value) === undefined ? parseAnswer(answer.value.text) : null
    const etag = root === null ? '' : toEtag(textOf(root, 'ETag'))
    return etag === '' ? err(toFault(answer.value)) : ok(etag)
  }

  /** All ranges, a few at a time; the first fault ends it. */
  async function copyParts(
    permit: UploadPermit,
    source: readonly [string, string][],
    uploadId: string,
    size: number,
  ): Promise<Result<{ partNumber: number; etag: string }[], StoreFault>> {
    const count = countParts(size, sizes.partBytes)
    const etags: string[] = []
    let next = 1
    const faults: StoreFault[] = []
    const work = async (): Promise<void> => {
      while (next <= count && faults.length === 0) {
        const partNumber = next
        next += 1
        const range = toByteRange(size, sizes.partBytes, partNumber)
        const etag = await copyPart(permit, source, uploadId, [partNumber, ...range])
        if (etag.ok) etags[partNumber - 1] = etag.value
        else faults.push(etag.error)
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
    const [fault] = faults
    return fault === undefined
      ? ok(etags.map((etag, at) => ({ partNumber: at + 1, etag })))
      : err(fault)
  }

  return {
    async copy(permit, { key, object }, how) {
      const source = toSource(permit, key, object)
      if (object.size <= sizes.maxBytes) {
        const { copyCreateOnly } = permit.bucket.can
        const headers = new Map(source)
        if (how.createOnly && copyCreateOnly !== null)
          headers.set(copyCreateOnly.name, copyCreateOnly.value)
        const timeoutMs = COMPLETION_TIMEOUT_MS
        const answer = await call(permit, { method: 'PUT', headers, timeoutMs })
        return answer.ok ? toCompletion(answer.value) : answer
      }
      // A multipart copy takes over neither type nor metadata by itself.
      const headers = new Map([['content-type', object.type], ...object.metadata])
      const uploadId = await multipart.createMultipart(permit, headers)
      if (!uploadId.ok) return uploadId
      const parts = await copyParts(permit, source, uploadId.value, object.size)
      const done = parts.ok
        ? await multipart.completeMultipart(permit, uploadId.value, parts.value, how)
        : parts
      if (!done.ok || done.value !== 'done') await multipart.abortMultipart(permit, uploadId.value)
      return done
    },
  }
}
