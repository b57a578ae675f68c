// What nobody does with a link that asks for uploads: more or other than it says, with others' tickets, or past its end.
import { env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/adapters/clock.ts'
import { createLinks as createLinkStore } from '../../src/adapters/links.ts'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { parseLinkToken } from '../../src/core/link/token.ts'
import { createSealingKey, parsePosternKey, SEAL_NONCE_BYTES } from '../../src/core/seal.ts'
import { toCutName, toCutRecord } from '../../src/core/token/revocation.ts'
import { platform } from '../../src/deps.ts'
import { sealTicket } from '../../src/core/upload/ticket.ts'
import { BROWSER, cookieOf, createLinks, LINK_SETTINGS, mintLink } from '../support/links.ts'
import { BASE, createGateway, ISSUER, type Problem, SETTINGS, tokenOf } from '../support/worker.ts'

const UPLOAD = { maxBytes: 1000, types: ['image/*'], maxFiles: 2 }
const REQUEST = { prefix: 'users/alice/in/', upload: UPLOAD }
const { call, make, open, request, log } = createLinks()
const sealingKey = await createSealingKey(parsePosternKey(SETTINGS.POSTERN_KEY) ?? new Uint8Array())

/** A ticket as the gateway seals it for a link, or for whoever is named. */
function ticketOf(
  subject: string,
  { issuer = `${BASE}/l`, ...more }: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return sealTicket(
    [sealingKey],
    {
      issuer: String(issuer),
      subject,
      bucket: 'media',
      key: 'users/alice/in/AAAA/a.png',
      size: 5,
      type: 'image/png',
      overwrite: false,
      multipart: { uploadId: 'upload', partSize: 8 * 2 ** 20 },
      nonce: crypto.randomUUID(),
      createdAtSeconds: now,
      resumableUntilSeconds: now + 600,
      ...more,
    },
    crypto.getRandomValues(new Uint8Array(SEAL_NONCE_BYTES)),
  )
}

const FILE = { filename: 'a.png', size: 5, type: 'image/png' }
/** How the gateway counts a minted link. */
async function mintedOf(token: string) {
  const deps = await platform.depsOf({ ...env, ...SETTINGS })
  if (!deps.ok) throw new Error('misconfigured')
  const minted = await parseLinkToken(token, deps.value.config.issuers, BASE, Date.now())
  if (!minted.ok) throw new Error('no link token')
  return minted.value
}

const parts = { parts: [{ partNumber: 1 }] }
/** The five calls of the handshake. */
const callsOf = (id: string, ticket: string): [string, string, object?][] => [
  ['POST', `${id}/uploads`, FILE],
  ['POST', `${id}/uploads/${ticket}/parts`, parts],
  ['GET', `${id}/uploads/${ticket}`],
  ['POST', `${id}/uploads/${ticket}/complete`, {}],
  ['DELETE', `${id}/uploads/${ticket}`],
]
const send = (
  [method, path, body]: [string, string, object?],
  headers: Record<string, string> = {},
  at = open,
): Promise<Response> =>
  at(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) })
async function answersOf(
  id: string,
  ticket: string,
  headers: Record<string, string> = {},
  at = open,
  calls = callsOf(id, ticket),
): Promise<string[]> {
  const answers = []
  for (const one of calls) {
    const answer = await send(one, headers, at)
    answers.push(`${answer.status} ${(await answer.json<Problem>()).code}`)
  }
  return answers
}
const all = (text: string): string[] => Array<string>(5).fill(text)
const signs = async (id: string, ticket: string, headers = {}): Promise<number> =>
  (await send(['POST', `${id}/uploads/${ticket}/parts`, parts], headers)).status

describe('making one', () => {
  const link = (body: object, sub = 'alice', claims = {}): Promise<Response> =>
    call(sub, 'POST', '', { bucket: 'media', expiresIn: 3600, ...body }, claims)
  test('it is told as it is, in answers and lists', async () => {
    const sub = crypto.randomUUID()
    const made = await make({ prefix: `users/${sub}/in/`, upload: UPLOAD }, sub)
    expect(made).toMatchObject({ upload: UPLOAD, uploaded: 0, used: 0, state: 'active' })
    expect((await call(sub, 'GET', `/${made.id}`)).status).toBe(200)
    const { links } = await (await call(sub, 'GET')).json<{ links: LinkAnswer[] }>()
    expect(links).toEqual([made])
    const changed = await call(sub, 'PATCH', `/${made.id}`, { label: 'Papers' })
    expect(await changed.json()).toMatchObject({ upload: UPLOAD, label: 'Papers' })
  })
  test.each([
    ['no prefix', { key: 'users/alice/a', upload: UPLOAD }, '/upload'],
    ['several keys', { keys: ['users/alice/a'], upload: UPLOAD }, '/upload'],
    ['a count of downloads', { ...REQUEST, maxDownloads: 1 }, '/maxDownloads'],
    ['streaming', { ...REQUEST, delivery: 'stream' }, '/delivery'],
    ['a tripwire', { ...REQUEST, tripwire: { networks: 2, withinMinutes: 1 } }, '/tripwire'],
    ['no bytes', { ...REQUEST, upload: { ...UPLOAD, maxBytes: 0 } }, '/upload/maxBytes'],
    ['no files', { ...REQUEST, upload: { ...UPLOAD, maxFiles: 0 } }, '/upload/maxFiles'],
    ['too many files', { ...REQUEST, upload: { ...UPLOAD, maxFiles: 1001 } }, '/upload/maxFiles'],
    ['no types', { ...REQUEST, upload: { ...UPLOAD, types: [] } }, '/upload/types'],
    ['a type that is none', { ...REQUEST, upload: { ...UPLOAD, types: ['x'] } }, '/upload/types/0'],
    ['types missing', { ...REQUEST, upload: { maxBytes: 1, maxFiles: 1 } }, '/upload/types'],
    ['more members', { ...REQUEST, upload: { ...UPLOAD, key: 'a' } }, '/upload/key'],
    ['a long prefix', { ...REQUEST, prefix: `users/alice/${'p'.repeat(800)}/` }, '/prefix'],
  ])('%s is 400', async (_, body, pointer) => {
    const answer = await link(body)
    const { errors = [] } = await answer.json<Problem>()
    expect([answer.status, errors[0]?.pointer]).toEqual([400, pointer])
  })
  test.each([
    ['more bytes', { ...UPLOAD, maxBytes: 2 ** 40 }, 413],
    ['another type', { ...UPLOAD, types: ['image/png', 'video/mp4'] }, 415],
    ['all of a family of which one is granted', { ...UPLOAD, types: ['text/*'] }, 415],
    ['everything', { ...UPLOAD, types: ['*/*'] }, 415],
  ])('%s than the maker may upload himself is refused', async (_, upload, status) => {
    expect((await link({ ...REQUEST, upload })).status).toBe(status)
  })
  test('who may only share, or only upload, or has narrowed one away, makes none', async () => {
    expect((await link({ ...REQUEST, prefix: 'public/' })).status).toBe(403)
    expect((await link({ ...REQUEST, prefix: 'users/bob/' })).status).toBe(403)
    for (const allow of [['share'], ['upload']]) {
      const postern = { grants: [{ bucket: 'media', prefix: 'users/alice/', allow }] }
      expect((await link(REQUEST, 'alice', { postern })).status).toBe(403)
    }
    const grants = [{ bucket: 'media', prefix: 'users/alice/', allow: ['share', 'upload'] }]
    expect((await link(REQUEST, 'alice', { postern: { grants } })).status).toBe(201)
    const small = { grants: [{ ...grants[0], max_bytes: 999 }] }
    expect((await link(REQUEST, 'alice', { postern: small })).status).toBe(413)
  })
  test('a change makes no download of it, nor counts what there is not', async () => {
    const { id } = await make(REQUEST)
    for (const [body, status] of [
      [{ maxDownloads: 1 }, 400],
      [{ delivery: 'stream' }, 400],
      [{ upload: UPLOAD }, 400],
      [{ maxDownloads: null }, 200],
    ] as const)
      expect([body, (await call('alice', 'PATCH', `/${id}`, body)).status]).toEqual([body, status])
  })
})

describe('what is sent', () => {
  test.each([
    ['one byte too many', { size: 1001 }, '413 too_large'],
    ['another type', { type: 'text/plain' }, '415 unsupported_type'],
    ['another type, dressed up', { type: 'text/plain; a="image/png"' }, '415 unsupported_type'],
    ['no size', { size: undefined }, '400 invalid_request'],
    ['a key', { key: 'users/alice/mine' }, '400 invalid_request'],
    ['a prefix', { prefix: 'users/alice/' }, '400 invalid_request'],
    ['a bucket', { bucket: 'media' }, '400 invalid_request'],
    ['overwrite', { overwrite: true }, '400 invalid_request'],
  ])('%s is refused', async (_, file, expected) => {
    const { id } = await make(REQUEST)
    const answer = await send(['POST', `${id}/uploads`, { ...FILE, ...file }])
    expect(`${answer.status} ${(await answer.json<Problem>()).code}`).toBe(expected)
    expect(await (await open(id)).json()).toMatchObject({ left: 2 })
  })
})

describe('what is read', () => {
  test('nothing, whatever the path: not the files, not their names, not their number in all', async () => {
    const { id } = await make(REQUEST)
    for (const path of ['/a.png', '/AAAA/a.png', '?file=1', '/session/a', '/uploads/..%2fa'])
      for (const headers of [{}, { Accept: 'application/json' }, BROWSER]) {
        const answer = await open(`${id}${path}`, { headers })
        expect([path, answer.headers.get('Location')]).toEqual([path, null])
        if (answer.status !== 404) expect(path).toBe('?file=1')
        expect(await answer.text()).not.toContain('users/alice')
      }
    expect(await (await open(id)).json()).toEqual({ upload: UPLOAD, left: 2 })
  })
  test('objects below uploads/ of a link that opens a prefix are still objects', async () => {
    const { id } = await make({ prefix: 'users/alice/' })
    const answer = await open(`${id}/uploads/a.png`)
    expect(answer.headers.get('Location')).toContain('/users/alice/uploads/a.png?')
    expect((await send(['POST', `${id}/uploads`, FILE])).status).toBe(404)
  })
  test('a limit on openings by address counts the objects below uploads/ too', async () => {
    const limit = {
      name: 'door',
      allow: 2,
      every: '60s',
      per: 'ip',
      on: ['open'],
      store: 'durable-object',
    }
    const gate = createLinks({ LIMITS: [limit] })
    const { id } = await gate.make({ prefix: 'users/alice/' })
    const headers = { 'CF-Connecting-IP': '192.0.2.77' }
    const statuses = []
    for (const path of ['uploads/a.png', 'a.png', 'uploads/a.png', 'uploads/b.png'])
      statuses.push((await gate.open(`${id}/${path}`, { headers })).status)
    expect(statuses).toEqual([302, 302, 429, 429])
  })
})

describe('a ticket', () => {
  test('of this link goes on; of another, of its owner, of anybody or made up it is none', async () => {
    const [one, other] = [await make(REQUEST), await make(REQUEST)]
    const own = await ticketOf(one.id)
    expect(await signs(one.id, own)).toBe(200)
    const foreign = [
      await ticketOf(other.id),
      await ticketOf('alice', { issuer: ISSUER }),
      await ticketOf(one.id, { issuer: ISSUER }),
      `${own.slice(0, 40)}${own[40] === 'A' ? 'B' : 'A'}${own.slice(41)}`,
      'A'.repeat(300),
    ]
    for (const ticket of foreign)
      expect(await answersOf(one.id, ticket, {}, open, callsOf(one.id, ticket).slice(1))).toEqual(
        all('404 not_found').slice(1),
      )
  })
  test('of a link is none of a session, not even of its owner', async () => {
    const { id } = await make(REQUEST)
    const ticket = await ticketOf(id)
    const headers = { Authorization: `Bearer ${await tokenOf('alice')}` }
    for (const [method, path, body] of [
      ['POST', '/parts', parts],
      ['GET', ''],
      ['POST', '/complete', {}],
      ['DELETE', ''],
    ] as const) {
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
      const answer = await request(`/v1/uploads/${ticket}${path}`, init)
      expect([path, answer.status]).toEqual([path, 404])
    }
  })
  test('a session token does not help at a link, nor does a link at other routes', async () => {
    const { id } = await make({ ...REQUEST, password: 'open sesame' })
    const headers = { Authorization: `Bearer ${await tokenOf('alice')}` }
    expect(await answersOf(id, await ticketOf(id), headers)).toEqual(all('403 link_denied'))
    for (const path of ['/v1/uploads', '/v1/sign'])
      expect(
        (await request(path, { method: 'POST', headers: { Authorization: `Bearer ${id}` } }))
          .status,
      ).toBe(401)
  })
})

describe('every call is judged', () => {
  test.each([
    ['too early', { notBefore: '2099-01-01T00:00:00Z' }, {}],
    ['from elsewhere', { cidrs: ['192.0.2.0/24'] }, { 'CF-Connecting-IP': '198.51.100.1' }],
    ['from nowhere', { cidrs: ['192.0.2.0/24'] }, {}],
    ['of no known country', { countries: ['DE'] }, {}],
    ['with another browser', { userAgent: 'curl/*' }, BROWSER],
    ['from another page', { referrers: ['app.example.com'] }, { Referer: 'https://evil.example/' }],
    ['without the password', { password: 'open sesame' }, {}],
    ['with a wrong password', { password: 'open sesame' }, { 'Postern-Password': 'x' }],
  ])('%s', async (_, terms, headers) => {
    const prefix = `users/alice/${crypto.randomUUID()}/`
    const { id } = await make({
      ...REQUEST,
      prefix,
      ...terms,
      ...('notBefore' in terms && { expiresAt: '2099-01-02T00:00:00Z', expiresIn: undefined }),
    })
    const judged = await answersOf(id, await ticketOf(id), { ...headers, Accept: '*/*' })
    // A link lives 30 days at most: one that begins later has ended before.
    expect(judged).toEqual(all('403 link_denied'))
  })
  test('frozen, and thawed', async () => {
    const { id } = await make(REQUEST)
    const ticket = await ticketOf(id)
    await call('alice', 'PATCH', `/${id}`, { frozen: true })
    expect(await answersOf(id, ticket)).toEqual(all('403 link_denied'))
    await call('alice', 'PATCH', `/${id}`, { frozen: false })
    expect(await signs(id, ticket)).toBe(200)
  })
  test('its owner cut off', async () => {
    const sub = crypto.randomUUID()
    const { id } = await make({ prefix: `users/${sub}/in/`, upload: UPLOAD }, sub)
    const ticket = await ticketOf(id, { key: `users/${sub}/in/AAAA/a.png` })
    expect(await signs(id, ticket)).toBe(200)
    await env.POSTERN_KV.put(
      await toCutName(ISSUER, sub),
      toCutRecord(Math.floor(Date.now() / 1000)),
    )
    // Another isolate, as it were: this one remembers for half a minute that nobody was cut.
    const fresh = createGateway(LINK_SETTINGS)
    const at: typeof open = (name, init) => fresh.request(`/l/${name}`, init)
    expect(await answersOf(id, ticket, {}, at)).toEqual(all('410 link_gone'))
  })
  test('what its owner may no longer do, or no longer so large, nobody does for him', async () => {
    const { id } = await make(REQUEST)
    const ticket = await ticketOf(id)
    const [grant] = LINK_SETTINGS.GRANTS
    const calls = callsOf(id, ticket)
    // What was begun can still be looked at and dropped, whatever its size.
    const ongoing = calls.filter(([method]) => method === 'POST')
    for (const [left, judged, code] of [
      [{ ...grant, allow: ['upload'] }, calls, '403 forbidden'],
      [{ ...grant, allow: ['share'] }, calls, '403 forbidden'],
      [{ ...grant, max_bytes: 4 }, ongoing, '413 too_large'],
      [{ ...grant, types: ['image/gif'] }, calls, '415 unsupported_type'],
    ] as const) {
      const less = createGateway({ ...LINK_SETTINGS, GRANTS: [left] })
      const at: typeof open = (name, init) => less.request(`/l/${name}`, init)
      const answers = await answersOf(id, ticket, {}, at, [...judged])
      expect(new Set(answers)).toEqual(new Set([code]))
    }
  })
  test('a password: by header, or by the cookie of a session or of the page', async () => {
    const { id } = await make({ ...REQUEST, password: 'open sesame', expiresIn: 200_000 })
    const ticket = await ticketOf(id)
    const right = { 'Postern-Password': 'open sesame' }
    expect(await signs(id, ticket, right)).toBe(200)
    const session = await open(`${id}/session`, { method: 'POST', headers: right })
    expect([session.status, session.headers.get('Set-Cookie')]).toEqual([
      204,
      expect.stringContaining('Max-Age=86400; Secure; HttpOnly; SameSite=Lax'),
    ])
    expect(await signs(id, ticket, { Cookie: cookieOf(session) })).toBe(200)
    const body = new URLSearchParams({ password: 'open sesame' })
    const page = await open(id, { method: 'POST', headers: BROWSER, body })
    expect([page.status, page.headers.get('Location')]).toEqual([303, `${BASE}/l/${id}`])
    expect(await signs(id, ticket, { Cookie: cookieOf(page) })).toBe(200)
    await call('alice', 'PATCH', `/${id}`, { password: 'another one' })
    expect(await signs(id, ticket, { Cookie: cookieOf(page) })).toBe(403)
  })
})

test('limits per link, and per address, count every call of the handshake', async () => {
  const limit = { allow: 3, every: '1d', store: 'durable-object' }
  for (const [per, headers] of [
    ['link', {}],
    ['ip', { 'CF-Connecting-IP': '192.0.2.77' }],
  ] as const) {
    const settings = { LIMITS: [{ ...limit, name: per, per, on: ['upload'] }] }
    const limited = createLinks(settings)
    const { id } = await limited.make(REQUEST)
    const ticket = await ticketOf(id)
    const statuses = []
    for (let times = 0; times < 5; times += 1) {
      const one = ['POST', `${id}/uploads/${ticket}/parts`, parts] as [string, string, object]
      statuses.push((await send(one, headers, limited.open)).status)
    }
    expect([per, statuses]).toEqual([per, [200, 200, 200, 429, 429]])
    const other = await limited.make(REQUEST)
    const one = ['POST', `${other.id}/uploads/${await ticketOf(other.id)}/parts`, parts] as [
      string,
      string,
      object,
    ]
    expect((await send(one, headers, limited.open)).status).toBe(per === 'link' ? 200 : 429)
  }
})

describe('minted by an application', () => {
  const claims = { key: undefined, prefix: 'users/alice/in/', upload: UPLOAD }
  test('it takes uploads as others do, counted by its token', async () => {
    const token = await mintLink({ ...claims, jti: crypto.randomUUID() })
    expect(await (await open(token)).json()).toEqual({ upload: UPLOAD, left: 2 })
    const answer = await send(['POST', `${token}/uploads`, { ...FILE, size: 1001 }])
    expect(answer.status).toBe(413)
    const { tag, record } = await mintedOf(token)
    const links = createLinkStore(env.POSTERN_KV, env.LINKS, systemClock)
    const untilMs = Date.now() + 60_000
    const states = []
    for (const nonce of ['a', 'a', 'b', 'c'])
      states.push(await links.place(tag, { kind: 'keep', nonce, untilMs }, record))
    expect(states.map((state) => state.ok && state.value)).toEqual([
      'active',
      'active',
      'active',
      'full',
    ])
    expect(await (await open(token)).json()).toEqual({ upload: UPLOAD, left: 0 })
  })
  test('what makes no sense is no link', async () => {
    for (const more of [
      { maxDownloads: 1 },
      { prefix: undefined, key: 'users/alice/a' },
      { upload: { maxFiles: 1 } },
    ])
      expect((await open(await mintLink({ ...claims, ...more }))).status).toBe(404)
  })
})

test('no id, ticket or password stands in the log', () => {
  expect(log.length).toBeGreaterThan(100)
  expect(JSON.stringify(log)).not.toMatch(/open sesame|\/l\/[\w-]{22}/)
})
