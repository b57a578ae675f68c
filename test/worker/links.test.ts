// Links through the whole Worker: made, read, changed, revoked, listed; and opened, or not, with the right code.
import { env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import type { LinkAnswer, LinksAnswer } from '../../src/contract/link.ts'
import { toCutName, toCutRecord } from '../../src/core/token/revocation.ts'
import { BROWSER, cookieOf, createLinks } from '../support/links.ts'
import { BASE, ISSUER, type Problem } from '../support/worker.ts'

const links = createLinks()
const { call, make, open } = links
const codeOf = async (answer: Response): Promise<string> =>
  `${answer.status} ${(await answer.json<Problem>()).code}`
const iso = (secondsFromNow: number): string =>
  new Date(Date.now() + secondsFromNow * 1000).toISOString()

describe('made', () => {
  test('an id of 22 characters below PUBLIC_URL, and what it opens', async () => {
    const link = await make({ label: 'Grüße', maxDownloads: 3 })
    expect(link).toMatchObject({
      url: `${BASE}/l/${link.id}`,
      bucket: 'media',
      key: 'users/alice/report.pdf',
      state: 'active',
      used: 0,
      maxDownloads: 3,
      label: 'Grüße',
      hasPassword: false,
    })
    expect(link.id).toMatch(/^[\w-]{22}$/)
    expect(await (await call('alice', 'GET', `/${link.id}`)).json()).toEqual(link)
  })
  test('life is the least of what was asked and max_link_life, not of seven days', async () => {
    const asked = (answer: LinkAnswer): number =>
      Math.round((Date.parse(answer.expiresAt) - Date.parse(answer.createdAt)) / 86_400_000)
    expect(asked(await make({ expiresIn: 20 * 86_400 }))).toBe(20)
    expect(asked(await make({ expiresIn: 90 * 86_400 }))).toBe(30)
    expect(asked(await make({ expiresIn: undefined, expiresAt: iso(9 * 86_400) }))).toBe(9)
  })
  test('a generated password is strong and told once', async () => {
    const link = await make({ password: true })
    expect(link.password).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    const again = await (await call('alice', 'GET', `/${link.id}`)).json<LinkAnswer>()
    expect([again.password, again.hasPassword]).toEqual([undefined, true])
    const headers = { 'Postern-Password': link.password ?? '' }
    expect((await open(link.id, { headers })).status).toBe(302)
  })
  test.each<[Record<string, unknown>, string]>([
    [{}, '/expiresAt'],
    [{ expiresIn: 60, expiresAt: iso(60) }, '/expiresAt'],
    [{ expiresAt: iso(-60) }, '/expiresAt'],
    [{ expiresIn: 0 }, '/expiresIn'],
    [{ expiresIn: 60, key: undefined }, ''],
    [{ expiresIn: 60, keys: ['users/alice/b'] }, ''],
    [{ expiresIn: 60, key: undefined, keys: [] }, '/keys'],
    [{ expiresIn: 60, key: 'users/alice/../bob/x' }, '/key'],
    [{ expiresIn: 60, key: undefined, prefix: 'users/alice' }, '/prefix'],
    [{ expiresIn: 60, key: undefined, prefix: 'users/alice/**' }, '/prefix'],
    [{ expiresIn: 60, maxDownloads: 0 }, '/maxDownloads'],
    [{ expiresIn: 60, maxDownloads: 1.5 }, '/maxDownloads'],
    [{ expiresIn: 60, cidrs: ['192.0.2.0/33'] }, '/cidrs/0'],
    [{ expiresIn: 60, cidrs: ['300.0.2.0/24'] }, '/cidrs/0'],
    [{ expiresIn: 60, cidrs: [] }, '/cidrs'],
    // ISO 8601, and a time that no clock reaches, since Date.parse cannot read it.
    [{ expiresIn: 60, notBefore: '2999-01-01T00:00:00+02' }, '/notBefore'],
    [{ expiresIn: 60, notBefore: '2999-01-01T00:00:00 +02:00' }, '/notBefore'],
    [{ expiresIn: 60, countries: ['de'] }, '/countries/0'],
    [{ expiresIn: 60, referrers: ['https://app.example.com'] }, '/referrers/0'],
    [{ expiresIn: 60, delivery: 'mail' }, '/delivery'],
    [{ expiresIn: 60, password: 'abc' }, '/password'],
    [{ expiresIn: 60, upload: { maxBytes: 1, maxFiles: 1 } }, '/upload/types'],
    [{ expiresIn: 60, maxDownload: 1 }, '/maxDownload'],
  ])('%j is 400 at %s', async (terms, pointer) => {
    const body = { bucket: 'media', key: 'users/alice/a', ...terms }
    const answer = await call('alice', 'POST', '', body)
    expect(answer.status).toBe(400)
    expect((await answer.json<Problem>()).errors?.[0]?.pointer).toBe(pointer)
  })
  test.each([
    [{ key: 'users/bob/a' }],
    [{ key: 'unshared/a' }],
    [{ bucket: 'other', key: 'users/alice/a' }],
    [{ keys: ['users/alice/a', 'users/bob/a'] }],
    [{ prefix: 'users/' }],
  ])('%j is not his to share', async (place) => {
    const body = { bucket: 'media', expiresIn: 60, ...place }
    expect(await codeOf(await call('alice', 'POST', '', body))).toBe('403 forbidden')
  })
  test('a narrowed token shares only what it lists', async () => {
    const postern = (allow: string[]) => ({
      postern: { grants: [{ bucket: 'media', prefix: 'users/alice/a/', allow }] },
    })
    const body = { bucket: 'media', key: 'users/alice/a/x', expiresIn: 60 }
    const made = await call('alice', 'POST', '', body, postern(['share']))
    expect(made.status).toBe(201)
    const { id } = await made.json<LinkAnswer>()
    expect((await open(id)).status).toBe(302)
    expect((await call('alice', 'POST', '', body, postern(['read']))).status).toBe(403)
    expect((await call('alice', 'GET', `/${id}`, undefined, postern(['read']))).status).toBe(404)
    expect((await call('alice', 'GET', `/${id}`, undefined, postern(['share']))).status).toBe(200)
    const other = await make()
    expect(
      (await call('alice', 'DELETE', `/${other.id}`, undefined, postern(['share']))).status,
    ).toBe(404)
  })
})

describe('opened', () => {
  test('302 to a URL of a minute, for GET and HEAD, without anything of the query', async () => {
    const { id } = await make()
    for (const method of ['GET', 'HEAD']) {
      const answer = await open(
        `${id}?utm_source=x&X-Amz-Expires=604800&response-content-type=text/html`,
        { method },
      )
      expect(answer.status).toBe(302)
      const to = new URL(answer.headers.get('Location') ?? '')
      expect(to.host).toBe('acme-media.s3.eu-west-1.amazonaws.com')
      expect(Number(to.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(60)
      expect(to.search).not.toContain('utm')
      expect(to.search).not.toContain('html')
      expect(answer.headers.get('X-Robots-Tag')).toContain('noindex')
      expect(answer.headers.get('Cache-Control')).toBe('no-store')
    }
  })
  test('a URL lives no longer than the rest of the link', async () => {
    const { id } = await make({ expiresIn: 20 })
    const to = new URL((await open(id)).headers.get('Location') ?? '')
    expect(Number(to.searchParams.get('X-Amz-Expires'))).toBeLessThanOrEqual(20)
  })
  test('as JSON for scripts', async () => {
    const { id } = await make()
    const answer = await open(id, { headers: { Accept: 'application/json' } })
    expect(await answer.json()).toMatchObject({ method: 'GET', headers: {} })
  })
  test.each([
    ['x'],
    ['AAAAAAAAAAAAAAAAAAAAAA'],
    ['AAAAAAAAAAAAAAAAAAAAAQ'],
    ['AAAAAAAAAAAAAAAAAAAAAB'],
    ['AAAAAAAAAAAAAAAAAAAAA%41'],
    ['a.b.c'],
    ['..%2f..'],
  ])('%s is 404', async (id) => {
    expect(await codeOf(await open(id))).toBe('404 not_found')
  })
  test('its states, each with its code', async () => {
    const early = await make({ notBefore: iso(600) })
    expect(await codeOf(await open(early.id))).toBe('403 link_denied')
    const frozen = await make()
    await call('alice', 'PATCH', `/${frozen.id}`, { frozen: true })
    expect(await codeOf(await open(frozen.id))).toBe('403 link_denied')
    await call('alice', 'PATCH', `/${frozen.id}`, { frozen: false })
    expect((await open(frozen.id)).status).toBe(302)
    const spent = await make({ maxDownloads: 1 })
    expect((await open(spent.id)).status).toBe(302)
    expect(await codeOf(await open(spent.id))).toBe('410 link_gone')
    const revoked = await make({ strict: true })
    expect((await call('alice', 'DELETE', `/${revoked.id}`)).status).toBe(204)
    expect(await codeOf(await open(revoked.id))).toBe('410 link_gone')
    expect((await call('alice', 'DELETE', `/${revoked.id}`)).status).toBe(204)
    expect(await codeOf(await call('alice', 'PATCH', `/${revoked.id}`, { label: 'x' }))).toBe(
      '410 link_gone',
    )
    const states = [early, frozen, spent, revoked].map(async ({ id }) => {
      return (await (await call('alice', 'GET', `/${id}`)).json<LinkAnswer>()).state
    })
    expect(await Promise.all(states)).toEqual(['not_yet', 'active', 'spent', 'revoked'])
  })
  test('dies with a cut of its owner', async () => {
    const sub = crypto.randomUUID()
    const link = await make({}, sub)
    await env.POSTERN_KV.put(await toCutName(ISSUER, sub), toCutRecord(Date.now() / 1000 + 1))
    expect(await codeOf(await createLinks().open(link.id))).toBe('410 link_gone')
  })
  test('dies with a cut that came between its owner’s token and itself', async () => {
    const sub = crypto.randomUUID()
    const now = Math.floor(Date.now() / 1000)
    const body = { bucket: 'media', key: `users/${sub}/a`, expiresIn: 600 }
    const made = await call(sub, 'POST', '', body, { iat: now - 60 })
    const { id } = await made.json<LinkAnswer>()
    await env.POSTERN_KV.put(await toCutName(ISSUER, sub), toCutRecord(now - 30))
    expect(await codeOf(await createLinks().open(id))).toBe('410 link_gone')
  })
  test('no longer when its owner’s grant is gone, is shorter, or the bucket is switched off', async () => {
    const link = await make({}, 'alice')
    const grant = { bucket: 'media', prefix: 'users/${sub}/', allow: ['read'] }
    expect(await codeOf(await createLinks({ GRANTS: [grant] }).open(link.id))).toBe('403 forbidden')
    const short = createLinks({ GRANTS: [{ ...grant, allow: ['share'], max_link_life: '9m' }] })
    const record = JSON.parse((await env.POSTERN_KV.get(`link:${link.id}`)) ?? '{}')
    const id = `${'A'.repeat(21)}g`
    for (const [age, status] of [
      [500, 302],
      [600, 410],
    ] as const) {
      const older = { ...record, createdAtSeconds: record.createdAtSeconds - age }
      await env.POSTERN_KV.put(`link:${id}`, JSON.stringify(older))
      expect((await short.open(id)).status).toBe(status)
    }
  })
  test('with the claims that its owner had', async () => {
    const body = { bucket: 'media', key: 'users/zoe/a', expiresIn: 60 }
    const made = await call('root', 'POST', '', body, { role: 'admin', email: 'root@example.com' })
    const { id } = await made.json<LinkAnswer>()
    expect((await open(id)).status).toBe(302)
    const stored = await env.POSTERN_KV.get(`link:${id}`)
    expect(stored).toContain('admin')
    expect(stored).not.toContain('email')
  })
  test('Host and X-Forwarded-* appear nowhere', async () => {
    const headers = {
      Host: 'evil.test',
      'X-Forwarded-Host': 'evil.test',
      'X-Forwarded-Proto': 'http',
      Forwarded: 'host=evil.test',
      'X-Original-Url': 'https://evil.test/',
    }
    const many = await make({ keys: ['users/alice/a', 'users/alice/b'], password: 'open sesame' })
    for (const init of [
      { headers },
      { headers: { ...headers, ...BROWSER } },
      { headers: { ...headers, ...BROWSER, 'Postern-Password': 'open sesame' } },
      { headers: { ...headers, 'Postern-Password': 'open sesame' } },
      { method: 'POST', headers: { ...headers, ...BROWSER }, body: 'password=open+sesame' },
    ]) {
      const answer = await open(many.id, init)
      expect(`${[...answer.headers].join()}${await answer.text()}`).not.toContain('evil')
    }
  })
})

describe('conditions, at every opening', () => {
  const address = (ip: string) => ({ 'CF-Connecting-IP': ip })
  test.each<[Record<string, unknown>, Record<string, string>, boolean]>([
    [{ cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, address('192.0.2.77'), true],
    [{ cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, address('2001:db8:1::9'), true],
    [{ cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, address('::ffff:192.0.2.77'), true],
    [{ cidrs: ['192.0.2.0/24', '2001:db8::/32'] }, address('192.0.3.1'), false],
    [{ cidrs: ['192.0.2.0/24'] }, { 'X-Forwarded-For': '192.0.2.1' }, false],
    [{ userAgent: '*firefox/*' }, { 'User-Agent': BROWSER['User-Agent'] }, true],
    [{ userAgent: 'curl/*' }, { 'User-Agent': BROWSER['User-Agent'] }, false],
    [{ userAgent: 'curl/*' }, {}, false],
    [{ referrers: ['app.example.com'] }, { Referer: 'https://app.example.com/page' }, true],
    [{ referrers: ['app.example.com'] }, { Referer: 'https://app.example.com.evil.test/' }, false],
    [{ referrers: ['app.example.com'] }, { Referer: 'https://evil.test/?app.example.com' }, false],
    [{ referrers: ['app.example.com'] }, {}, false],
  ])('%j, %j: %s', async (terms, headers, isOpen) => {
    const { id } = await make(terms)
    const answer = await open(id, { headers })
    if (isOpen) expect(answer.status).toBe(302)
    else expect(await codeOf(answer)).toBe('403 link_denied')
  })
  test.each([
    ['DE', 302],
    ['FR', 403],
    [undefined, 403],
  ])('country %s: %i', async (country, status) => {
    const { id } = await make({ countries: ['DE', 'AT'] })
    const cf = country === undefined ? {} : { country }
    expect((await open(id, { cf } as RequestInit)).status).toBe(status)
  })
  test('what is changed holds at the next opening, and null takes it away', async () => {
    const { id } = await make({ strict: true })
    const patch = { userAgent: 'none', label: 'new', expiresIn: 7200 }
    const changed = await (await call('alice', 'PATCH', `/${id}`, patch)).json<LinkAnswer>()
    expect(changed).toMatchObject({ userAgent: 'none', label: 'new', strict: true })
    expect((await open(id)).status).toBe(403)
    await call('alice', 'PATCH', `/${id}`, { userAgent: null })
    expect((await open(id)).status).toBe(302)
    for (const patched of [
      { key: 'users/alice/b' },
      { userAgent: 7 },
      { expiresAt: iso(-1) },
      { cidrs: ['x'] },
    ])
      expect((await call('alice', 'PATCH', `/${id}`, patched)).status).toBe(400)
  })
  test('a change made where KV still shows the old link undoes no other change', async () => {
    const { id } = await make()
    const old = (await env.POSTERN_KV.get(`link:${id}`)) ?? ''
    await call('alice', 'PATCH', `/${id}`, { userAgent: 'none', password: 'open sesame' })
    await env.POSTERN_KV.put(`link:${id}`, old)
    const changed = await (
      await call('alice', 'PATCH', `/${id}`, { label: 'late' })
    ).json<LinkAnswer>()
    expect(changed).toMatchObject({ userAgent: 'none', label: 'late', hasPassword: true })
    expect(await (await call('alice', 'GET', `/${id}`)).json()).toEqual(changed)
    await call('alice', 'DELETE', `/${id}`)
    await env.POSTERN_KV.put(`link:${id}`, old)
    expect(await codeOf(await call('alice', 'PATCH', `/${id}`, { label: 'later' }))).toBe(
      '410 link_gone',
    )
    expect((await open(id)).status).toBe(410)
  })
  test('changes at the same time all hold', async () => {
    const { id } = await make({ strict: true, label: 'old', countries: ['DE'] })
    const patches = [
      { userAgent: 'curl/*' },
      { label: 'new' },
      { countries: null },
      { maxDownloads: 4 },
      { frozen: true },
      { expiresIn: 60 },
    ]
    await Promise.all(patches.map((patch) => call('alice', 'PATCH', `/${id}`, patch)))
    const after = await (await call('alice', 'GET', `/${id}`)).json<LinkAnswer>()
    expect(after).toMatchObject({ userAgent: 'curl/*', label: 'new', maxDownloads: 4 })
    expect([after.countries, after.state]).toEqual([undefined, 'frozen'])
    expect(Date.parse(after.expiresAt) - Date.now()).toBeLessThanOrEqual(60_000)
  })
})

describe('passwords', () => {
  test('in the form field or the header, and nowhere else', async () => {
    const { id } = await make({ password: 'Grüße 1' })
    const header = encodeURIComponent('Grüße 1')
    expect(await codeOf(await open(id))).toBe('403 link_denied')
    expect(await codeOf(await open(`${id}?password=${header}`))).toBe('403 link_denied')
    const ascii = await make({ password: 'open sesame' })
    expect((await open(ascii.id, { headers: { 'Postern-Password': 'open sesame' } })).status).toBe(
      302,
    )
    const posted = await open(id, {
      method: 'POST',
      body: new URLSearchParams({ password: 'Grüße 1' }),
    })
    expect(posted.status).toBe(303)
    // Whoever has shown it need not show it again for a while, until it is another.
    const Cookie = cookieOf(posted)
    expect((await open(id, { headers: { Cookie } })).status).toBe(302)
    expect((await open(ascii.id, { headers: { Cookie } })).status).toBe(403)
    await call('alice', 'PATCH', `/${id}`, { password: 'another one' })
    expect((await open(id, { headers: { Cookie } })).status).toBe(403)
    await call('alice', 'PATCH', `/${id}`, { password: null })
    expect((await open(id)).status).toBe(302)
  })
  test(
    'ten wrong ones, then 429 with a time, also for the right one',
    { timeout: 60_000 },
    async () => {
      const { id } = await make({ password: 'open sesame' })
      const guess = (password: string) => open(id, { headers: { 'Postern-Password': password } })
      const answers = await Promise.all(Array.from({ length: 14 }, () => guess('wrong')))
      const statuses = answers.map(({ status }) => status)
      expect(statuses.filter((status) => status === 403)).toHaveLength(10)
      const limited = await guess('open sesame')
      expect(limited.status).toBe(429)
      expect(Number(limited.headers.get('Retry-After'))).toBeGreaterThan(500)
    },
  )
  test('no password, hash or link id is in the log', async () => {
    const own = createLinks()
    const { id } = await own.make({ password: 'open sesame' })
    await own.open(id, { headers: { 'Postern-Password': 'open sesame' } })
    const text = JSON.stringify(own.log)
    for (const secret of ['sesame', id]) expect(text).not.toContain(secret)
    expect(own.log.at(-1)).toMatchObject({
      route: '/l/:id',
      link: expect.any(String),
      key: 'users/alice/report.pdf',
    })
  })
})

describe('several files', () => {
  const keys = ['users/alice/a/one.txt', 'users/alice/a/zwei ü.txt']
  test('a list, each with an address that tells nothing of its key; each is counted', async () => {
    const { id } = await make({ keys, maxDownloads: 2 })
    const { files } = await (await open(id)).json<{ files: { name: string; url: string }[] }>()
    expect(files).toEqual([
      { name: 'one.txt', url: `${BASE}/l/${id}?file=1` },
      { name: 'zwei ü.txt', url: `${BASE}/l/${id}?file=2` },
    ])
    expect(new URL((await open(`${id}?file=2`)).headers.get('Location') ?? '').pathname).toContain(
      'zwei%20',
    )
    for (const file of ['0', '3', 'x', '-1', '1e0', ''])
      expect((await open(`${id}?file=${file}`)).status).toBe(404)
    expect((await open(`${id}?file=1`)).status).toBe(302)
    expect((await open(`${id}?file=1`)).status).toBe(410)
  })
  test('a prefix: what is below it and nothing else', async () => {
    const { id } = await make({ prefix: 'users/alice/album/*' })
    const to = async (path: string): Promise<string> => {
      const answer = await open(`${id}/${path}`)
      return answer.status === 302
        ? new URL(answer.headers.get('Location') ?? '').pathname
        : String(answer.status)
    }
    expect(await to('a.jpg')).toBe('/users/alice/album/a.jpg')
    expect(await to('b/%C3%BC%20c.jpg')).toBe('/users/alice/album/b/%C3%BC%20c.jpg')
    for (const path of ['..%2fsecret', '%2e%2e/secret', 'a//b', 'a%5cb', '/a', 'a/', '%', '%ff'])
      expect([path, await to(path)]).toEqual([path, '404'])
  })
  test('a session opens all of it with one cookie, spends one, and each file needs no password', async () => {
    const { id } = await make({
      prefix: 'users/alice/hls/',
      password: 'open sesame',
      maxDownloads: 1,
    })
    expect((await open(`${id}/1.ts`)).status).toBe(403)
    expect((await open(`${id}/session`, { method: 'POST' })).status).toBe(403)
    const begun = await open(`${id}/session`, {
      method: 'POST',
      headers: { 'Postern-Password': 'open sesame' },
    })
    expect(begun.status).toBe(204)
    expect(begun.headers.get('Set-Cookie')).toMatch(
      /; Path=\/l; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/,
    )
    const headers = { Cookie: cookieOf(begun) }
    for (const file of ['1.ts', '2.ts', 'sub/3.ts'])
      expect((await open(`${id}/${file}`, { headers })).status).toBe(302)
    const again = await open(`${id}/session`, { method: 'POST', headers })
    expect([again.status, again.headers.get('Set-Cookie')]).toEqual([204, null])
    await call('alice', 'DELETE', `/${id}`)
    expect((await open(`${id}/1.ts`, { headers })).status).toBe(410)
  })
  test('a file below a prefix whose name reads like all of them opens itself alone', async () => {
    for (const name of ['*', '%2A', '1']) {
      const other = await make({ prefix: 'users/alice/album/', maxDownloads: 1 })
      const opened = await open(`${other.id}/${name}`)
      const headers = { Cookie: cookieOf(opened) }
      expect([name, opened.status]).toEqual([name, 302])
      expect((await open(`${other.id}/${name}`, { headers })).status).toBe(302)
      expect((await open(`${other.id}/other.ts`, { headers })).status).toBe(410)
    }
  })
})

describe('lists', () => {
  test('one’s own, and with admin those of others', async () => {
    const [one, two] = [crypto.randomUUID(), crypto.randomUUID()]
    const made = [(await make({}, one)).id, (await make({ strict: true }, one)).id]
    await make({}, two)
    const ids = async (sub: string, query: string, claims = {}): Promise<string[]> => {
      const answer = await call(sub, 'GET', query, undefined, claims)
      return (await answer.json<LinksAnswer>()).links.map(({ id }) => id)
    }
    expect((await ids(one, '')).toSorted()).toEqual(made.toSorted())
    expect((await call(two, 'GET', `?sub=${one}`)).status).toBe(403)
    expect(await ids(two, `?sub=${two}`)).toHaveLength(1)
    const admin = { role: 'admin' }
    expect((await ids('root', `?sub=${one}`, admin)).toSorted()).toEqual(made.toSorted())
    expect((await ids('root', `?prefix=users/${one}/`, admin)).toSorted()).toEqual(made.toSorted())
    expect((await call(two, 'GET', '?prefix=users/')).status).toBe(403)
    expect((await call('root', 'DELETE', `/${made[0]}`, undefined, admin)).status).toBe(204)
    expect((await call(two, 'DELETE', `/${made[1]}`)).status).toBe(404)
    expect((await call(two, 'GET', `/${made[1]}`)).status).toBe(404)
    const first = await (await call(one, 'GET', '?limit=1')).json<LinksAnswer>()
    expect(first.links).toHaveLength(1)
    const rest = await ids(one, `?limit=1&cursor=${encodeURIComponent(first.cursor ?? '')}`)
    expect([first.links[0]?.id, ...rest].toSorted()).toEqual(made.toSorted())
  })
  test('a cursor tells nothing of the links before it, and none goes on that was not made here', async () => {
    const sub = crypto.randomUUID()
    for (const _ of [1, 2, 3]) await make({}, sub)
    // A narrowed token that gives its links up, and an admin of another place, list none of them.
    const postern = { grants: [{ bucket: 'media', prefix: `users/${sub}/`, allow: ['read'] }] }
    const page = await (
      await call(sub, 'GET', '?limit=1', undefined, { postern })
    ).json<LinksAnswer>()
    expect(page.links).toEqual([])
    const all = await (await call(sub, 'GET')).json<LinksAnswer>()
    const cursor = page.cursor ?? ''
    const bytes = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))
    for (const { id } of all.links) expect(cursor + bytes).not.toContain(id)
    const codes = await Promise.all(
      [
        [sub, cursor],
        [sub, 'x'],
        [sub, cursor.slice(1)],
      ].map(async ([who = '', text = '']) => (await call(who, 'GET', `?cursor=${text}`)).status),
    )
    expect(codes).toEqual([200, 400, 400])
  })
})
