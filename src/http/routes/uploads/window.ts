// Signs the parts of an upload: each URL binds the exact length of its part.
import type { UploadPart } from '../../../contract/upload.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { signPart, signPut } from '../../../core/sign/requests.ts'
import { sizeOfPart } from '../../../core/upload/plan.ts'
import { NONCE_HEADER } from '../../../core/upload/ticket.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { noteSigned } from '../../middleware/permit.ts'
import type { Upload } from './resume.ts'

/** The parts with these numbers, or the first reason why one cannot be signed. */
export async function signWindow(
  c: Ctx,
  { ticket, permit }: Pick<Upload, 'ticket' | 'permit'>,
  partNumbers: readonly number[],
): Promise<Result<UploadPart[], Failure>> {
  const { signingKeys, clock } = c.var.deps
  const signing = { keys: signingKeys, nowMs: clock.now() }
  const { size, multipart } = ticket
  const putHeaders = new Map([[NONCE_HEADER, ticket.nonce]])
  // A PUT is planned only where it can be told not to replace an object.
  const { createOnly } = permit.bucket.can
  if (createOnly !== null) putHeaders.set(createOnly.name, createOnly.value)
  const parts: UploadPart[] = []
  for (const partNumber of partNumbers) {
    const bytes = multipart === null ? size : sizeOfPart(size, multipart.partSize, partNumber)
    const signed =
      multipart === null
        ? await signPut(permit, putHeaders, undefined, signing)
        : await signPart(permit, { uploadId: multipart.uploadId, partNumber, size: bytes }, signing)
    if (!signed.ok) return err({ kind: 'sign', fault: signed.error })
    noteSigned(c.var.record, signed.value)
    parts.push({ partNumber, size: bytes, ...signed.value })
  }
  return ok(parts)
}
