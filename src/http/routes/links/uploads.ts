// /l/{id}/uploads: the upload handshake for whoever has a link that asks for files, by the same steps as /v1/uploads.
import { linkUploadBody } from '../../../contract/upload.ts'
import { toBase64Url } from '../../../core/base64url.ts'
import { isTypeMatching } from '../../../core/policy/judge.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import { dropUpload } from '../../../core/upload/drop.ts'
import { toSafeName } from '../../../core/upload/name.ts'
import type { UploadTerms } from '../../../contract/link.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { MAX_BODY_BYTES, readBody } from '../../input.ts'
import { chargeAddress } from '../../middleware/limit.ts'
import { toKey } from '../../middleware/permit.ts'
import { toTools } from '../../middleware/quota.ts'
import { refuse, refusing } from '../../problem.ts'
import { abortBy } from '../uploads/abort.ts'
import { completeBy } from '../uploads/complete.ts'
import { beginUpload } from '../uploads/begin.ts'
import { toMetadata, toPlan, toRepeat } from '../uploads/create.ts'
import { signPartsBy } from '../uploads/parts.ts'
import { readBy } from '../uploads/read.ts'
import { type Resume, resume } from '../uploads/resume.ts'
import { type Found, findLink, refusal } from './find.ts'
import { hidden, judgeVisit, openLink, provePassword } from './open.ts'
import { permitTarget } from './target.ts'

/** An upload by a link keeps its place for so long; what is not complete then is dropped. */
const RESUMABLE_SECONDS = 86_400

type Entered = Found & { readonly upload: UploadTerms }

const nameIn = (c: Ctx): string => c.req.path.split('/')[2] ?? ''

/** The link of the path, judged as at every opening; from here on the request uploads for it. */
async function enterLink(c: Ctx, isDropping: boolean): Promise<Result<Entered, Failure>> {
  const found = await findLink(c, nameIn(c))
  if (!found.ok) return found
  const { tag, record, state, isMinted } = found.value
  const { upload } = record
  if (upload === undefined) return refusal('not_found', 'takes no uploads')
  c.set('via', { tag, record, isMinted, isDropping })
  const target = permitTarget(c, found.value)
  // With its last file there, what was sent can still be asked for and answered again.
  const fault = judgeVisit(c, { ...found.value, state: state === 'spent' ? 'active' : state })
  if (!fault.ok) return fault
  if (!target.ok) return target
  const proof = await provePassword(c, found.value, false)
  if (!proof.ok) return proof
  return proof.value === true ? ok({ ...found.value, upload }) : refusal('link_denied', 'password')
}

const resumeBy =
  (isGoingOn: boolean, isDropping = false): Resume =>
  async (c) => {
    const entered = await enterLink(c, isDropping)
    const id = c.req.param('upload') ?? ''
    if (entered.ok) return resume(c, id, isGoingOn)
    const { error } = entered
    const { via } = c.var
    if (via === undefined || error.kind !== 'link' || error.code !== 'link_gone') return entered
    // The link has ended for good: nothing stays of what was under way. Should that fail, housekeeping does it.
    c.set('via', { ...via, isDropping: true })
    const upload = await resume(c, id, false)
    if (upload.ok) await dropUpload(toTools(c), upload.value)
    return entered
  }

export const createLinkUpload = hidden(
  refusing(async (c) => {
    const entered = await enterLink(c, false)
    if (!entered.ok) return entered
    const { name, tag, record, state, upload } = entered.value
    if (state === 'spent') return refusal('link_gone', state)
    const body = await readBody(c.req.raw, linkUploadBody, MAX_BODY_BYTES)
    if (!body.ok) return body
    const { filename, size, type, checksum } = body.value
    const { maxBytes, types } = upload
    if (size > maxBytes)
      return err({ kind: 'denied', denial: { reason: 'over_max_bytes', grant: 'link', maxBytes } })
    if (!types.some((pattern) => isTypeMatching(type, pattern)))
      return err({ kind: 'denied', denial: { reason: 'type_not_granted', grant: 'link' } })
    const repeat = toRepeat(c, body.value)
    if (!repeat.ok) return repeat
    const { config, random, toPseudonym } = c.var.deps
    // A folder of its own that nobody can guess, so that names never meet; the same one for a repeated request.
    const folder =
      repeat.value === undefined
        ? toBase64Url(random.bytes(16))
        : await toPseudonym('upload', tag, repeat.value.key)
    const key = toKey(`${record.prefix ?? ''}${folder}/${toSafeName(filename)}`, '/filename')
    if (!key.ok) return key
    const begun = await beginUpload(c, {
      bucket: record.bucket,
      key: key.value,
      size,
      type,
      overwrite: false,
      // The URL of a single PUT would make an object whatever becomes of the link meanwhile.
      inParts: true,
      resumableSeconds: RESUMABLE_SECONDS,
      ...(checksum !== undefined && { checksum }),
      metadata: toMetadata(body.value),
      repeat: repeat.value,
    })
    if (!begun.ok) return begun
    const plan = await toPlan(c, { size }, begun.value)
    if (!plan.ok) return plan
    const Location = `${config.publicUrl}/l/${name}/uploads/${plan.value.id}`
    return ok(c.json(plan.value, 201, { Location }))
  }),
)

export const signLinkParts = hidden(signPartsBy(resumeBy(true)))
export const completeLinkUpload = hidden(completeBy(resumeBy(true)))
export const abortLinkUpload = hidden(abortBy(resumeBy(false, true)))

const readByLink = hidden(readBy(resumeBy(false)))
/** Below the prefix of a link that opens objects, `uploads/…` is an object like any other. */
export async function readLinkUpload(c: Ctx): Promise<Response> {
  const found = await findLink(c, nameIn(c))
  if (found.ok && found.value.record.upload !== undefined) return readByLink(c)
  const failure = await chargeAddress(c, 'open')
  return failure === null ? openLink(c) : refuse(c, failure)
}
