// Opens the upload that a path names: its ticket, if it is this caller's, and his permit to go on.
import { err, ok, type Result } from '../../../core/result.ts'
import { openTicket } from '../../../core/upload/ticket.ts'
import type { Upload } from '../../../core/upload/upload.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { authorise, toKey } from '../../middleware/permit.ts'
import { holderOf, limitUpload } from './holder.ts'

/** How a route finds the upload that its path names. */
export type Resume = (c: Ctx) => Promise<Result<Upload, Failure>>

/** The upload of this id, authorised as when it was opened. To look at it or to drop it no size need be granted. */
export async function findUpload(
  c: Ctx,
  id: string,
  isGoingOn = true,
): Promise<Result<Upload, Failure>> {
  const { config, clock } = c.var.deps
  const holder = holderOf(c)
  const ticket = await openTicket(config.sealingKeys, id)
  if (ticket === null)
    return err({ kind: 'unknown_upload', reason: 'not a ticket of this gateway' })
  // A ticket is no bearer credential: whoever finds one in a log can do nothing with it.
  if (ticket.issuer !== holder.issuer || ticket.subject !== holder.subject) {
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
    size: isGoingOn ? (size ?? 0) : 0,
    type,
    options: overwrite ? ['overwrite'] : [],
  })
  if (!permit.ok) return permit
  const isOpen = clock.now() < ticket.resumableUntilSeconds * 1000
  return ok({ ticket, permit: permit.value, isOpen })
}

/** The upload of `/v1/uploads/{id}`, found and counted. */
export async function resume(
  c: Ctx,
  id = c.req.param('id') ?? '',
  isGoingOn = true,
): Promise<Result<Upload, Failure>> {
  const upload = await findUpload(c, id, isGoingOn)
  if (!upload.ok) return upload
  const limited = await limitUpload(c, upload.value.ticket.bucket)
  return limited === null ? upload : err(limited)
}
