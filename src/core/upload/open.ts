// Opens an upload: what it is to become, whether the storage can do that, and its ticket.
import { type ChecksumAlgorithm, toChecksumHeader } from '../../contract/checksum.ts'
import type { UploadChecksum } from '../../contract/upload.ts'
import type { UploadPermit } from '../../ports.ts'
import { toBase64Url } from '../base64url.ts'
import { err, ok, type Result } from '../result.ts'
import { MAX_PART_COUNT, type Plan, planUnknown, planUpload } from './plan.ts'
import { NONCE_HEADER, type Ticket, toMaxBytes } from './ticket.ts'
import {
  look,
  toArrival,
  toConflict,
  toUnsupported,
  type UploadFault,
  type UploadTools,
} from './upload.ts'

/** How long an upload can be gone on with and completed; its URLs live shorter. */
export const RESUMABLE_SECONDS = 7 * 86_400

/** An upload as it is wanted, permitted under its final key. */
export interface Wanted {
  /** Of an upload of unknown size the operation has the size 0. */
  readonly permit: UploadPermit
  /** `unknown`: each part is signed for its own length; `measured`: only the sum is checked, at completion. */
  readonly size: number | 'unknown' | 'measured'
  readonly overwrite: boolean
  /** For a client that sends parts whatever the size. */
  readonly inParts?: true
  readonly checksum?: Ticket['checksum']
  /** `x-amz-meta-…` of the object. */
  readonly metadata: readonly (readonly [string, string])[]
  /** Who may go on with it, and for how long: the caller and a week, unless told. */
  readonly holder?: Pick<Ticket, 'issuer' | 'subject'>
  readonly resumableSeconds?: number
}

export interface Planned {
  readonly plan: Plan
  /** Most bytes, where the size is unknown. */
  readonly budget?: number
}

/** Whether S3 will verify the checksum that is declared; one that it ignores would be a false promise. */
function isVerified(
  algorithm: UploadChecksum,
  strategy: Plan['strategy'],
  { can }: UploadPermit['bucket'],
): boolean {
  if (algorithm === 'md5') return strategy === 'put'
  return (strategy === 'put' ? can.checksums : can.multipartChecksums).includes(algorithm)
}

/** The plan, or why there cannot be one: too large, or with a checksum that the storage does not verify. */
export function planWanted(
  wanted: Wanted,
  quotaBytes: number | undefined,
): Result<Planned, UploadFault> {
  const { size, overwrite, checksum } = wanted
  const { bucket, grant } = wanted.permit
  const { maxObjectBytes, multipartChecksums } = bucket.can
  const maxBytes = Math.min(
    grant.maxBytes ?? maxObjectBytes,
    maxObjectBytes,
    quotaBytes ?? maxObjectBytes,
  )
  // Under a byte quota in parts as well: their URLs make no object, only a completion that is counted does.
  const inParts = overwrite || quotaBytes !== undefined || wanted.inParts === true
  const { budget, ...plan } =
    typeof size === 'number'
      ? { ...planUpload(size, inParts, bucket.can), budget: undefined }
      : planUnknown(maxBytes)
  if ((typeof size === 'number' && size > maxObjectBytes) || plan.partCount > MAX_PART_COUNT) {
    const detail = `This storage takes at most ${maxObjectBytes} bytes in one object.`
    return err({ kind: 'object_too_large', detail })
  }
  const isPut = plan.strategy === 'put'
  if (checksum !== undefined && !isVerified(checksum.algorithm, plan.strategy, bucket)) {
    const others = multipartChecksums.map((algorithm) => `${algorithm}, or `).join('')
    const detail = `This storage verifies no such checksum: declare ${isPut ? 'md5' : `${others}md5 of each part`}.`
    return err(toUnsupported(detail))
  }
  if (isPut && checksum !== undefined && checksum.value === undefined)
    return err({ kind: 'shape', errors: [{ pointer: '/checksum/value', detail: 'required' }] })
  // Who names no sizes may send any number of parts.
  return ok({
    plan,
    ...(budget !== undefined && { budget: size === 'measured' ? maxBytes : budget }),
  })
}

/** Early and friendly: the conditional PUT, or completion, decides for good. */
export async function findExisting(
  tools: UploadTools,
  { permit, overwrite }: Wanted,
): Promise<UploadFault | null> {
  if (overwrite) return null
  const existing = await look(tools, permit)
  if (!existing.ok) return existing.error
  return existing.value && toConflict('An object of this key exists.')
}

export function toContentHeader(checksum: {
  readonly algorithm: UploadChecksum
  readonly value: string
}): [string, string] {
  const { algorithm, value } = checksum
  return [algorithm === 'md5' ? 'content-md5' : toChecksumHeader(algorithm), value]
}

/** What a multipart upload is told of its checksum when it is opened. */
function toDeclaration(algorithm: ChecksumAlgorithm): [string, string][] {
  return [
    ['x-amz-checksum-algorithm', algorithm.toUpperCase()],
    ['x-amz-checksum-type', 'FULL_OBJECT'],
  ]
}

/** The ticket of a planned upload; one with parts is opened at S3, so that it has an id there. */
export async function openUpload(
  tools: UploadTools,
  wanted: Wanted,
  { plan, budget }: Planned,
): Promise<Result<Ticket, UploadFault>> {
  const { permit, size, overwrite, checksum, metadata } = wanted
  const { holder = permit.session, resumableSeconds = RESUMABLE_SECONDS } = wanted
  const { operation, bucket } = permit
  const nonce = toBase64Url(tools.random.bytes(16))
  const staged = bucket.staging === undefined ? undefined : bucket.staging + nonce
  const createdAtSeconds = Math.floor(tools.clock.now() / 1000)
  const isPut = plan.strategy === 'put'
  const sent = [...metadata]
  if (isPut && checksum?.value !== undefined)
    sent.push(toContentHeader({ ...checksum, value: checksum.value }))
  const ticket: Ticket = {
    issuer: holder.issuer,
    subject: holder.subject,
    bucket: operation.bucket,
    key: operation.key,
    size: typeof size === 'number' ? size : null,
    type: operation.type,
    overwrite,
    multipart: null,
    nonce,
    createdAtSeconds,
    resumableUntilSeconds: createdAtSeconds + resumableSeconds,
    ...(budget !== undefined && { budget }),
    ...(staged !== undefined && { staged }),
    ...(checksum !== undefined && { checksum }),
    ...(isPut && sent.length > 0 && { headers: Object.fromEntries(sent) }),
  }
  const full = await tools.count.hold(ticket, toMaxBytes(ticket), false)
  if (full !== null) return err(full)
  if (isPut) return ok(ticket)
  const headers = new Map([
    ['content-type', operation.type],
    [NONCE_HEADER, nonce],
    ...sent,
    ...(checksum === undefined || checksum.algorithm === 'md5'
      ? []
      : toDeclaration(checksum.algorithm)),
  ])
  const uploadId = await tools.store.createMultipart(toArrival({ ticket, permit }), headers)
  if (!uploadId.ok) {
    await tools.count.release(ticket)
    return err({ kind: 'store', fault: uploadId.error })
  }
  const partSize = size === 'measured' ? 0 : plan.partSize
  return ok({ ...ticket, multipart: { uploadId: uploadId.value, partSize } })
}
