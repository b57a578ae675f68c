// A file that Uppy sends in one request: a POST policy, or a PUT where the size is known and fits one.
import type { ObjectKey } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { signPostPolicy } from '../../../core/sign/post-policy.ts'
import { MAX_PUT_BYTES, signPut } from '../../../core/sign/requests.ts'
import { planUpload } from '../../../core/upload/plan.ts'
import { NONCE_HEADER } from '../../../core/upload/ticket.ts'
import { signWindow } from '../../../core/upload/window.ts'
import type { Begun } from '../uploads/begin.ts'
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

/**
 * The PUT of an empty file, which may be sent again after a lost answer: Uppy would take a 412 for a failure, and begin
 * another object. As with a form the key is of chance, and nothing but an empty object can be written to it.
 */
async function signEmpty(c: Ctx, { ticket, permit }: Begun) {
  const headers = new Map([[NONCE_HEADER, ticket.nonce], ...Object.entries(ticket.headers ?? {})])
  const signing = { keys: c.var.deps.signingKeys, nowMs: c.var.deps.clock.now() }
  const signed = await signPut(permit, headers, undefined, signing)
  return signed.ok ? signed : err<Failure>({ kind: 'sign', fault: signed.error })
}

/** The PUT of a small file, which replaces nothing. */
async function signOnly(c: Ctx, begun: Begun) {
  const parts = await signWindow(c.var.deps, begun, [{ partNumber: 1 }])
  if (!parts.ok) return parts
  const [part] = parts.value
  return part === undefined ? err<Failure>({ kind: 'bug' }) : ok(part)
}

/** A PUT that binds length and type. */
async function signSmall(c: Ctx, single: Single, size: number): Promise<Result<Signed, Failure>> {
  const begun = await beginUpload(c, { ...single, size, overwrite: false })
  if (!begun.ok) return begun
  const signed = await (size === 0 ? signEmpty(c, begun.value) : signOnly(c, begun.value))
  if (!signed.ok) return signed
  noteSigned(c.var.record, signed.value)
  // Browsers set the length by themselves, and let no script do so.
  const { 'content-length': _, ...headers } = signed.value.headers
  const { url, expiresAt } = signed.value
  return ok({ url, key: begun.value.ticket.key, headers, expiresAt })
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
