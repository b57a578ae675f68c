// Opens the upload that a path names: its ticket, if it is this caller's, and his permit to go on.
import type { Permit } from '../../../core/policy/decide.ts'
import type { Operation } from '../../../core/policy/operation.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { openTicket, type Ticket } from '../../../core/upload/ticket.ts'
import type { StoredObject } from '../../../ports.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { authorise, toKey } from '../../middleware/permit.ts'

export type UploadPermit = Permit<Extract<Operation, { action: 'upload' }>>

export interface Upload {
  readonly ticket: Ticket
  readonly permit: UploadPermit
  /** False once the time to resume is over: nothing more is signed or put together. */
  readonly isOpen: boolean
}

/** The upload of `/v1/uploads/{id}`, authorised as when it was opened, and counted. */
export async function resume(c: Ctx): Promise<Result<Upload, Failure>> {
  const { config, clock } = c.var.deps
  const { session } = c.var
  const ticket = await openTicket(config.sealingKeys, c.req.param('id') ?? '')
  if (ticket === null)
    return err({ kind: 'unknown_upload', reason: 'not a ticket of this gateway' })
  // A ticket is no bearer credential: whoever finds one in a log can do nothing with it.
  if (ticket.issuer !== session.issuer || ticket.subject !== session.subject) {
    return err({ kind: 'unknown_upload', reason: 'ticket of another subject' })
  }
  const key = toKey(ticket.key, '/id')
  if (!key.ok) return key
  const { bucket, size, type, overwrite } = ticket
  // Grants may have changed since: what is no longer allowed cannot be finished either.
  const permit = authorise(c, {
    action: 'upload',
    bucket,
    key: key.value,
    size,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return permit
  const limited = await limitBySubject(c, 'upload', bucket)
  if (limited !== null) return err(limited)
  const isOpen = clock.now() < ticket.resumableUntilSeconds * 1000
  return ok({ ticket, permit: permit.value, isOpen })
}

/** The object under the key. S3 answers 403 for what is missing where its key may not list: null as well. */
export async function look(
  c: Ctx,
  permit: UploadPermit,
): Promise<Result<StoredObject | null, Failure>> {
  const stored = await c.var.deps.store.head(permit)
  if (stored.ok) return stored
  const isHidden = stored.error.reason === 'status' && stored.error.status === 403
  return isHidden ? ok(null) : err({ kind: 'store', fault: stored.error })
}
