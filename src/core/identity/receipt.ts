// Receipts: a signed statement of what an upload left in S3, which anybody can check later without the gateway.
import { signJws } from './jws.ts'
import type { IdentityKey } from './key.ts'

export interface Receipted {
  /** PUBLIC_URL. */
  readonly issuer: string
  readonly caller: { readonly issuer: string; readonly subject: string }
  readonly bucket: string
  readonly key: string
  /** Bytes. */
  readonly size: number
  readonly etag: string
  readonly checksum?: unknown
}

export const RECEIPT_TYP = 'postern-receipt+jwt'

/** The receipt, a compact JWS; undefined without a signing key. */
export async function toReceipt(
  keys: readonly IdentityKey[],
  { issuer, caller, bucket, key, size, etag, checksum }: Receipted,
  nowMs: number,
): Promise<string | undefined> {
  const [signingKey] = keys
  if (signingKey === undefined) return undefined
  return signJws(signingKey, RECEIPT_TYP, {
    iss: issuer,
    sub: caller.subject,
    // Two issuers may both know an "alice" (RFC 9493 §3.2.4).
    sub_id: { format: 'iss_sub', iss: caller.issuer, sub: caller.subject },
    bucket,
    key,
    size,
    etag,
    ...(checksum !== undefined && { checksum }),
    iat: Math.floor(nowMs / 1000),
  })
}
