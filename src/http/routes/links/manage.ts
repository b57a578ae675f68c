// /v1/links and /v1/links/{id}: reading, changing and revoking links, one's own or, with the grant `admin`, others'.
import { toBytes } from '../../../core/bytes.ts'
import { linkPatch, type LinksAnswer, linksQuery } from '../../../contract/link.ts'
import { type LinkRecord, storeOf, type StoredLink } from '../../../core/link/record.ts'
import { listGranted } from '../../../core/policy/granted.ts'
import { parseKeyPrefix } from '../../../core/policy/key.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { seal, SEAL_NONCE_BYTES, unseal } from '../../../core/seal.ts'
import type { LinkIndex } from '../../../ports.ts'
import type { Ctx } from '../../env.ts'
import { invalid, MAX_BODY_BYTES, readBody, readQuery } from '../../input.ts'
import type { Failure } from '../../failure.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { authorise } from '../../middleware/permit.ts'
import { refusing } from '../../problem.ts'
import { toLinkAnswer } from './create.ts'
import { refusal } from './find.ts'
import { permitRequest } from './request.ts'
import { permitPlace } from './target.ts'
import { checkTerms, findMisplaced, toEnd, toStoredPassword } from './terms.ts'

const PAGE = 20

/** His own, unless a narrowed token gives them up; or below where he is admin. */
function mayManage(c: Ctx, record: LinkRecord): boolean {
  const { issuer, subject, narrowing } = c.var.session
  const isOwn = record.owner.issuer === issuer && record.owner.subject === subject
  return (
    (isOwn && (narrowing === undefined || permitPlace(c, record).ok)) ||
    permitPlace(c, record, 'admin').ok
  )
}

interface Managed {
  readonly id: string
  readonly link: StoredLink
}

/** The link of the path; one that is not the caller's to manage is not there. */
async function find(c: Ctx): Promise<Result<Managed, Failure>> {
  const id = c.req.param('id') ?? ''
  const stored = storeOf(id) === null ? ok(null) : await c.var.deps.links.read(id)
  if (!stored.ok) return stored
  const link = stored.value
  if (link === null || !mayManage(c, link.record)) return refusal('not_found', 'not his link')
  c.var.record.link = await c.var.deps.toPseudonym('link', id)
  const limited = await limitBySubject(c, 'link', link.record.bucket)
  return limited === null ? ok({ id, link }) : err(limited)
}

export const readLink = refusing(async (c) => {
  const found = await find(c)
  return found.ok ? ok(c.json(toLinkAnswer(c, found.value.id, found.value.link))) : found
})

export const revokeLink = refusing(async (c) => {
  const found = await find(c)
  if (!found.ok) return found
  const revoked = await c.var.deps.links.revoke(found.value.id, found.value.link.record)
  return revoked.ok ? ok(c.body(null, 204)) : revoked
})

export const changeLink = refusing(async (c) => {
  const body = await readBody(c.req.raw, linkPatch, MAX_BODY_BYTES)
  if (!body.ok) return body
  const found = await find(c)
  if (!found.ok) return found
  const { id, link } = found.value
  const { record } = link
  // Changing is sharing again: by whoever changes it, within his grants.
  const target = permitPlace(c, record)
  if (!target.ok) return target
  const misplaced = findMisplaced(record, body.value) ?? permitRequest(c, record)
  if (misplaced !== null) return err(misplaced)
  const { expiresIn, expiresAt, password, frozen, ...terms } = body.value
  const end =
    (expiresIn ?? expiresAt) === undefined
      ? ok(undefined)
      : toEnd(c, { expiresIn, expiresAt }, target.value, record.createdAtSeconds)
  if (!end.ok) return end
  const fault = checkTerms(terms)
  if (fault !== null) return err(fault)
  const stored = password ? await toStoredPassword(c, password) : undefined
  const hash = password === null ? null : stored?.hash
  // What was read may be old: only what the body names is changed, where the newest is known.
  const changed = await c.var.deps.links.change(id, record, {
    terms,
    ...(end.value !== undefined && { expiresAtSeconds: end.value }),
    ...(hash !== undefined && { password: hash }),
    ...(frozen !== undefined && { frozen }),
  })
  if (!changed.ok) return changed
  return changed.value.revoked
    ? refusal('link_gone', 'revoked')
    : ok(c.json(toLinkAnswer(c, id, changed.value, stored?.generated)))
})

type Query = {
  readonly sub?: string | undefined
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
}

/** Where to look: the caller's own, a subject's, or below a prefix where he is admin. */
function toIndex(c: Ctx, { sub, bucket, prefix }: Query): Result<LinkIndex, Failure> {
  const { session } = c.var
  const { issuer, subject } = session
  const { policy } = c.var.deps.config
  if (prefix === undefined) {
    // Even an empty list would tell others how many links somebody has: a cursor comes with it, or does not.
    const isAdmin = listGranted(policy, session).some(({ allow }) => allow.includes('admin'))
    if (sub !== undefined && sub !== subject && !isAdmin)
      return err({ kind: 'denied', denial: { reason: 'no_grant' } })
    return ok({ owner: { issuer, subject: sub ?? subject } })
  }
  const [only, ...more] = policy.buckets.keys()
  const alias = bucket ?? (more.length === 0 ? only : undefined)
  if (sub !== undefined || alias === undefined)
    return err(invalid('/prefix', 'goes with `bucket`, and without `sub`'))
  const parsed = parseKeyPrefix(prefix)
  if (!parsed.ok) return err(invalid('/prefix', `the prefix ${parsed.error}`))
  const permit = authorise(c, { action: 'admin', bucket: alias, prefix: parsed.value })
  return permit.ok ? ok({ bucket: alias, prefix: parsed.value }) : permit
}

export const listLinks = refusing(async (c) => {
  const query = readQuery(c.req.raw, linksQuery)
  if (!query.ok) return query
  const index = toIndex(c, query.value)
  if (!index.ok) return index
  const limited = await limitBySubject(c, 'link', null)
  if (limited !== null) return err(limited)
  const { config, links, random } = c.var.deps
  const { cursor: sealed, limit } = query.value
  const plain =
    sealed === undefined ? undefined : await unseal(config.sealingKeys, 'link-cursor', sealed)
  if (plain === null) return err(invalid('/cursor', 'unknown'))
  const cursor = plain && new TextDecoder().decode(plain)
  const page = { limit: Number(limit ?? PAGE), ...(cursor !== undefined && { cursor }) }
  const listed = await links.list(index.value, page)
  if (!listed.ok) return listed
  const { ids, cursor: next } = listed.value
  const read = await Promise.all(ids.map((id) => links.read(id)))
  const answer: LinksAnswer = { links: [] }
  if (next !== undefined) {
    // The store's own may name the link that it stands at: an id, which opens it, and perhaps somebody else's.
    const text = toBytes(next)
    const nonce = random.bytes(SEAL_NONCE_BYTES)
    answer.cursor = await seal(config.sealingKeys, 'link-cursor', text, nonce)
  }
  for (const [at, link] of read.entries()) {
    if (!link.ok) return link
    if (link.value !== null && mayManage(c, link.value.record))
      answer.links.push(toLinkAnswer(c, ids[at] ?? '', link.value))
  }
  return ok(c.json(answer))
})
