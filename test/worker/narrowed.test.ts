// Narrowed tokens: the claim `postern` takes away from the grants, never adds, and refuses the token when malformed.
import { describe, expect, test } from 'vitest'
import type { SessionAnswer } from '../../src/contract/session.ts'
import type { SignedRequest } from '../../src/contract/common.ts'
import { createGateway, tokenOf } from '../support/worker.ts'

const { request } = createGateway()
const ONE = { bucket: 'media', key: 'users/alice/report.pdf', allow: ['read'], max_expires: '10m' }

async function call(grants: unknown, method: string, path: string, body?: object) {
  const postern = Array.isArray(grants) ? { grants } : grants
  const headers = { Authorization: `Bearer ${await tokenOf('alice', { postern })}` }
  return request(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
}

const read = (grants: unknown, key: string): Promise<Response> =>
  call(grants, 'GET', `/o/media/${key}`)
const put = (grants: unknown, body: object): Promise<Response> =>
  call(grants, 'POST', '/v1/sign', {
    bucket: 'media',
    key: 'users/alice/x',
    method: 'PUT',
    size: 10,
    type: 'image/png',
    ...body,
  })

describe('one object, one method, ten minutes', () => {
  test.each([
    ['users/alice/report.pdf', 302],
    ['users/alice/report.pdf/x', 403],
    ['users/alice/report.pd', 403],
    ['users/alice/other', 403],
    ['users/bob/report.pdf', 403],
  ])('%s: %i', async (key, status) => {
    expect((await read([ONE], key)).status).toBe(status)
  })
  test('nothing but reading, for no longer', async () => {
    const remove = await call([ONE], 'DELETE', `/v1/objects/media/${ONE.key}`)
    expect(remove.status).toBe(403)
    const signed = await call([ONE], 'POST', '/v1/sign', {
      bucket: 'media',
      key: ONE.key,
      method: 'GET',
      expiresIn: 3600,
    })
    const { url } = await signed.json<SignedRequest>()
    expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('600')
  })
})

describe('bounds', () => {
  const write = { bucket: 'media', prefix: 'users/${sub}/', allow: ['write'] }
  test.each([
    [[write], {}, 200],
    [[{ ...write, max_bytes: 9 }], {}, 413],
    [[{ ...write, max_bytes: '1KB' }], {}, 200],
    [[{ ...write, max_bytes: '100TB' }], { size: 11 * 2 ** 30 }, 413],
    [[{ ...write, types: ['text/plain'] }], {}, 415],
    [[{ ...write, types: ['image/*'] }], {}, 200],
    [[{ ...write, types: ['*/*'] }], { type: 'video/mp4' }, 415],
    [[{ ...write, options: ['overwrite'] }], { overwrite: true }, 403],
    [[{ ...write, prefix: '' }], {}, 200],
    [[{ ...write, prefix: '' }], { key: 'users/bob/x' }, 403],
    [[{ ...write, prefix: 'users/${nobody}/' }], {}, 403],
    [[{ ...write, bucket: 'other' }], {}, 403],
    [
      [
        { ...write, allow: ['read'] },
        { ...write, prefix: 'users/alice/deep/' },
      ],
      {},
      403,
    ],
    [[{ ...write, max_bytes: 1 }, write], {}, 200],
    [[], {}, 403],
  ])('%j %j: %i', async (grants, body, status) => {
    expect((await put(grants, body)).status).toBe(status)
  })
  test('a type that the grant shows inline is an attachment where the token says so', async () => {
    const show = { bucket: 'media', prefix: '', allow: ['read'] }
    const dispositionOf = async (grants: unknown): Promise<string> =>
      new URL(
        (await read(grants, 'users/alice/a.png?disposition=inline')).headers.get('Location') ?? '',
      ).searchParams.get('response-content-disposition') ?? ''
    expect(await dispositionOf([show])).toMatch(/^inline/)
    expect(await dispositionOf([{ ...show, inline: [] }])).toMatch(/^attachment/)
    expect(await dispositionOf([{ ...show, inline: ['text/html'] }])).toMatch(/^attachment/)
  })
})

test.each([
  [null],
  [[]],
  ['all'],
  [{}],
  [{ grants: {} }],
  [{ grants: [], more: 1 }],
  [{ grants: [{}] }],
  [{ grants: [{ ...ONE, prefix: '' }] }],
  [{ grants: [{ bucket: 'media', allow: ['read'] }] }],
  [{ grants: [{ ...ONE, allow: [] }] }],
  [{ grants: [{ ...ONE, allow: ['everything'] }] }],
  [{ grants: [{ ...ONE, key: 'users/../x' }] }],
  [{ grants: [{ bucket: 'media', prefix: 'users', allow: ['read'] }] }],
  [{ grants: [{ bucket: 'media', prefix: 'a${sub}/', allow: ['read'] }] }],
  [{ grants: [{ ...ONE, max_expires: 0 }] }],
  [{ grants: [{ ...ONE, max_bytes: '5 apples' }] }],
  [{ grants: [{ ...ONE, when: {} }] }],
  [{ grants: [{ ...ONE, issuer: 'https://login.example.com' }] }],
])('a malformed claim refuses the token: %j', async (postern) => {
  const headers = { Authorization: `Bearer ${await tokenOf('alice', { postern })}` }
  expect((await request('/v1/session', { headers })).status).toBe(401)
})

test('the session shows what is left', async () => {
  const grants = [
    ONE,
    { bucket: 'media', prefix: '', allow: ['list', 'share'], max_bytes: 5 },
    { bucket: 'media', prefix: 'users/alice/deep/', allow: ['upload'] },
    { bucket: 'media', prefix: 'users/bob/', allow: ['read'] },
    { bucket: 'media', key: 'users/bob/x', allow: ['read'] },
  ]
  const answer = await (await call(grants, 'GET', '/v1/session')).json<SessionAnswer>()
  expect(answer.grants.map(({ prefix, allow, maxBytes }) => [prefix, allow, maxBytes])).toEqual([
    ['users/alice/report.pdf', ['read'], 10 * 2 ** 30],
    ['users/alice/', ['list'], 5],
    ['users/alice/deep/', ['upload'], 10 * 2 ** 30],
  ])
})
