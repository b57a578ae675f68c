// Scenarios of links: opened, counted at once by many, with a password, streamed, revoked.
import type { LinkAnswer, LinksAnswer } from '../../../../src/contract/link.ts'
import type { SignedRequest } from '../../../../src/contract/common.ts'
import type { Reply } from '../../fuzz/call.ts'
import { json, sendSigned, type Stage } from '../stage.ts'
import { KV, STORE } from './uploads.ts'

const GONE = { status: 410, code: 'link_gone', needs: KV } as const
const DENIED = { status: 403, code: 'link_denied', needs: KV } as const
const OPEN = { status: 302, needs: KV } as const
/** Anybody: no credential but the link. */
const ANYBODY = { token: null } as const

async function make(
  stage: Stage,
  terms: object,
): Promise<LinkAnswer & { readonly content: string }> {
  const key = `users/${stage.subject}/linked.txt`
  const content = stage.text()
  await stage.owner.write(key, content)
  const body = { bucket: 'media', key, expiresIn: 600, ...terms }
  const made = await stage.ask('POST', '/v1/links', { status: 201, needs: KV }, { body })
  return { ...json<LinkAnswer>(made), content }
}

const read = (stage: Stage, id: string, want: Partial<LinkAnswer>) =>
  stage.ask('GET', `/v1/links/${id}`, {
    status: 200,
    needs: KV,
    judge(reply: Reply): string | null {
      const link: object = json(reply)
      const isRight = Object.entries(want).every(
        ([name, value]) => Reflect.get(link, name) === value,
      )
      return isRight ? null : `not ${JSON.stringify(want)}`
    },
  })

async function follow(stage: Stage, { headers }: Reply, content: string): Promise<void> {
  const url = headers.get('Location') ?? ''
  const request: SignedRequest = { method: 'GET', url, headers: {}, expiresAt: '' }
  const { status, body } = await sendSigned(stage.verify(request))
  stage.expect(status === 200 && body.toString() === content, `behind a link: ${status}`)
}

/** Once it is said to be revoked it opens for nobody. */
async function revoke(stage: Stage, id: string): Promise<void> {
  await stage.ask('DELETE', `/v1/links/${id}`, { status: 204, needs: KV })
  await stage.ask('GET', `/l/${id}`, GONE, ANYBODY)
  await stage.ask('HEAD', `/l/${id}`, GONE, ANYBODY)
  await read(stage, id, { state: 'revoked' })
  await stage.owner.remove(`users/${stage.subject}/linked.txt`)
}

export async function plainLink(stage: Stage): Promise<void> {
  const { id, content } = await make(stage, stage.chance.once(3) ? { strict: true } : {})
  await follow(stage, await stage.ask('GET', `/l/${id}`, OPEN, ANYBODY), content)
  await stage.ask('HEAD', `/l/${id}`, OPEN, ANYBODY)
  const listed = await stage.ask('GET', '/v1/links', { status: 200, needs: KV })
  const ids = json<LinksAnswer>(listed).links.map((link) => link.id)
  stage.expect(ids.includes(id), 'a link that is not in its owner’s list')
  const unknown = { status: 404, code: 'not_found', needs: KV }
  const token = await stage.mintFor(`${stage.subject}-other`)
  await stage.ask('GET', `/v1/links/${id}`, unknown, { token })
  await stage.ask('DELETE', `/v1/links/${id}`, unknown, { token })
  await stage.ask('GET', `/l/${id.startsWith('A') ? 'B' : 'A'}${id.slice(1)}`, unknown, ANYBODY)
  await follow(stage, await stage.ask('GET', `/l/${id}`, OPEN, ANYBODY), content)
  await revoke(stage, id)
}

/** Opened by more than it allows, all at once: so many get it, nobody else. */
export async function countedLink(stage: Stage): Promise<void> {
  const { chance, ledger, side } = stage
  const maxDownloads = 1 + chance.below(4)
  const { id, content } = await make(stage, { maxDownloads })
  const fromMs = Date.now()
  let [opened, cut] = [0, 0]
  const open = async (): Promise<boolean> => {
    const want = { status: [302, 410], needs: KV }
    const outcome = await stage.once('GET', `/l/${id}`, want, ANYBODY)
    if (outcome.kind === 'wrong') stage.expect(false, 'a counted link')
    if (outcome.kind === 'excused' && outcome.status === 0) cut += 1
    if (outcome.kind !== 'answer') return true
    if (outcome.reply.status !== 302) return false
    opened += 1
    await follow(stage, outcome.reply, content)
    return true
  }
  await Promise.all(Array.from({ length: maxDownloads + 3 }, open))
  for (let more = 0; more < 60 && (await open()); more += 1) await stage.pause(600)
  // One whose answer was cut may have been counted: at most once, not exactly once.
  const isRight = opened <= maxDownloads && opened >= maxDownloads - (side === 'b' ? cut : 0)
  stage.expect(isRight, `a link of ${maxDownloads} was opened ${opened} times, ${cut} cut`)
  await stage.ask('GET', `/l/${id}`, GONE, ANYBODY)
  await read(stage, id, { state: 'spent', used: maxDownloads })
  if (ledger.kills(fromMs, Date.now()) > 0 && side === 'b')
    ledger.count('counted links with a kill')
  await revoke(stage, id)
}

export async function passwordLink(stage: Stage): Promise<void> {
  const { id, content } = await make(stage, { password: 'open sesame' })
  await stage.ask('GET', `/l/${id}`, DENIED, ANYBODY)
  const wrong = { 'Postern-Password': 'open sesam' }
  await stage.ask('GET', `/l/${id}`, DENIED, { ...ANYBODY, headers: wrong })
  const right = { 'Postern-Password': 'open sesame' }
  const answer = await stage.ask('GET', `/l/${id}`, OPEN, { ...ANYBODY, headers: right })
  await follow(stage, answer, content)
  await revoke(stage, id)
}

export async function streamedLink(stage: Stage): Promise<void> {
  const { id, content } = await make(stage, { delivery: 'stream' })
  const whole = {
    status: 200,
    needs: STORE,
    judge: ({ body }: Reply): string | null => (body.toString() === content ? null : 'other bytes'),
  }
  await stage.ask('GET', `/l/${id}`, whole, ANYBODY)
  const first = {
    status: 206,
    needs: STORE,
    judge: ({ body }: Reply): string | null =>
      body.toString() === content.slice(0, 4) ? null : 'other bytes',
  }
  await stage.ask('GET', `/l/${id}`, first, { ...ANYBODY, headers: { Range: 'bytes=0-3' } })
  await revoke(stage, id)
}
