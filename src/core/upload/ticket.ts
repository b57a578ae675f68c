// Upload tickets: all that the gateway must remember of an upload, sealed and carried by its client.
import * as v from 'valibot'
import { type SealingKey, seal, unseal } from '../seal.ts'

export interface Ticket {
  readonly issuer: string
  readonly subject: string
  /** Alias of the bucket. */
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly type: string
  readonly overwrite: boolean
  /** The upload at S3 and the bytes of its parts; null for a single PUT. */
  readonly multipart: { readonly uploadId: string; readonly partSize: number } | null
  /** Stands in the object's metadata, so that the object can be told from anybody else's. */
  readonly nonce: string
  readonly createdAtSeconds: number
  readonly resumableUntilSeconds: number
}

/** Header under which the nonce goes into the object's metadata. */
export const NONCE_HEADER = 'x-amz-meta-postern-upload'

const text = v.string()
const integer = v.pipe(v.number(), v.safeInteger())

/** Positions of the sealed JSON array; a new shape gets a new first member. */
const layout = v.strictTuple([
  v.literal(2),
  text,
  text,
  text,
  text,
  integer,
  text,
  v.boolean(),
  v.nullable(v.strictTuple([text, integer])),
  text,
  integer,
  integer,
])

export function sealTicket(
  keys: readonly SealingKey[],
  ticket: Ticket,
  nonce: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const fields: v.InferOutput<typeof layout> = [
    2,
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
  ]
  return seal(keys, 'upload-ticket', new TextEncoder().encode(JSON.stringify(fields)), nonce)
}

/** The ticket, or null for a text that this gateway did not seal: forged, truncated, or under a lost key. */
export async function openTicket(keys: readonly SealingKey[], id: string): Promise<Ticket | null> {
  const plain = await unseal(keys, 'upload-ticket', id)
  if (plain === null) return null
  const parsed = v.safeParse(layout, JSON.parse(new TextDecoder().decode(plain)))
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
  ] = parsed.output
  return {
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

/** Parts of the whole upload; a PUT and an empty object have one. */
export function toPartCount({ size, multipart }: Ticket): number {
  return multipart === null ? 1 : Math.max(1, Math.ceil(size / multipart.partSize))
}
