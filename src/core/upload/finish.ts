// Completes an upload: puts it together, verifies what S3 holds, publishes it; the same answer again and again.
import type { StoredObject, UploadPermit } from '../../ports.ts'
import { err, ok, type Result } from '../result.ts'
import { assemble, type Claim } from './assemble.ts'
import { clearStaged } from './clear.ts'
import { isContentFitting, SNIFFED_BYTES } from './sniff.ts'
import { type Ticket, toMaxBytes } from './ticket.ts'
import {
  look,
  toArrival,
  toBounded,
  toConflict,
  toOverGranted,
  toUnsupported,
  type Upload,
  type UploadFault,
  type UploadTools,
} from './upload.ts'
import { judgeStored, type Known, type Verdict } from './verify.ts'

const FOREIGN = 'Another object stands under this key.'
const GONE = 'The upload was aborted, has expired, or its object has been replaced.'

/** The verified object, or what stands in its way; what is not as declared is removed, exactly that version. */
async function conclude(
  { store, count }: UploadTools,
  { ticket }: Upload,
  permit: UploadPermit,
  verdict: Verdict,
): Promise<Result<StoredObject, UploadFault>> {
  switch (verdict.kind) {
    case 'complete':
      return ok(verdict.object)
    case 'absent':
      return err(toConflict(ticket.multipart === null ? 'Nothing has been uploaded yet.' : GONE))
    case 'foreign':
      return err(toConflict(ticket.overwrite ? GONE : FOREIGN))
    case 'mismatch': {
      const removed = await store.remove(permit, verdict.object.versionId)
      if (!removed.ok) return err({ kind: 'store', fault: removed.error })
      await count.release(ticket)
      return err({ kind: 'mismatch', of: verdict.of })
    }
  }
}

/** What has arrived, whole and verified where it arrived. */
async function verifyArrival(
  tools: UploadTools,
  upload: Upload,
  claim: Claim,
): Promise<Result<StoredObject, UploadFault>> {
  const { ticket, isOpen } = upload
  const arrival = toArrival(upload)
  const judge = async (by: Ticket, known: Known): Promise<Result<Verdict, UploadFault>> => {
    const stored = await look(tools, arrival)
    return stored.ok ? ok(judgeStored(by, stored.value, known)) : stored
  }
  // A sum that is only named now says nothing against an object that is there, unless it is not published yet:
  // whoever may upload would have a way to delete.
  const said = ticket.staged === undefined ? {} : { checksum: claim.checksum }
  const before = await judge(ticket, said)
  if (!before.ok) return before
  const { kind } = before.value
  const isFree = kind === 'absent' || (kind === 'foreign' && ticket.overwrite)
  if (ticket.multipart === null || !isFree) return conclude(tools, upload, arrival, before.value)
  if (!isOpen) return err(toConflict('The time to resume is over.'))
  const known = await assemble(tools, upload, ticket.multipart.uploadId, claim)
  if (!known.ok) return known
  const after = await judge(toBounded(upload), known.value)
  return after.ok ? conclude(tools, upload, arrival, after.value) : after
}

/** Whether the first bytes are of the declared type; what only pretends to be is removed. */
async function sniff(
  { store, count }: UploadTools,
  { ticket }: Upload,
  arrival: UploadPermit,
  object: StoredObject,
): Promise<UploadFault | null> {
  const start = await store.readStart(arrival, object, SNIFFED_BYTES)
  if (!start.ok) return { kind: 'store', fault: start.error }
  if (isContentFitting(ticket.type, start.value)) return null
  const removed = await store.remove(arrival, object.versionId)
  if (!removed.ok) return { kind: 'store', fault: removed.error }
  await count.release(ticket)
  return { kind: 'mismatch', of: 'content' }
}

/**
 * Publishes a staged upload under its final key: verified, sniffed, copied, looked at, cleared away. After a lost
 * answer each step finds what was done before: the object under the final key is looked at first.
 */
async function publish(
  tools: UploadTools,
  upload: Upload,
  claim: Claim,
): Promise<Result<StoredObject, UploadFault>> {
  const { ticket, permit, isOpen } = upload
  const arrival = toArrival(upload)
  const arrived = await verifyArrival(tools, upload, claim)
  if (!arrived.ok) return arrived
  if (!isOpen) return err(toConflict('The time to resume is over.'))
  const bounded = toBounded(upload)
  if (arrived.value.size > toMaxBytes(bounded)) return err(toOverGranted(bounded))
  const fault = await sniff(tools, upload, arrival, arrived.value)
  if (fault !== null) return err(fault)
  const source = { key: arrival.operation.key, object: arrived.value }
  const copied = await tools.store.copy(permit, source, { createOnly: !ticket.overwrite })
  const stored = await look(tools, permit)
  if (!stored.ok) return stored
  const verdict = judgeStored(ticket, stored.value, { size: arrived.value.size })
  // A copy without an answer may have happened all the same.
  if (!copied.ok && verdict.kind !== 'complete') return err({ kind: 'store', fault: copied.error })
  return conclude(tools, upload, permit, verdict)
}

/** Why the checksum that is only named now cannot be compared with anything. */
function findClaimFault({ ticket, permit }: Upload, { checksum }: Claim): UploadFault | null {
  if (checksum === undefined || ticket.checksum?.algorithm === checksum.algorithm) return null
  const { checksums, multipartChecksums } = permit.bucket.can
  const verified = ticket.multipart === null ? checksums : multipartChecksums
  return verified.includes(checksum.algorithm)
    ? null
    : toUnsupported('This storage does not keep this checksum of the object.')
}

/** The complete, verified object under its final key. */
export async function finishUpload(
  tools: UploadTools,
  upload: Upload,
  claim: Claim,
): Promise<Result<StoredObject, UploadFault>> {
  const unfit = findClaimFault(upload, claim)
  if (unfit !== null) return err(unfit)
  const { ticket, permit } = upload
  const finished =
    ticket.staged === undefined
      ? await verifyArrival(tools, upload, claim)
      : await publishOnce(tools, upload, claim)
  if (!finished.ok || claim.checksum === undefined) return finished
  const { algorithm, value } = claim.checksum
  const stored = finished.value.checksums.find((sum) => sum.algorithm === algorithm)
  if (stored?.value === value) return finished
  if (permit.bucket.can.checksums.length === 0) return finished
  return err(
    stored === undefined
      ? toConflict('The storage reports no such checksum: declare it when the upload is opened.')
      : { kind: 'mismatch', of: 'checksum', isKept: true },
  )
}

/** Looks at the final key first: what is published is not published again, only cleared away. */
async function publishOnce(
  tools: UploadTools,
  upload: Upload,
  claim: Claim,
): Promise<Result<StoredObject, UploadFault>> {
  const { ticket, permit } = upload
  const before = await look(tools, permit)
  if (!before.ok) return before
  const verdict = judgeStored(ticket, before.value)
  const isFree = verdict.kind === 'absent' || (verdict.kind === 'foreign' && ticket.overwrite)
  const finished = isFree
    ? await publish(tools, upload, claim)
    : await conclude(tools, upload, permit, verdict)
  // Left behind it would be cleared by housekeeping: that it fails changes nothing for the caller.
  if (finished.ok) await clearStaged(tools.store, toArrival(upload))
  return finished
}
