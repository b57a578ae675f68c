// A file that Uppy sends in one request: a POST policy, or a PUT where the size is known and fits one.
import type { ObjectKey } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { signPostPolicy } from '../../../core/sign/post-policy.ts'
import { MAX_PUT_BYTES } from '../../../core/sign/requests.ts'
import { planUpload } from '../../../core/upload/plan.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { UppySignAnswer } from '../../../contract/uppy.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { authorise, noteSigned } from '../../middleware/permit.ts'
import { hasByteQuota } from '../../middleware/quota.ts'
import { beginUpload } from '../uploads/begin.ts'

export interface Single {
  readonly bucket: string
  readonly key: ObjectKey
  readonly type: string
  readonly size?: number | undefined
  /** `x-amz-meta-…`. */
  readonly metadata: readonly (readonly [string, string])[]
}

interface Signed extends UppySignAnswer {
  readonly key: string
  readonly expiresAt: string
}

const IN_PARTS: Failure = {
  kind: 'sign',
  fault: {
    reason: 'unsupported',
    detail: 'Here files come in parts alone: set shouldUseMultipart: true.',
  },
}

/** A PUT that binds length and type and replaces nothing. */
async function signSmall(c: Ctx, single: Single, size: number): Promise<Result<Signed, Failure>> {
  const begun = await beginUpload(c, { ...single, size, overwrite: false })
  if (!begun.ok) return begun
  const parts = await signWindow(c.var.deps, begun.value, [{ partNumber: 1 }])
  if (!parts.ok) return parts
  const [part] = parts.value
  if (part === undefined) return err({ kind: 'bug' })
  noteSigned(c.var.record, part)
  // Browsers set the length by themselves, and let no script do so.
  const { 'content-length': _, ...headers } = part.headers
  return ok({ url: part.url, key: begun.value.ticket.key, headers, expiresAt: part.expiresAt })
}

export async function signSingle(c: Ctx, single: Single): Promise<Result<Signed, Failure>> {
  const { bucket, key, type, size } = single
  const permit = authorise(c, { action: 'upload', bucket, key, size: size ?? 0, type, options: [] })
  if (!permit.ok) return permit
  const { can, staging } = permit.value.bucket
  // Uppy says nothing after a single upload: nobody could publish it, or settle a byte quota.
  if (staging !== undefined || hasByteQuota(c)) return err(IN_PARTS)
  if (size !== undefined && planUpload(size, false, can).strategy === 'put')
    return signSmall(c, single, size)
  const maxBytes = Math.min(permit.value.grant.maxBytes ?? MAX_PUT_BYTES, MAX_PUT_BYTES)
  if (!can.postPolicy) return err(IN_PARTS)
  const limited = await limitBySubject(c, 'upload', bucket)
  if (limited !== null) return err(limited)
  const form = { minBytes: 0, maxBytes: size ?? maxBytes, type, fields: new Map(single.metadata) }
  const signing = { keys: c.var.deps.signingKeys, nowMs: c.var.deps.clock.now() }
  const signed = await signPostPolicy(permit.value, form, undefined, signing)
  if (!signed.ok) return err({ kind: 'sign', fault: signed.error })
  noteSigned(c.var.record, signed.value)
  const { url, fields, expiresAt } = signed.value
  return ok({ url, key: permit.value.operation.key, fields, expiresAt })
}
