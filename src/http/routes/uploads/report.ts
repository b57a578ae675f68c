// What a completed upload leaves behind: a receipt for the caller, an event for the application.
import type { CompleteAnswer } from '../../../contract/upload.ts'
import { toReceipt } from '../../../core/identity/receipt.ts'
import type { Ctx } from '../../env.ts'
import { holderOf } from './holder.ts'

/** The answer with its receipt; `nonce` is the upload's, so that a repeated completion is the same event. */
export async function reportCompleted(
  c: Ctx,
  completed: CompleteAnswer,
  nonce: string,
): Promise<CompleteAnswer> {
  const { config, clock, webhooks } = c.var.deps
  const { issuer, subject } = c.var.session
  const { via } = c.var
  // As much of a link's id as finds it and does not open it; the receipt may go from hand to hand, too.
  const link = via?.tag.slice(0, 8)
  const caller =
    link === undefined ? { issuer, subject } : { issuer: holderOf(c).issuer, subject: link }
  const atMs = clock.now()
  const receipt = await toReceipt(
    config.identityKeys,
    { issuer: config.publicUrl, caller, ...completed },
    atMs,
  )
  const isQueued = await webhooks.send({
    id: `upload_${nonce}`,
    type: 'upload.completed',
    atMs,
    data: {
      ...completed,
      iss: issuer,
      sub: subject,
      ...(link !== undefined && { link, label: via?.record.terms.label }),
    },
  })
  // The upload is complete all the same; completing it again reports it again.
  if (!isQueued) c.var.record.reason = 'webhook not queued'
  return { ...completed, ...(receipt !== undefined && { receipt }) }
}
