// Signed requests for clients: what a permit for reading, writing or deleting becomes.
import type { SignedRequest } from '../../contract/common.ts'
import type { Permit } from '../policy/decide.ts'
import type { OnKey, Operation } from '../policy/operation.ts'
import { err, ok, type Result } from '../result.ts'
import type { CredentialFault } from '../../ports.ts'
import { toAbsent } from './absence.ts'
import { toLifetime, toSigningTime } from './lifetime.ts'
import { presign, type UnsignedRequest } from './presign.ts'
import type { SigningKeys } from './scope.ts'

/** What signing needs beside the permit. */
export interface Signing {
  readonly keys: SigningKeys
  readonly nowMs: number
  /** Who asked, as a pseudonym, where the bucket's own log shall name him. */
  readonly subject?: string
}

/** S3 ignores a parameter that begins with "x-", and writes it into its log with the request (docs/operations.md). */
const SUBJECT = 'x-postern-sub'

/** Why a permitted request cannot be signed. */
export type SignFault =
  /** The token lives on only by leeway: nothing that is signed may outlive it. */
  | { readonly reason: 'session_over' }
  /** What the bucket's provider does not do; what to use instead. */
  | { readonly reason: 'unsupported'; readonly detail: string }
  | CredentialFault

/** Largest object of one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PUT_BYTES = 5 * 2 ** 30

export function toTimestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** Why nothing can be signed now under this permit; asked before something is opened for it. */
export async function findSignFault(permit: Permit, nowMs: number): Promise<SignFault | null> {
  const credentials = await permit.bucket.credentials.get()
  if (!credentials.ok) return credentials.error
  const lifetime = toLifetime(permit.grant, permit.session, credentials.value, undefined, nowMs)
  return lifetime.ok ? null : { reason: lifetime.error }
}

/** Signs what is given, under the least of all bounds on its life. */
async function sign<M extends SignedRequest['method']>(
  permit: Permit,
  method: M,
  parts: Pick<UnsignedRequest, 'query' | 'headers'>,
  expiresIn: number | undefined,
  { keys, nowMs, subject }: Signing,
): Promise<Result<SignedRequest & { method: M }, SignFault>> {
  const { grant, session, bucket } = permit
  const credentials = await bucket.credentials.get()
  if (!credentials.ok) return credentials
  const isRead = method === 'GET' || method === 'HEAD'
  const signedAt = isRead ? toSigningTime(grant, expiresIn, nowMs) : Math.floor(nowMs / 1000)
  const lifetime = toLifetime(grant, session, credentials.value, expiresIn, nowMs, signedAt)
  if (!lifetime.ok) return err({ reason: lifetime.error })
  const { expiresInSeconds, expiresAtSeconds } = lifetime.value
  const absent = toAbsent(bucket.can, method, parts.query.has('partNumber'), parts.headers)
  const query = subject === undefined ? parts.query : new Map([...parts.query, [SUBJECT, subject]])
  const request = { method, ...parts, query, absent, nowMs: signedAt * 1000, expiresInSeconds }
  return ok({
    method,
    url: await presign(permit, credentials.value, request, keys),
    headers: Object.fromEntries(parts.headers),
    expiresAt: toTimestamp(expiresAtSeconds),
  })
}

const NONE: ReadonlyMap<string, string> = new Map()

/** For the caller himself, or for whoever opens his link. */
export type ReadPermit = Permit<OnKey<'read'> | OnKey<'share'>>

/** A GET or HEAD of the permitted object; `query` holds response overrides and the version. */
export function signRead(
  permit: ReadPermit,
  method: 'GET' | 'HEAD',
  query: ReadonlyMap<string, string>,
  expiresIn: number | undefined,
  signing: Signing,
): Promise<Result<SignedRequest, SignFault>> {
  return sign(permit, method, { query, headers: NONE }, expiresIn, signing)
}

/** A PUT that binds length, type and the given headers, of which `toPutHeaders` makes those that callers may ask. */
export function signPut(
  permit: Permit<Extract<Operation, { action: 'upload' | 'write' }>>,
  extra: ReadonlyMap<string, string>,
  expiresIn: number | undefined,
  signing: Signing,
): Promise<Result<SignedRequest & { method: 'PUT' }, SignFault>> {
  const { size, type } = permit.operation
  const headers = new Map([['content-length', String(size)], ['content-type', type], ...extra])
  return sign(permit, 'PUT', { query: NONE, headers }, expiresIn, signing)
}

/** A PUT of one part of a multipart upload that binds its exact length, unless nobody knows it. */
export function signPart(
  permit: Permit<Extract<Operation, { action: 'upload' }>>,
  part: {
    readonly uploadId: string
    readonly partNumber: number
    readonly size: number | undefined
  },
  extra: ReadonlyMap<string, string>,
  signing: Signing,
): Promise<Result<SignedRequest & { method: 'PUT' }, SignFault>> {
  const query = new Map([
    ['partNumber', String(part.partNumber)],
    ['uploadId', part.uploadId],
  ])
  const headers = new Map(extra)
  if (part.size !== undefined) headers.set('content-length', String(part.size))
  return sign(permit, 'PUT', { query, headers }, undefined, signing)
}

/** A DELETE of the permitted object, or of one version of it. */
export function signDelete(
  permit: Permit<Extract<Operation, { action: 'delete' }>>,
  versionId: string | undefined,
  expiresIn: number | undefined,
  signing: Signing,
): Promise<Result<SignedRequest, SignFault>> {
  const query = versionId === undefined ? NONE : new Map([['versionId', versionId]])
  return sign(permit, 'DELETE', { query, headers: NONE }, expiresIn, signing)
}
