// From a path to the link that it names, stored or minted: its state, its owner's session, what its holder has opened.
import { type Opened, readLinkCookie } from '../../../core/link/cookie.ts'
import { leftOf } from '../../../core/link/places.ts'
import {
  isCounted,
  type LinkState,
  stateOf,
  storeOf,
  toOwnerSession,
} from '../../../core/link/record.ts'
import type { LinkRecord } from '../../../core/link/record.ts'
import { parseLinkToken } from '../../../core/link/token.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { describeTokenFault, type TokenFault } from '../../../core/token/fault.ts'
import type { Session } from '../../../core/token/session.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import type { LinkCode } from '../../link-answers.ts'
import { findRevocation } from '../../middleware/authenticate.ts'

export interface Found {
  /** As it stands in the path. */
  readonly name: string
  /** What counts, cookies and limits know it by. */
  readonly tag: string
  readonly record: LinkRecord
  readonly state: LinkState
  /** A link token: nothing of it is stored, but for counts. */
  readonly isMinted: boolean
  /** Files that may still be sent in. */
  readonly left: number
  readonly opened: Opened
}

export function refusal(code: LinkCode, reason: string): { ok: false; error: Failure } {
  return err({ kind: 'link', code, reason })
}

function ofToken(fault: TokenFault): { ok: false; error: Failure } {
  switch (fault.reason) {
    case 'keys_unavailable':
      return err({ kind: 'links_unavailable' })
    case 'expired':
      return refusal('link_gone', fault.reason)
    case 'not_yet_valid':
      return refusal('link_denied', fault.reason)
    default:
      return refusal('not_found', describeTokenFault(fault))
  }
}

/** What a cookie of the link must hold: of another link it is none, nor once the password is another. */
export function proofOf({ tag, record }: Pick<Found, 'tag' | 'record'>): string {
  return tag + (record.password?.slice(-16) ?? '')
}

type Named = Omit<Found, 'opened' | 'name'> & { readonly session: Session }

async function findMinted(c: Ctx, token: string): Promise<Result<Named, Failure>> {
  const { config, clock, links } = c.var.deps
  const minted = await parseLinkToken(token, config.issuers, config.publicUrl, clock.now())
  if (!minted.ok) return ofToken(minted.error)
  const { tag, record, session } = minted.value
  // What has happened to it is stored where something is counted.
  const stored = isCounted(record.terms) || record.upload ? await links.read(tag, record) : ok(null)
  if (!stored.ok) return stored
  const link = stored.value ?? { record, used: 0, frozen: false, revoked: false }
  const now = clock.now()
  const [state, left] = [stateOf(link, now), leftOf(link, now)]
  return ok({ tag, record, session, state, left, isMinted: true })
}

async function findStored(c: Ctx, id: string): Promise<Result<Named, Failure>> {
  const { links, clock } = c.var.deps
  const stored = storeOf(id) === null ? ok(null) : await links.read(id)
  if (!stored.ok) return stored
  if (stored.value === null) return refusal('not_found', 'unknown')
  const { record } = stored.value
  const session = toOwnerSession(record)
  return ok({
    tag: id,
    record,
    session,
    state: stateOf(stored.value, clock.now()),
    left: leftOf(stored.value, clock.now()),
    isMinted: false,
  })
}

/** The link of a path, in whatever state; from here on the request acts in its owner's name. */
export async function findLink(c: Ctx, name: string): Promise<Result<Found, Failure>> {
  const { config, clock, toPseudonym } = c.var.deps
  const found = await (name.includes('.') ? findMinted(c, name) : findStored(c, name))
  if (!found.ok) return found
  const { session, ...named } = found.value
  const { tag } = named
  c.set('session', session)
  c.var.record.link = await toPseudonym('link', tag)
  // Off-boarding the owner (`cut:`), or revoking a link token by its id, ends it.
  const fault = await findRevocation(c, session)
  if (fault !== null)
    return fault.reason === 'revoked'
      ? refusal('link_gone', 'revoked')
      : err({ kind: 'links_unavailable' })
  const cookies = c.req.header('Cookie') ?? ''
  const nowSeconds = clock.now() / 1000
  const opened = await readLinkCookie(config.sealingKeys, cookies, tag, proofOf(named), nowSeconds)
  return ok({ ...named, name, opened })
}
