// Who holds an upload, by its ticket and its limits: the caller, or whoever has the link by which it comes.
import type { Session } from '../../../core/token/session.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { limitByLink, limitBySubject } from '../../middleware/limit.ts'

/** A link is nobody's subject: no session has the audience of link tokens for an issuer. */
export function holderOf(c: Ctx): Pick<Session, 'issuer' | 'subject'> {
  const { via, session, deps } = c.var
  if (via !== undefined) return { issuer: `${deps.config.publicUrl}/l`, subject: via.tag }
  return { issuer: session.issuer, subject: session.subject }
}

export function limitUpload(c: Ctx, bucket: string): Promise<Failure | null> {
  const { via } = c.var
  return via === undefined
    ? limitBySubject(c, 'upload', bucket)
    : limitByLink(c, via.tag, bucket, 'upload')
}
