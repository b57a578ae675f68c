// Signs a POST policy: what an HTML form may upload, decided by S3 when the form arrives.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import type { SignedPost } from '../../contract/sign.ts'
import { toBase64 } from '../base64url.ts'
import { toBytes } from '../bytes.ts'
import type { Permit } from '../policy/decide.ts'
import type { Operation } from '../policy/operation.ts'
import { err, ok, type Result } from '../result.ts'
import { toLifetime } from './lifetime.ts'
import type { Bucket, Credentials } from './bucket.ts'
import { type SignFault, type Signing, toTimestamp } from './requests.ts'
import { scopeOf, signWith, toAmzDate } from './scope.ts'

export interface PostForm {
  readonly minBytes: number
  /** The permit's size. */
  readonly maxBytes: number
  /** A content type, or all of a family: `image/*`; then the form brings the type along. */
  readonly type: string
  /** Further fields with these exact values, such as metadata. */
  readonly fields: ReadonlyMap<string, string>
}

/** Where forms are posted: the bucket itself. */
function toAction({ origin, basePath }: Bucket): string {
  return `${origin}${basePath.replace(/(.)\/$/, '$1')}`
}

/** A form whose fields are all bound by the policy; what is given as absent is not. */
export interface Form {
  /** Ends in `${filename}` where the client's file names the rest. */
  readonly key: string
  readonly type: string | undefined
  readonly fields: ReadonlyMap<string, string>
  /** Bytes, both included. */
  readonly range: { readonly min: number; readonly max: number } | undefined
}

/** S3 puts the client's own file name there. */
export const FILENAME = '${filename}'

function toConditions(bucket: Bucket, form: Form, fields: Readonly<Record<string, string>>) {
  const isNamedByClient = form.key.endsWith(FILENAME)
  const exact = Object.entries(fields)
    .filter(([name]) => name !== 'key' || !isNamedByClient)
    .map(([name, value]) => ({ [name]: value }))
  return [
    { bucket: bucket.name },
    ...exact,
    ...(isNamedByClient ? [['starts-with', '$key', form.key.slice(0, -FILENAME.length)]] : []),
    ...(form.range === undefined ? [] : [['content-length-range', form.range.min, form.range.max]]),
    ...(form.type?.endsWith('/*')
      ? [['starts-with', '$Content-Type', form.type.slice(0, -1)]]
      : []),
  ]
}

/** Signs a form that nobody has permitted: for who holds the credentials himself, the command. */
export async function signForm(
  bucket: Bucket,
  credentials: Credentials,
  form: Form,
  expiresAtSeconds: number,
  signing: Signing,
): Promise<SignedPost> {
  const scope = await scopeOf(bucket, credentials, signing.nowMs, signing.keys)
  const expiresAt = toTimestamp(expiresAtSeconds)
  const fields: Record<string, string> = {
    key: form.key,
    ...(form.type !== undefined && !form.type.endsWith('/*') && { 'Content-Type': form.type }),
    ...Object.fromEntries(form.fields),
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${credentials.accessKeyId}/${scope.signer.credentialString}`,
    'x-amz-date': toAmzDate(signing.nowMs),
    ...(credentials.sessionToken !== undefined && {
      'x-amz-security-token': credentials.sessionToken,
    }),
  }
  const conditions = toConditions(bucket, form, fields)
  // Of a POST policy its base64 is the string to sign.
  const policy = toBase64(toBytes(JSON.stringify({ expiration: expiresAt, conditions })))
  return {
    method: 'POST',
    url: toAction(bucket),
    fields: { ...fields, policy, 'x-amz-signature': await signWith(scope, policy) },
    expiresAt,
  }
}

/**
 * Fields of a form that may create, or replace, exactly the permitted key. A policy cannot refuse to replace an
 * object: the caller permits that, or names a key that nobody else can know.
 */
export async function signPostPolicy(
  permit: Permit<Extract<Operation, { action: 'write' | 'upload' }>>,
  form: PostForm,
  expiresIn: number | undefined,
  signing: Signing,
): Promise<Result<SignedPost, SignFault>> {
  const { bucket, operation, grant, session } = permit
  const found = await bucket.credentials.get()
  if (!found.ok) return found
  const credentials = found.value
  const lifetime = toLifetime(grant, session, credentials, expiresIn, signing.nowMs)
  if (!lifetime.ok) return err({ reason: lifetime.error })
  const { minBytes, maxBytes, type, fields } = form
  const bound = { key: operation.key, type, fields, range: { min: minBytes, max: maxBytes } }
  return ok(await signForm(bucket, credentials, bound, lifetime.value.expiresAtSeconds, signing))
}
