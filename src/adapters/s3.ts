// S3 as the gateway calls it: pre-signed requests with a deadline, no retries, no redirects.
// Consistency is the provider's (strong on AWS, R2, Ceph and MinIO). A failure is a StoreFault, never a throw.
import type { Permit } from '../core/policy/decide.ts'
import { err, ok, type Result } from '../core/result.ts'
import { presign, type SigningKeys } from '../core/sign/presign.ts'
import { NONCE_HEADER } from '../core/upload/ticket.ts'
import type { Clock, ObjectStore, StoredObject, StoreFault } from '../ports.ts'

const TIMEOUT_MS = 10_000
/** Life of a URL that only the gateway itself uses. */
const OWN_URL_SECONDS = 60

export function createObjectStore(clock: Clock, signingKeys: SigningKeys): ObjectStore {
  async function call(
    permit: Permit,
    method: 'HEAD' | 'DELETE',
    query: ReadonlyMap<string, string>,
  ): Promise<Result<Response, StoreFault>> {
    const url = await presign(
      permit,
      { method, query, headers: new Map(), nowMs: clock.now(), expiresInSeconds: OWN_URL_SECONDS },
      signingKeys,
    )
    try {
      return ok(
        await fetch(url, {
          method,
          redirect: 'manual',
          // A compressed answer would report another length.
          headers: { 'accept-encoding': 'identity' },
          signal: AbortSignal.timeout(TIMEOUT_MS),
        }),
      )
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === 'TimeoutError'
      return err({ reason: isTimeout ? 'timeout' : 'unreachable' })
    }
  }

  return {
    async head(permit) {
      const answer = await call(permit, 'HEAD', new Map())
      if (!answer.ok) return answer
      if (answer.value.status === 404) return ok(null)
      if (answer.value.status !== 200) return err({ reason: 'status', status: answer.value.status })
      return ok(toStoredObject(answer.value.headers))
    },
    async remove(permit, versionId) {
      const query = new Map(versionId === undefined ? [] : [['versionId', versionId]])
      const answer = await call(permit, 'DELETE', query)
      if (!answer.ok) return answer
      await answer.value.body?.cancel()
      const { status } = answer.value
      return status < 300 || status === 404 ? ok(null) : err({ reason: 'status', status })
    },
  }
}

function toStoredObject(headers: Headers): StoredObject {
  const versionId = headers.get('x-amz-version-id')
  const uploadNonce = headers.get(NONCE_HEADER)
  return {
    size: Number(headers.get('content-length') ?? Number.NaN),
    type: headers.get('content-type') ?? '',
    etag: (headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', ''),
    ...(versionId !== null && versionId !== 'null' && { versionId }),
    ...(uploadNonce !== null && { uploadNonce }),
  }
}
