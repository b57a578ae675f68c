// Authorising one operation inside a route: the decision, its trace in the log record, its limits.
import { decide, explainDecision, type Permit } from '../../core/policy/decide.ts'
import type { Operation } from '../../core/policy/operation.ts'
import { type ObjectKey, parseObjectKey } from '../../core/policy/key.ts'
import type { Signing } from '../../core/sign/requests.ts'
import type { Session } from '../../core/token/session.ts'
import { err, type Result } from '../../core/result.ts'
import type { SignedRequest } from '../../contract/common.ts'
import type { SignedPost } from '../../contract/sign.ts'
import type { Ctx, RequestRecord } from '../env.ts'
import type { Failure } from '../failure.ts'
import { invalid } from '../input.ts'
import { hasByteQuota } from './quota.ts'

/** Decides by the grants and notes bucket, key and grant for the log. */
export function authorise<O extends Operation>(c: Ctx, operation: O): Result<Permit<O>, Failure> {
  const [record, deps, session] = [c.get('record'), c.get('deps'), c.get('session')]
  record.bucket = operation.bucket
  record.key = 'key' in operation ? operation.key : operation.prefix
  const permit = decide(deps.config.policy, session, operation)
  if (!permit.ok) {
    record.grants = explainDecision(deps.config.policy, session, operation).join('; ')
    return err({ kind: 'denied', denial: permit.error })
  }
  record.grant = permit.value.grant.path
  // A URL that makes an object by itself would let its bytes go uncounted.
  if (operation.action === 'write' && hasByteQuota(c)) return err({ kind: 'byte_quota' })
  return permit
}

/** A key from the member of a body that the pointer names. */
export function toKey(text: string, pointer: string): Result<ObjectKey, Failure> {
  const key = parseObjectKey(text)
  return key.ok ? key : err(invalid(pointer, `the key ${key.error}`))
}

/** What a bucket's provider does not do; `what` may go on with what to use instead. */
export function unsupported(what: string): Failure {
  const detail = `The provider of this bucket does not support ${what}.`
  return { kind: 'sign', fault: { reason: 'unsupported', detail } }
}

/** Where there are no versions, naming one would be answered with another. */
export function judgeVersion({ bucket }: Permit, versionId: string | undefined): Failure | null {
  return versionId === undefined || bucket.can.versions ? null : unsupported('versions of objects')
}

/** What signing needs; the bucket's own log may name the caller, or the link that is opened. */
export function toSigning(c: Ctx, { bucket }: Permit): Signing | Promise<Signing> {
  const { signingKeys, clock } = c.get('deps')
  const signing = { keys: signingKeys, nowMs: clock.now() }
  return bucket.namesSubject ? withSubject(c, signing) : signing
}

async function withSubject(c: Ctx, signing: Signing): Promise<Signing> {
  const session: Session | undefined = c.get('session')
  const subject =
    session === undefined
      ? c.get('record').link
      : await c.get('deps').toPseudonym(session.issuer, session.subject)
  return subject === undefined ? signing : { ...signing, subject }
}

/** Notes what was handed out: who got which object when is answered from the log. */
export function noteSigned(record: RequestRecord, signed: SignedRequest | SignedPost): void {
  record.expiresAt = signed.expiresAt
  const signature =
    signed.method === 'POST'
      ? signed.fields['x-amz-signature']?.slice(0, 16)
      : /[?&]X-Amz-Signature=([0-9a-f]{16})/.exec(signed.url)?.[1]
  if (signature !== undefined) record.signature = signature
}
