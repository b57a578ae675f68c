// Signs a POST policy: what an HTML form may upload, decided by S3 when the form arrives.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
import type { SignedPost } from '../../contract/sign.ts'
import { toBase64 } from '../base64url.ts'
import type { Permit } from '../policy/decide.ts'
import type { Operation } from '../policy/operation.ts'
import { err, ok, type Result } from '../result.ts'
import { toLifetime } from './lifetime.ts'
import { type SignFault, type Signing, toTimestamp } from './requests.ts'
import { type Scope, scopeOf, signWith, toAmzDate } from './scope.ts'

export interface PostForm {
  readonly minBytes: number
  /** The permit's size. */
  readonly maxBytes: number
  /** A content type, or all of a family: `image/*`; then the form brings the type along. */
  readonly type: string
  /** Further fields with these exact values, such as metadata. */
  readonly fields: ReadonlyMap<string, string>
}

/** The hex signature of a policy in base64: of a POST policy that text itself is the string to sign. */
export function signPolicy(scope: Scope, policy: string): Promise<string> {
  const signer = Object.assign(Object.create(scope.signer) as typeof scope.signer, {
    stringToSign: async () => policy,
  })
  return signWith(scope, signer)
}

/** Where forms are posted: the bucket itself. */
function toAction({ origin, basePath }: Permit['bucket']): string {
  return `${origin}${basePath.replace(/(.)\/$/, '$1')}`
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
  const scope = await scopeOf(bucket, credentials, signing.nowMs, signing.keys)
  const expiresAt = toTimestamp(lifetime.value.expiresAtSeconds)
  const isFamily = form.type.endsWith('/*')
  const fields: Record<string, string> = {
    key: operation.key,
    ...(!isFamily && { 'Content-Type': form.type }),
    ...Object.fromEntries(form.fields),
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${credentials.accessKeyId}/${scope.signer.credentialString}`,
    'x-amz-date': toAmzDate(signing.nowMs),
    ...(credentials.sessionToken !== undefined && {
      'x-amz-security-token': credentials.sessionToken,
    }),
  }
  const exact = Object.entries(fields).map(([name, value]) => ({ [name]: value }))
  const conditions = [
    { bucket: bucket.name },
    ...exact,
    ['content-length-range', form.minBytes, form.maxBytes],
    ...(isFamily ? [['starts-with', '$Content-Type', form.type.slice(0, -1)]] : []),
  ]
  const policy = toBase64(
    new TextEncoder().encode(JSON.stringify({ expiration: expiresAt, conditions })),
  )
  return ok({
    method: 'POST',
    url: toAction(bucket),
    fields: { ...fields, policy, 'x-amz-signature': await signPolicy(scope, policy) },
    expiresAt,
  })
}
