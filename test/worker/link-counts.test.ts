// What spends a download: exactly as many grants as there are, whoever looks, repeats or asks for a range meanwhile.
import { env } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import type { LinkAnswer } from '../../src/contract/link.ts'
import { toRevocationName } from '../../src/core/token/revocation.ts'
import { BROWSER, cookieOf, createLinks, mintLink } from '../support/links.ts'
import { ISSUER } from '../support/worker.ts'

const { call, make, open, log } = createLinks()
const readLink = async (id: string): Promise<LinkAnswer> =>
  (await call('alice', 'GET', `/${id}`)).json<LinkAnswer>()

/** Visits that are given nothing: looks, and the previews of services by what they call themselves. */
const LOOKS: readonly RequestInit[] = [
  { method: 'HEAD' },
  { headers: { 'Sec-Purpose': 'prefetch' } },
  { headers: { 'Sec-Purpose': 'prefetch;prerender', ...BROWSER } },
  { headers: { Purpose: 'prefetch' } },
  { headers: { 'X-Moz': 'prefetch' } },
  ...[
    'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
    'Slack-ImgProxy 0.19 (+https://api.slack.com/robots)',
    'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    'Twitterbot/1.0',
    'LinkedInBot/1.0 (compatible; Mozilla/5.0; +http://www.linkedin.com)',
    'Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)',
    'WhatsApp/2.23.20.0',
    'TelegramBot (like TwitterBot)',
    'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  ].flatMap((agent) => [
    { headers: { 'User-Agent': agent } },
    { headers: { ...BROWSER, 'User-Agent': agent } },
  ]),
]

describe('exactly', () => {
  test(
    '200 at once of ten downloads, mixed with looks and ranges: ten',
    { timeout: 60_000 },
    async () => {
      const { id } = await make({ maxDownloads: 10 })
      const opens = Array.from({ length: 200 }, (_, at): RequestInit =>
        at % 3 === 0
          ? { headers: { Range: `bytes=${at}-` } }
          : at % 3 === 1
            ? { headers: { 'User-Agent': 'curl/8' } }
            : { headers: { 'User-Agent': BROWSER['User-Agent'] } },
      )
      const visits = [...opens, ...LOOKS, ...LOOKS].toSorted(
        (a, b) => JSON.stringify(a).length - JSON.stringify(b).length,
      )
      const answers = await Promise.all(
        visits.map(async (init) => ({ init, answer: await open(id, init) })),
      )
      const granted = answers.filter(
        ({ init, answer }) => init.method !== 'HEAD' && answer.headers.has('Location'),
      )
      expect(granted.length).toBe(10)
      expect(await readLink(id)).toMatchObject({ used: 10, state: 'spent' })
      const others = answers.filter(({ answer }) => !answer.headers.has('Location'))
      expect(others.every(({ answer }) => [200, 403, 410].includes(answer.status))).toBe(true)
    },
  )
  test('1000 at once of a one-time link: one', { timeout: 120_000 }, async () => {
    const { id } = await make({ maxDownloads: 1 })
    const answers = await Promise.all(Array.from({ length: 1000 }, () => open(id)))
    const statuses = Map.groupBy(answers, ({ status }) => status)
    expect([statuses.get(302)?.length, statuses.get(410)?.length]).toEqual([1, 999])
    log.length = 0
  })
  test('a minted link too, and two tokens with one id are one link', async () => {
    const claims = { maxDownloads: 2, jti: crypto.randomUUID() }
    const tokens = [await mintLink(claims), await mintLink({ ...claims, note: 'again' })]
    const statuses = []
    for (const token of [...tokens, ...tokens]) statuses.push((await open(token)).status)
    expect(statuses).toEqual([302, 302, 410, 410])
  })
})

describe('looks', () => {
  test.each(LOOKS)('%j is given nothing, and spends nothing', async (init) => {
    const { id } = await make({ maxDownloads: 1 })
    const answer = await open(id, init)
    if (init.method !== 'HEAD') expect(answer.headers.get('Location')).toBeNull()
    expect(await readLink(id)).toMatchObject({ used: 0, state: 'active' })
  })
  test('where nothing is counted they pass', async () => {
    const { id } = await make()
    expect((await open(id, { headers: { 'Sec-Purpose': 'prefetch' } })).status).toBe(302)
  })
})

describe('whoever spent one', () => {
  test('comes back for five minutes, by its cookie and nothing else', async () => {
    const { id } = await make({ maxDownloads: 1 })
    const first = await open(id)
    expect(first.headers.get('Set-Cookie')).toMatch(
      /^__Secure-link-[\w-]{22}=[\w-]+; Path=\/l; Max-Age=300; Secure; HttpOnly; SameSite=Lax$/,
    )
    const headers = { Cookie: cookieOf(first) }
    for (let times = 0; times < 3; times += 1) {
      expect((await open(id, { headers })).status).toBe(302)
      expect((await open(id, { headers: { ...headers, Range: 'bytes=5-' } })).status).toBe(302)
    }
    expect((await open(id)).status).toBe(410)
    expect(await readLink(id)).toMatchObject({ used: 1 })
    const twice = { Cookie: `${cookieOf(first)}; ${cookieOf(first)}` }
    expect((await open(id, { headers: twice })).status).toBe(410)
  })
  test('a cookie of another link, of another file, or made up, opens nothing', async () => {
    const [one, other] = [await make({ maxDownloads: 1 }), await make({ maxDownloads: 1 })]
    const cookie = cookieOf(await open(one.id))
    await open(other.id)
    const value = cookie.slice(cookie.indexOf('=') + 1)
    for (const Cookie of [
      `__Secure-link-${other.id}=${value}`,
      `__Secure-link-${other.id}=${value.slice(0, -2)}AA`,
      `__Secure-link-${other.id}=`,
    ])
      expect((await open(other.id, { headers: { Cookie } })).status).toBe(410)
    const keys = ['users/alice/1', 'users/alice/2', 'users/alice/3']
    const many = await make({ keys, maxDownloads: 2 })
    const first = await open(`${many.id}?file=1`)
    const second = await open(`${many.id}?file=2`, { headers: { Cookie: cookieOf(first) } })
    const headers = { Cookie: cookieOf(second) }
    expect((await open(`${many.id}?file=1`, { headers })).status).toBe(302)
    expect((await open(`${many.id}?file=3`, { headers })).status).toBe(410)
  })
})

describe('a one-time link in a browser', () => {
  test('shows a button, and only the button spends', async () => {
    const { id } = await make({ maxDownloads: 1 })
    for (let times = 0; times < 3; times += 1) {
      const page = await open(id, { headers: BROWSER })
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('<form method="post"><button>Download</button></form>')
    }
    const posted = await open(id, { method: 'POST', headers: BROWSER })
    expect(posted.status).toBe(303)
    expect(posted.headers.get('Location')).toContain('X-Amz-Signature')
    expect((await open(id, { method: 'POST', headers: BROWSER })).status).toBe(410)
    const headers = { ...BROWSER, Cookie: cookieOf(posted) }
    expect((await open(id, { headers })).status).toBe(302)
  })
  test('below a prefix, too: the form goes to the file it stands before', async () => {
    const prefix = 'users/alice/album/'
    const { id } = await make({ prefix, maxDownloads: 1 })
    const page = await open(`${id}/a%20b.jpg`, { headers: BROWSER })
    expect(await page.text()).toContain('<form method="post">')
    const posted = await open(`${id}/a%20b.jpg`, { method: 'POST', headers: BROWSER })
    expect(posted.status).toBe(303)
    expect(posted.headers.get('Location')).toContain('/users/alice/album/a%20b.jpg?')
    const locked = await make({ prefix, password: 'open sesame', delivery: 'stream' })
    const body = 'password=open+sesame'
    const back = await open(`${locked.id}/a%20b.jpg`, { method: 'POST', headers: BROWSER, body })
    expect([back.status, back.headers.get('Location')]).toEqual([303, `${locked.url}/a%20b.jpg`])
    const session = await open(`${locked.id}/session`, { method: 'POST', headers: BROWSER, body })
    expect([session.status, session.headers.get('Location')]).toEqual([303, locked.url])
  })
  test('pages have their own strict policy, and tell nothing of the key', async () => {
    const link = await make({ maxDownloads: 1, filename: '<b>"Grüße" & 日本</b>.pdf' })
    const page = await open(link.id, { headers: BROWSER })
    expect(page.headers.get('Content-Security-Policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https://acme-media.s3.eu-west-1.amazonaws.com; base-uri 'none'; frame-ancestors 'none'",
    )
    expect(page.headers.get('X-Robots-Tag')).toBe('noindex, nofollow')
    const text = await page.text()
    expect(text).toContain('&#60;b&#62;&#34;Grüße&#34; &#38; 日本&#60;/b&#62;.pdf')
    expect(text).not.toContain('users/alice')
    expect(text).not.toMatch(/[{}]|<template|<script/)
    const gone = await open('AAAAAAAAAAAAAAAAAAAAAA', { headers: BROWSER })
    expect([gone.status, gone.headers.get('Content-Type')]).toEqual([
      404,
      'text/html; charset=utf-8',
    ])
  })
})

describe('what calls itself a bot', () => {
  /** Of browsers within apps, which say the same as the app's preview does. */
  const headers = { ...BROWSER, 'User-Agent': 'Mozilla/5.0 (Linux; Android 15) WhatsApp/2.25' }
  test('gets through by the button, since only a person presses it', async () => {
    const once = await make({ maxDownloads: 1 })
    const few = await make({ maxDownloads: 5, password: 'open sesame' })
    expect(await (await open(once.id, { headers })).text()).toContain('Download</button>')
    expect((await open(once.id, { method: 'POST', headers })).status).toBe(303)
    const body = 'password=open+sesame'
    expect((await open(few.id, { method: 'POST', headers, body })).status).toBe(303)
    expect([(await readLink(once.id)).used, (await readLink(few.id)).used]).toEqual([1, 1])
  })
  test('a prefetch spends nothing, whatever its method', async () => {
    const { id } = await make({ maxDownloads: 1 })
    const prefetch = { ...headers, 'Sec-Purpose': 'prefetch' }
    expect((await open(id, { method: 'POST', headers: prefetch })).status).toBe(200)
    expect(await readLink(id)).toMatchObject({ used: 0 })
  })
})

describe('a minted link', () => {
  const from = (ip: string, Cookie = '') => ({ 'CF-Connecting-IP': ip, Cookie })
  const claims = { key: undefined, prefix: 'users/alice/hls/' }
  const begin = async (token: string): Promise<string> =>
    cookieOf(await open(`${token}/session`, { method: 'POST', headers: from('192.0.2.1') }))

  test('ends with its id revoked, and a session of it with it', async () => {
    const jti = crypto.randomUUID()
    const token = await mintLink({ ...claims, jti })
    const headers = from('192.0.2.1', await begin(token))
    expect((await open(`${token}/1.ts`, { headers })).status).toBe(302)
    await env.POSTERN_KV.put(await toRevocationName(ISSUER, jti), '1')
    const other = createLinks()
    expect((await other.open(`${token}/1.ts`, { headers })).status).toBe(410)
    expect((await other.open(`${await mintLink({ ...claims, jti: `${jti}x` })}/1.ts`)).status).toBe(
      302,
    )
  })
  test('that is used up is gone for HEAD, too, and shows no button', async () => {
    const token = await mintLink({ maxDownloads: 1, jti: crypto.randomUUID() })
    expect((await open(token, { method: 'HEAD' })).status).toBe(302)
    const first = await open(token)
    const headers = { Cookie: cookieOf(first) }
    for (const method of ['GET', 'HEAD']) {
      expect((await open(token, { method })).status).toBe(410)
      expect((await open(token, { method, headers: BROWSER })).status).toBe(410)
      expect((await open(token, { method, headers })).status).toBe(302)
    }
  })
  test.each([true, false])(
    'with a tripwire freezes sessions, too (minted: %s)',
    async (isMinted) => {
      const terms = { tripwire: { networks: 2, withinMinutes: 10 } }
      const name = isMinted
        ? await mintLink({ ...claims, ...terms, jti: crypto.randomUUID() })
        : (await make({ ...claims, ...terms })).id
      const cookie = await begin(name)
      const to = async (ip: string, Cookie?: string): Promise<number> =>
        (await open(`${name}/1.ts`, { headers: from(ip, Cookie) })).status
      expect([await to('192.0.2.9', cookie), await to('198.51.100.1', cookie)]).toEqual([302, 302])
      // The cookie was passed on: one network too many.
      expect(await to('203.0.113.1', cookie)).toBe(403)
      expect([await to('192.0.2.9', cookie), await to('192.0.2.9')]).toEqual([403, 403])
      const again = await open(`${name}/session`, {
        method: 'POST',
        headers: from('192.0.2.1', cookie),
      })
      expect([again.status, (await open(name, { method: 'HEAD' })).status]).toEqual([403, 403])
    },
  )
})

test('a link that is frozen after it was used up stops who holds the cookie, too', async () => {
  const { id } = await make({ maxDownloads: 1 })
  const headers = { Cookie: cookieOf(await open(id)) }
  expect((await open(id, { headers })).status).toBe(302)
  await call('alice', 'PATCH', `/${id}`, { frozen: true })
  expect((await open(id, { headers })).status).toBe(403)
})

test('a tripwire freezes: from more networks than told, and the owner can lift it', async () => {
  const { id } = await make({ tripwire: { networks: 2, withinMinutes: 10 } })
  const from = async (ip: string): Promise<number> =>
    (await open(id, { headers: { 'CF-Connecting-IP': ip } })).status
  expect([await from('192.0.2.1'), await from('192.0.2.200'), await from('198.51.100.1')]).toEqual([
    302, 302, 302,
  ])
  expect([await from('2001:db8:5::1'), await from('192.0.2.1')]).toEqual([403, 403])
  expect((await readLink(id)).state).toBe('frozen')
  await call('alice', 'PATCH', `/${id}`, { frozen: false })
  expect(await from('192.0.2.1')).toBe(302)
})
