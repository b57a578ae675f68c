// POST /v1/links: a link to what its maker may share, under conditions.
import { linkBody, type LinkAnswer } from '../../../contract/link.ts'
import {
  isExact,
  keepClaims,
  type LinkRecord,
  stateOf,
  type StoredLink,
  toLinkId,
} from '../../../core/link/record.ts'
import { newTally } from '../../../core/link/tally.ts'
import { err, ok } from '../../../core/result.ts'
import { toTimestamp } from '../../../core/sign/requests.ts'
import type { Ctx } from '../../env.ts'
import { invalid, MAX_BODY_BYTES, readBody } from '../../input.ts'
import { limitBySubject } from '../../middleware/limit.ts'
import { refusing } from '../../problem.ts'
import { permitRequest } from './request.ts'
import { permitPlace } from './target.ts'
import { checkTerms, findMisplaced, toEnd, toStoredPassword } from './terms.ts'

/** A link as its owner sees it. */
export function toLinkAnswer(c: Ctx, id: string, link: StoredLink, password?: string): LinkAnswer {
  const { record } = link
  const [key, ...more] = record.keys ?? []
  return {
    ...record.terms,
    id,
    url: `${c.var.deps.config.publicUrl}/l/${id}`,
    bucket: record.bucket,
    ...(record.prefix !== undefined
      ? { prefix: record.prefix }
      : more.length > 0
        ? { keys: [...(record.keys ?? [])] }
        : { key }),
    state: stateOf(link, c.var.deps.clock.now()),
    createdAt: toTimestamp(record.createdAtSeconds),
    expiresAt: toTimestamp(record.expiresAtSeconds),
    ...(record.upload !== undefined && { upload: record.upload, uploaded: link.used }),
    used: record.upload === undefined ? link.used : 0,
    hasPassword: record.password !== undefined,
    ...(password !== undefined && { password }),
  }
}

export const createLink = refusing(async (c) => {
  const body = await readBody(c.req.raw, linkBody, MAX_BODY_BYTES)
  if (!body.ok) return body
  const { bucket, key, keys, prefix, upload, expiresIn, expiresAt, password, ...terms } = body.value
  if ([key, keys, prefix].filter((one) => one !== undefined).length !== 1)
    return err(invalid('', 'expected exactly one of `key`, `keys` and `prefix`'))
  const folder = prefix?.replace(/\/\*$/, '/')
  const target = permitPlace(c, {
    bucket,
    keys: keys ?? [key ?? ''],
    ...(folder !== undefined && { prefix: folder }),
  })
  if (!target.ok) return target
  const request = { bucket, prefix: target.value.prefix, ...(upload !== undefined && { upload }) }
  const misplaced = findMisplaced(request, terms) ?? permitRequest(c, request)
  if (misplaced !== null) return err(misplaced)
  const { clock, config, links, random } = c.var.deps
  const createdAtSeconds = Math.floor(clock.now() / 1000)
  const end = toEnd(c, { expiresIn, expiresAt }, target.value, createdAtSeconds)
  if (!end.ok) return end
  const fault = checkTerms(terms) ?? (await limitBySubject(c, 'link', bucket))
  if (fault !== null) return err(fault)
  const stored = password === undefined ? undefined : await toStoredPassword(c, password)
  const { issuer, subject, issuedAtSeconds } = c.var.session
  const record: LinkRecord = {
    owner: {
      issuer,
      subject,
      ...(issuedAtSeconds !== undefined && { issuedAtSeconds }),
      claims: keepClaims(c.var.session, config.policy.grants.all),
    },
    createdAtSeconds,
    expiresAtSeconds: end.value,
    bucket,
    ...(target.value.prefix === undefined
      ? { keys: target.value.permits.map(({ operation }) => operation.key) }
      : { prefix: target.value.prefix }),
    ...(upload !== undefined && { upload }),
    terms,
    ...(stored !== undefined && { password: stored.hash }),
  }
  const id = toLinkId(random.bytes(16), isExact(record))
  const made = await links.create(id, record)
  if (!made.ok) return made
  const answer = toLinkAnswer(c, id, newTally(record), stored?.generated)
  return ok(c.json(answer, 201, { Location: `${config.publicUrl}/v1/links/${id}` }))
})
