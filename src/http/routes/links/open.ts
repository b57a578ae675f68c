// GET, HEAD and POST of /l/{id}: what stands between a visitor and the object, in order, and then the object.
import { judgeConditions } from '../../../core/link/conditions.ts'
import { ALL_FILES, PASSWORD_ONLY, SPENT_SECONDS } from '../../../core/link/cookie.ts'
import { isPassword } from '../../../core/link/password.ts'
import { isCounted, type LinkState } from '../../../core/link/record.ts'
import { isLook } from '../../../core/link/visit.ts'
import { parseAddress, toNetwork } from '../../../core/link/address.ts'
import { err, ok, type Result } from '../../../core/result.ts'
import type { Ctx } from '../../env.ts'
import type { Failure } from '../../failure.ts'
import { readForm } from '../../input.ts'
import { refusing } from '../../problem.ts'
import { limitByLink } from '../../middleware/limit.ts'
import { deliver, setCookie } from './deliver.ts'
import { type Found, findLink, refusal } from './find.ts'
import { showFiles } from './files.ts'
import { isBrowser, page, turnAway } from './page.ts'
import { answerRequest } from './request.ts'
import { chosenKey, nameOf, permitTarget, type Target } from './target.ts'

/** A day; what it opens is judged again at every request. */
const SESSION_SECONDS = 86_400
const ONCE = 1

function refuseState(state: LinkState): { ok: false; error: Failure } {
  return refusal(state === 'frozen' || state === 'not_yet' ? 'link_denied' : 'link_gone', state)
}

/** State and conditions; a holder of the cookie goes on with a link that is used up. */
export function judgeVisit(c: Ctx, found: Found): Result<null, Failure> {
  const { state, record, opened } = found
  if (state !== 'active' && (state !== 'spent' || opened.length === 0)) return refuseState(state)
  const country = c.req.raw.cf?.['country']
  const failed = judgeConditions(record.terms, {
    address: c.req.header('CF-Connecting-IP'),
    country: typeof country === 'string' ? country : undefined,
    userAgent: c.req.header('User-Agent'),
    referrer: c.req.header('Referer'),
    isFromUs: c.req.header('Sec-Fetch-Site') === 'same-origin',
  })
  return failed === null ? ok(null) : refusal('link_denied', failed)
}

/** Whether the password is right; undefined when none was given. */
export async function provePassword(
  c: Ctx,
  { tag, record, opened }: Found,
  hasForm = c.req.method === 'POST',
): Promise<Result<boolean | undefined, Failure>> {
  if (record.password === undefined || opened.length > 0) return ok(true)
  const form = hasForm ? await readForm(c.req.raw) : null
  const given = c.req.header('Postern-Password') ?? form?.get('password')
  if (given === undefined || given === null) return ok(undefined)
  const { links, config } = c.var.deps
  const waitS = await links.attempt(tag)
  if (!waitS.ok) return waitS
  if (waitS.value > 0)
    return err({ kind: 'limited', retryAfterSeconds: waitS.value, policies: ['password'] })
  if (!(await isPassword(config.sealingKeys, given.slice(0, 256), record.password)))
    return ok(false)
  await links.forgive(tag)
  return ok(true)
}

/** The owner's application hears of it, with as much of the id as finds the link and does not open it. */
async function tellFrozen(c: Ctx, tag: string, { owner, terms }: Found['record']): Promise<void> {
  const { webhooks, clock, toPseudonym } = c.var.deps
  const atMs = clock.now()
  const { issuer, subject: sub } = owner
  const data = { issuer, sub, link: tag.slice(0, 8), label: terms.label }
  await webhooks.send({
    id: await toPseudonym('frozen', tag, String(atMs)),
    type: 'link.frozen',
    atMs,
    data,
  })
}

/** Counts one opening, unless it repeats one; a link that a tripwire freezes is told to its owner. */
export async function spend(
  c: Ctx,
  { tag, record, isMinted }: Found,
  isRepeat = false,
): Promise<Failure | null> {
  const address = parseAddress(c.req.header('CF-Connecting-IP') ?? '')
  const network = address === null ? null : toNetwork(address)
  const taken = await c.var.deps.links.take(tag, network, isRepeat, isMinted ? record : undefined)
  if (!taken.ok) return taken.error
  const { state, isFresh } = taken.value
  if (isFresh) await tellFrozen(c, tag, record)
  return state === 'active' ? null : refuseState(state).error
}

/** Everything that was to be judged has been: what is left is whether this visit spends, and the object. */
async function go(
  c: Ctx,
  found: Found,
  target: Target,
  isSession: boolean,
): Promise<Result<Response, Failure>> {
  const { record, opened, tag } = found
  const { maxDownloads, tripwire, label = '' } = record.terms
  const { method } = c.req
  const chosen = isSession ? ok(undefined) : chosenKey(c, found, target)
  if (!chosen.ok) return chosen
  const file = isSession ? ALL_FILES : chosen.value?.file
  const isOpened = opened.some(([name]) => name === file || name === ALL_FILES)
  if (found.state === 'spent' && !isOpened) return refusal('link_gone', 'spent')
  const isOpening = isCounted(record.terms) && file !== undefined && method !== 'HEAD'
  const isSpending = isOpening && !isOpened
  if (isSpending) {
    // Who only looks, and the browser that would let a scanner press nothing, get a button to press.
    const isLooking = isLook(method, (name) => c.req.header(name))
    if (isLooking && !isBrowser(c)) return refusal('link_denied', 'a look')
    if (isLooking || (maxDownloads === ONCE && method === 'GET' && isBrowser(c)))
      return ok(await page(c, 'once', 200, { name: nameOf(found, chosen.value), label }))
  }
  const limited = await limitByLink(c, tag, record.bucket)
  if (limited !== null) return err(limited)
  const isProof = record.password !== undefined && opened.length === 0
  const spent = isSpending && maxDownloads !== undefined ? file : undefined
  const cookie = (isSession ? file : spent) ?? (isProof ? PASSWORD_ONLY : undefined)
  const headers = new Headers()
  // A session is begun once for what was spent, and never lengthens itself; of a single file it is no more than a download.
  if (cookie !== undefined && !(isSession && isOpened)) {
    const isWide = target.prefix !== undefined || target.permits.length > 1
    const life = isSession && isWide ? SESSION_SECONDS : SPENT_SECONDS
    headers.set('Set-Cookie', await setCookie(c, found, cookie, life))
  }
  const answer =
    chosen.value === undefined
      ? await showFiles(c, found, target, headers, isSession)
      : await deliver(c, found, chosen.value.permit, headers)
  const isNoted = isSpending || (isOpening && tripwire !== undefined)
  if (!answer.ok || !isNoted) return answer
  // The last step before the first byte: what cannot be delivered costs nothing, and nothing has to be given back.
  const failure = await spend(c, found, isOpened)
  if (failure === null) return answer
  await answer.value.body?.cancel()
  return err(failure)
}

const open = (isSession: boolean) =>
  refusing(async (c) => {
    // As it was sent: a name that is written in another way is another name.
    const found = await findLink(c, c.req.path.split('/')[2] ?? '')
    if (!found.ok) return found
    const target = permitTarget(c, found.value)
    const fault = judgeVisit(c, found.value)
    if (!fault.ok) return fault
    if (!target.ok) return target
    const proof = await provePassword(c, found.value)
    if (!proof.ok) return proof
    if (proof.value === true)
      return found.value.record.upload === undefined
        ? go(c, found.value, target.value, isSession)
        : answerRequest(c, found.value, isSession)
    const { label = '' } = found.value.record.terms
    if (!isBrowser(c) || c.req.method === 'HEAD') return refusal('link_denied', 'password')
    const isWrong = proof.value === false
    return ok(await page(c, 'password', isWrong ? 403 : 200, { label, wrong: isWrong ? ' ' : '' }))
  }, turnAway)

/** Nothing of a link is for search engines. */
export const hidden = (handle: (c: Ctx) => Promise<Response>) => async (c: Ctx) => {
  const answer = await handle(c)
  answer.headers.set('X-Robots-Tag', 'noindex, nofollow')
  return answer
}

export const openLink = hidden(open(false))
export const beginLinkSession = hidden(open(true))
