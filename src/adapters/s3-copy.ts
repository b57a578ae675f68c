// Copies an object inside its bucket, in one call, as CopyObject does up to 5 GiB.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
import { encodeKey } from '../core/sign/encode.ts'
import type { ObjectStore } from '../ports.ts'
import type { StoreCall } from './s3-call.ts'
import { COMPLETION_TIMEOUT_MS, toCompletion } from './s3-multipart.ts'

export function createCopyCalls(call: StoreCall): Pick<ObjectStore, 'copy'> {
  return {
    async copy(permit, { key, object }, how) {
      const headers = new Map([
        ['x-amz-copy-source', `/${permit.bucket.name}/${encodeKey(key)}`],
        // Exactly the bytes that were verified: another object under that key would have another ETag.
        ['x-amz-copy-source-if-match', `"${object.etag}"`],
      ])
      const { copyCreateOnly } = permit.bucket.can
      if (how.createOnly && copyCreateOnly !== null)
        headers.set(copyCreateOnly.name, copyCreateOnly.value)
      const timeoutMs = COMPLETION_TIMEOUT_MS
      const answer = await call(permit, { method: 'PUT', headers, timeoutMs })
      return answer.ok ? toCompletion(answer.value) : answer
    },
  }
}
