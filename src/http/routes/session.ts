// GET /v1/session: who the caller is, what the grants let him do, and what his limits still allow.
import type { SessionAnswer } from '../../contract/session.ts'
import { listGranted } from '../../core/policy/granted.ts'
import { toTimestamp } from '../../core/sign/requests.ts'
import type { Ctx } from '../env.ts'
import { peekLimits } from '../middleware/limit.ts'

export async function readSession(c: Ctx): Promise<Response> {
  const { session, deps } = c.var
  const answer: SessionAnswer = {
    sub: session.subject,
    expiresAt: toTimestamp(Math.floor(session.expiresAtSeconds)),
    grants: listGranted(deps.config.policy, session),
    limits: await peekLimits(c),
  }
  return c.json(answer)
}
