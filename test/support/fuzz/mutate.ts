// What the fuzzer does to fitting requests: method, path, query and headers as no client of good will writes them.
import { breakBody } from './break-body.ts'
import type { Call } from './call.ts'
import type { Chance } from './chance.ts'
import type { Fitting } from './grammar.ts'

/** All that workerd's HTTP parser lets through, and a Worker may meet. */
const METHODS =
  'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PROPFIND PURGE SEARCH COPY LOCK REPORT'
    .split(' ')
    .map((name) => name)

const ODD_BYTES =
  '%00 %ff %c3%28 %2e%2e %2E %2f %5c %zz % %25 %2525 %0d%0a %ed%a0%80 %f4%90%80%80 %e2%80%ae %cc%81 + ; = & \' ( * ~ | < > " ` { } ^ \\ \u00e9 \u00ff .. . // : @ , !'.split(
    ' ',
  )
const ODD_VALUES = [
  '',
  ...'0 -1 1.5 1e3 0x10 +1 %201 99999999999999999999 9007199254740993 null true [] {} %7B%7D undefined NaN Infinity %00 %zz %ff %F0%9F%92%A9 %E2%80%8B ..%2F.. __proto__ constructor a%0d%0aSet-Cookie:x %3Cscript%3E'.split(
    ' ',
  ),
]
const ODD_HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['Accept', ['text/html', '*/*;q=0', 'application/json;q=0.0', ',', 'a/b;c="d', 'image/*', '']],
  [
    'Content-Type',
    ['text/plain', 'application/json; charset=utf-16', 'multipart/form-data', '/', ''],
  ],
  ['Content-Encoding', ['gzip', 'br', 'identity']],
  ['Origin', ['null', 'https://app.test', 'https://evil.test', 'https://app.test, https://x', '']],
  [
    'Cookie',
    ['__Host-postern=x', '__Host-postern=', 'a=b; __Host-postern=x; __Host-postern=y', ';;', '='],
  ],
  [
    'Range',
    ['bytes=0-', 'bytes=-1', 'bytes=5-1', 'bytes=0-0,2-3', 'bytes=99999999999999999999-', 'x=1-2'],
  ],
  ['If-None-Match', ['*', '"x"', 'W/"x"', 'x,,', '"']],
  ['If-Match', ['*', '"x"', 'x,,', '"']],
  ['If-Range', ['"x"', 'x', 'W/"x"']],
  ['If-Modified-Since', ['x', 'Thu, 01 Jan 1970 00:00:00 GMT', '99999999999999']],
  ['Idempotency-Key', ['x', ' ', 'a'.repeat(255), 'a'.repeat(256), 'é']],
  ['Postern-Password', ['x', '', 'open sesame', 'p'.repeat(1000)]],
  ['X-HTTP-Method-Override', ['DELETE', 'PUT']],
  ['X-Forwarded-For', ['127.0.0.1', '::1, x']],
  ['X-Forwarded-Host', ['evil.test']],
  ['CF-Connecting-IP', ['192.0.2.1', '2001:db8::1', 'x', '', '1.2.3.4, 5.6.7.8']],
  ['Sec-Fetch-Site', ['same-origin', 'cross-site', 'x']],
  ['Sec-Purpose', ['prefetch']],
  ['User-Agent', ['WhatsApp/2', '', '\u00ff', 'x'.repeat(4000)]],
  ['Referer', ['https://app.test/', 'x', '']],
  ['X-Odd', ['\u00e9\u00ff', 'x'.repeat(8000), '\t']],
  ['Access-Control-Request-Method', ['PUT', 'x', '']],
]

type Draft = {
  method: string
  path: string
  query: (readonly [string, string])[]
  headers: [string, string][]
  body: Buffer | undefined
  mutations: string[]
}

function breakPath(draft: Draft, chance: Chance): void {
  const at = chance.below(draft.path.length) + 1
  const segments = draft.path.split('/')
  const slot = 1 + chance.below(Math.max(1, segments.length - 1))
  switch (chance.below(7)) {
    case 0:
      draft.path += chance.pick(['/', '//', '/.', '/..', ';x=1', '/x'])
      break
    case 1:
      segments.splice(slot, 1)
      draft.path = segments.join('/') || '/'
      break
    case 2:
      segments.splice(slot, 0, chance.pick(ODD_BYTES) ?? '')
      draft.path = segments.join('/')
      break
    case 3:
      draft.path = `${draft.path}/${'k'.repeat(chance.pick([1025, 2000, 7000]))}`
      break
    case 4:
      draft.path = draft.path.slice(0, at).toUpperCase() + draft.path.slice(at)
      break
    default:
      draft.path = draft.path.slice(0, at) + (chance.pick(ODD_BYTES) ?? '') + draft.path.slice(at)
  }
  draft.mutations.push('path')
}

function breakQuery(draft: Draft, chance: Chance): void {
  const chosen = chance.pick(draft.query)
  const value = chance.pick(ODD_VALUES) ?? ''
  if (chosen === undefined || chance.once(4)) {
    const name = chance.pick([
      'x',
      '',
      '__proto__',
      'bucket',
      'key',
      'cursor',
      'X-Amz-Expires',
      'a[]',
    ])
    draft.query.push([name, value])
  } else if (chance.once(3)) {
    draft.query.push(chosen)
  } else {
    const name = chance.once(6) ? chosen[0].toUpperCase() : chosen[0]
    const next = chance.once(6) ? 'v'.repeat(5000) : value
    draft.query = draft.query.map((entry) => (entry === chosen ? [name, next] : entry))
  }
  draft.mutations.push('query')
}

function breakHeaders(draft: Draft, chance: Chance): void {
  const [name, values] = chance.pick(ODD_HEADERS) ?? ['X', ['']]
  draft.headers.push([name, chance.pick(values) ?? ''])
  if (chance.once(8)) draft.headers.push([name, chance.pick(values) ?? ''])
  draft.mutations.push(`header ${name}`)
}

/** Tokens and cookies that the fuzzer may send; each is what its name says. */
export interface Credentials {
  readonly good: string
  readonly others: readonly string[]
  readonly cookie: string
}

function breakCredential(draft: Draft, credentials: Credentials, chance: Chance): void {
  const { good, others } = credentials
  const odd = [
    'Bearer',
    'Bearer ',
    'Basic YTpi',
    'bearer',
    'Bearer a.b.c',
    'Bearer ..',
    `Bearer ${good}x`,
    `Bearer  ${good}`,
    `Bearer ${good} ${good}`,
    `Token ${good}`,
    'Bearer \u00ff',
    `Bearer ${'x'.repeat(7000)}`,
    ...others.map((token) => `Bearer ${token}`),
  ]
  const without = draft.headers.filter(([name]) => !/^(?:authorization|cookie)$/i.test(name))
  const one: [string, string] = ['Authorization', chance.pick(odd) ?? '']
  draft.headers = chance.once(4) ? without : [...(chance.once(4) ? draft.headers : without), one]
  draft.mutations.push('credential')
}

/** A fitting request, or one broken in one to three places. */
export function toCall(fitting: Fitting, credentials: Credentials, chance: Chance): Call {
  const { method, path, query, body } = fitting
  const text = body === undefined ? undefined : JSON.stringify(body)
  const draft: Draft = {
    method,
    path,
    query: [...query],
    headers: chance.once(8)
      ? [
          ['Cookie', credentials.cookie],
          ['Origin', 'https://app.test'],
        ]
      : [['Authorization', `Bearer ${credentials.good}`]],
    body: text === undefined ? undefined : Buffer.from(text),
    mutations: [],
  }
  if (chance.once(3))
    draft.headers.push(['Accept', chance.pick(['application/json', '*/*', 'text/html'])])
  for (let left = chance.once(3) ? 0 : 1 + chance.below(3); left > 0; left -= 1) {
    const kind = chance.below(20)
    if (kind < 5) breakPath(draft, chance)
    else if (kind < 9) breakQuery(draft, chance)
    else if (kind < 13) breakHeaders(draft, chance)
    else if (kind < 14) breakCredential(draft, credentials, chance)
    else if (kind < 15) {
      draft.method = chance.pick(METHODS) ?? 'GET'
      draft.mutations.push('method')
    } else {
      draft.body = breakBody(body, chance)
      draft.mutations.push('body')
    }
  }
  const search = draft.query.map(([name, value]) => `${name}=${value}`).join('&')
  const target = search === '' ? draft.path : `${draft.path}?${search}`
  // Of one byte each, as they go over the wire: upper case has made others of some.
  const bytes = target.replaceAll(/[^\u0021-\u00ff]/g, '_')
  return { ...draft, target: bytes.startsWith('/') ? bytes : `/${bytes}` }
}
