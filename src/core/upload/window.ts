// Signs parts of an upload: each URL binds the exact length of its part, and its checksum where the client gave one.
import type { FieldError } from '../../contract/errors.ts'
import type { AskedPart, UploadPart } from '../../contract/upload.ts'
import { err, ok, type Result } from '../result.ts'
import { signPart, signPut } from '../sign/requests.ts'
import { toContentHeader } from './open.ts'
import { NONCE_HEADER, type Ticket, toPartBytes, toPartCount } from './ticket.ts'
import {
  toArrival,
  toBounded,
  toConflict,
  toOverGranted,
  type Upload,
  type UploadFault,
  type UploadTools,
} from './upload.ts'

/** The size of a part that is asked for, where it can have only one. */
function findSizeFault(ticket: Ticket, { partNumber, size }: AskedPart): string | null {
  const bytes = toPartBytes(ticket, partNumber)
  if (size === undefined || bytes === undefined || size === bytes) return null
  if (ticket.size !== null) return `this part has ${bytes} bytes`
  return size > bytes ? `this part has at most ${bytes} bytes` : null
}

/** Another sum than that of the upload, which S3 would refuse, or of a PUT that declared its own. */
function findChecksumFault(ticket: Ticket, { checksum }: AskedPart): string | null {
  if (checksum === undefined) return null
  if (ticket.multipart === null) return 'the checksum of a put is declared when it is opened'
  const isFitting =
    checksum.algorithm === 'md5' || checksum.algorithm === ticket.checksum?.algorithm
  return isFitting ? null : 'expected md5, or the algorithm that was declared when it was opened'
}

/** Numbers beyond the upload, named twice, or of another size than the plan's. */
function findFaults(ticket: Ticket, parts: readonly AskedPart[]): UploadFault | null {
  const count = toPartCount(ticket)
  const seen = new Set<number>()
  const errors: FieldError[] = []
  for (const [index, part] of parts.entries()) {
    const { partNumber } = part
    const add = (member: string, detail: string | null): void => {
      if (detail !== null) errors.push({ pointer: `/parts/${index}/${member}`, detail })
    }
    if (partNumber > count) {
      if (ticket.size === null) {
        return toOverGranted(ticket)
      }
      add('partNumber', `this upload has ${count} parts`)
      continue
    }
    if (seen.has(partNumber)) add('partNumber', 'a part is named twice')
    seen.add(partNumber)
    add('size', findSizeFault(ticket, part))
    add('checksum', findChecksumFault(ticket, part))
  }
  return errors.length === 0 ? null : { kind: 'shape', errors: errors.slice(0, 20) }
}

/** The parts that are asked for, or the first reason why one cannot be signed. */
export async function signWindow(
  { signingKeys, clock }: Pick<UploadTools, 'signingKeys' | 'clock'>,
  upload: Upload,
  asked: readonly AskedPart[],
): Promise<Result<UploadPart[], UploadFault>> {
  const { isOpen } = upload
  const ticket = toBounded(upload)
  const fault = findFaults(ticket, asked)
  if (fault !== null) return err(fault)
  if (!isOpen) return err(toConflict('The time to resume is over.'))
  const permit = toArrival(upload)
  const signing = { keys: signingKeys, nowMs: clock.now() }
  const { multipart, nonce, headers = {} } = ticket
  const putHeaders = new Map([[NONCE_HEADER, nonce], ...Object.entries(headers)])
  // A PUT is planned only where it can be told not to replace an object.
  const { createOnly } = permit.bucket.can
  if (createOnly !== null) putHeaders.set(createOnly.name, createOnly.value)
  const parts: UploadPart[] = []
  for (const { partNumber, size, checksum } of asked) {
    const bytes = size ?? toPartBytes(ticket, partNumber)
    const signed =
      multipart === null
        ? await signPut(permit, putHeaders, undefined, signing)
        : await signPart(
            permit,
            { uploadId: multipart.uploadId, partNumber, size: bytes },
            new Map(checksum && [toContentHeader(checksum)]),
            signing,
          )
    if (!signed.ok) return err({ kind: 'sign', fault: signed.error })
    parts.push({ partNumber, size: bytes ?? 0, ...signed.value })
  }
  return ok(parts)
}
