// Puts the parts of an upload together: all of them there, of their sizes, with the checksum that was declared.
import type { Checksum } from '../../contract/checksum.ts'
import { err, ok, type Result } from '../result.ts'
import {
  judgeListedParts,
  judgeNamedParts,
  type NamedPart,
  type PartsVerdict,
  toObjectEtag,
} from './parts.ts'
import {
  look,
  toArrival,
  toBounded,
  toConflict,
  type Upload,
  type UploadFault,
  type UploadTools,
} from './upload.ts'
import { toMaxBytes } from './ticket.ts'
import type { Known } from './verify.ts'

/** What the caller says of his upload when he completes it. */
export interface Claim {
  readonly parts?: readonly NamedPart[] | undefined
  /** Of the whole object. */
  readonly checksum?: Checksum | undefined
}

/** The parts to put together; null when S3 knows the upload no more. */
async function collectParts(
  { store }: UploadTools,
  upload: Upload,
  uploadId: string,
  named: readonly NamedPart[] | undefined,
): Promise<Result<Extract<PartsVerdict, { kind: 'ready' }> | null, UploadFault>> {
  const { permit } = upload
  const ticket = toBounded(upload)
  let verdict: PartsVerdict
  if (permit.bucket.can.listParts) {
    const listed = await store.listParts(toArrival(upload), uploadId)
    if (!listed.ok) return err({ kind: 'store', fault: listed.error })
    if (listed.value === null) return ok(null)
    verdict = judgeListedParts(ticket, listed.value, named ?? [])
  } else if (named === undefined) {
    const detail = 'required: this storage cannot list what has arrived'
    return err({ kind: 'shape', errors: [{ pointer: '/parts', detail }] })
  } else verdict = judgeNamedParts(ticket, named)
  return verdict.kind === 'ready' ? ok(verdict) : err(verdict)
}

/** The checksum of the whole object, where it was declared with a value or is named now. */
function toChecksum({ ticket }: Upload, claim: Claim): Checksum | undefined {
  const { algorithm, value } = ticket.checksum ?? {}
  if (algorithm === undefined || algorithm === 'md5') return undefined
  const named = claim.checksum?.algorithm === algorithm ? claim.checksum.value : undefined
  const known = value ?? named
  return known === undefined ? undefined : { algorithm, value: known }
}

/**
 * Puts the parts together where the bytes arrive. What is known of the object afterwards comes back: nothing, when
 * it may stand from an earlier call.
 */
export async function assemble(
  tools: UploadTools,
  upload: Upload,
  uploadId: string,
  claim: Claim,
): Promise<Result<Known, UploadFault>> {
  const collected = await collectParts(tools, upload, uploadId, claim.parts)
  if (!collected.ok) return collected
  if (collected.value === null) return ok({})
  const { parts, size } = collected.value
  const { permit } = upload
  const ticket = toBounded(upload)
  const arrival = toArrival(upload)
  // Before the object comes to be, never after: what fails then would leave bytes uncounted.
  const uncounted = await tools.count.hold(ticket, size ?? toMaxBytes(ticket), true)
  if (uncounted !== null) return err(uncounted)
  const done = await tools.store.completeMultipart(arrival, uploadId, parts, {
    createOnly: !ticket.overwrite,
    checksum: toChecksum(upload, claim),
  })
  // Without an answer it may have happened all the same: the object tells.
  if (!done.ok) {
    const stored = await look(tools, arrival)
    const isOurs = stored.ok && stored.value?.uploadNonce === ticket.nonce
    return isOurs ? ok({}) : err({ kind: 'store', fault: done.error })
  }
  switch (done.value) {
    case 'done': {
      const etag = permit.bucket.can.md5Etags ? await toObjectEtag(parts) : undefined
      return ok({ size, etag, checksum: claim.checksum })
    }
    case 'gone':
      return ok({})
    case 'exists':
      return err(toConflict('Another object stands under this key.'))
    case 'refused':
      return err(toConflict('The storage does not hold the parts that were named.'))
    case 'corrupt':
      return err({ kind: 'parts', of: 'corrupt', partNumbers: [] })
  }
}
