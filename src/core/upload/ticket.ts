// Upload tickets: all that the gateway must remember of an upload, sealed and carried by its client.
import { toBytes } from '../bytes.ts'
import * as v from 'valibot'
import { UPLOAD_CHECKSUMS } from '../../contract/upload.ts'
import { type SealingKey, seal, unseal } from '../seal.ts'
import { countParts, MAX_PART_COUNT, sizeOfPart } from './plan.ts'

const text = v.string()
const integer = v.pipe(v.number(), v.safeInteger())

/** What most uploads do without. */
const extras = v.strictObject({
  /** Most bytes of an upload whose size nobody knew when it was opened. */
  budget: v.optional(integer),
  /** Where its bytes arrive in a bucket that publishes after verifying: a key below the staging prefix. */
  staged: v.optional(text),
  /** Declared when it was opened; without a value, that comes at completion. */
  checksum: v.optional(
    v.strictObject({ algorithm: v.picklist(UPLOAD_CHECKSUMS), value: v.optional(text) }),
  ),
  /** Headers that the object is created with, for a PUT, which the client sends. */
  headers: v.optional(v.record(text, text)),
})

export interface Ticket extends v.InferOutput<typeof extras> {
  readonly issuer: string
  readonly subject: string
  /** Alias of the bucket. */
  readonly bucket: string
  readonly key: string
  /** Bytes; null for an upload of unknown size, which has a budget. */
  readonly size: number | null
  readonly type: string
  readonly overwrite: boolean
  /**
   * The upload at S3 and the bytes of its parts, 0 where the client names no sizes and all is measured at
   * completion; null for a single PUT.
   */
  readonly multipart: { readonly uploadId: string; readonly partSize: number } | null
  /** Stands in the object's metadata, so that the object can be told from anybody else's. */
  readonly nonce: string
  readonly createdAtSeconds: number
  readonly resumableUntilSeconds: number
}

/** Header under which the nonce goes into the object's metadata. */
export const NONCE_HEADER = 'x-amz-meta-postern-upload'

/** Positions of the sealed JSON array; a new shape gets a new first member. */
const layout = v.strictTuple([
  v.literal(3),
  text,
  text,
  text,
  text,
  v.nullable(integer),
  text,
  v.boolean(),
  v.nullable(v.strictTuple([text, integer])),
  text,
  integer,
  integer,
  extras,
])

export function sealTicket(
  keys: readonly SealingKey[],
  ticket: Ticket,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const { budget, staged, checksum, headers } = ticket
  const fields: v.InferOutput<typeof layout> = [
    3,
    ticket.issuer,
    ticket.subject,
    ticket.bucket,
    ticket.key,
    ticket.size,
    ticket.type,
    ticket.overwrite,
    ticket.multipart && [ticket.multipart.uploadId, ticket.multipart.partSize],
    ticket.nonce,
    ticket.createdAtSeconds,
    ticket.resumableUntilSeconds,
    {
      ...(budget !== undefined && { budget }),
      ...(staged !== undefined && { staged }),
      ...(checksum !== undefined && { checksum }),
      ...(headers !== undefined && { headers }),
    },
  ]
  return seal(keys, 'upload-ticket', toBytes(JSON.stringify(fields)), nonce)
}

/** Layout 2 knew no extras: its tickets may still be on their way when a new version is deployed. */
function toCurrent(fields: unknown): unknown {
  return Array.isArray(fields) && fields[0] === 2 ? [3, ...fields.slice(1), {}] : fields
}

/** The ticket, or null for a text that this gateway did not seal: forged, truncated, or under a lost key. */
export async function openTicket(keys: readonly SealingKey[], id: string): Promise<Ticket | null> {
  const plain = await unseal(keys, 'upload-ticket', id)
  if (plain === null) return null
  const parsed = v.safeParse(layout, toCurrent(JSON.parse(new TextDecoder().decode(plain))))
  if (!parsed.success) return null
  const [
    ,
    issuer,
    subject,
    bucket,
    key,
    size,
    type,
    overwrite,
    multipart,
    nonce,
    createdAtSeconds,
    resumableUntilSeconds,
    more,
  ] = parsed.output
  return {
    ...more,
    issuer,
    subject,
    bucket,
    key,
    size,
    type,
    overwrite,
    multipart: multipart && { uploadId: multipart[0], partSize: multipart[1] },
    nonce,
    createdAtSeconds,
    resumableUntilSeconds,
  }
}

/** Bytes of the whole object at most: exactly its size, where that is known. */
export function toMaxBytes({ size, budget }: Ticket): number {
  return size ?? budget ?? 0
}

/** Parts of the whole upload at most; a PUT and an empty object have one. */
export function toPartCount(ticket: Ticket): number {
  const { multipart } = ticket
  if (multipart === null) return 1
  return multipart.partSize === 0
    ? MAX_PART_COUNT
    : countParts(toMaxBytes(ticket), multipart.partSize)
}

/** Bytes that this part holds, or at most where the size is unknown; undefined where nobody says. */
export function toPartBytes(ticket: Ticket, partNumber: number): number | undefined {
  const maxBytes = toMaxBytes(ticket)
  const partSize = ticket.multipart?.partSize ?? maxBytes
  return ticket.multipart?.partSize === 0 ? undefined : sizeOfPart(maxBytes, partSize, partNumber)
}
