// Attacks on keys, prefixes and bodies: refused with a pointer or one uniform 403, and nothing is signed.
import { describe, expect, test } from 'vitest'
import { bearer, createGateway, type Problem, tokenOf } from '../support/worker.ts'

const { request } = createGateway()

async function sign(
  body: unknown,
  sub = 'alice',
): Promise<{ status: number; problem: Problem; text: string }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await request('/v1/sign', {
    method: 'POST',
    headers: await bearer(sub),
    body: text,
  })
  const answered = await answer.text()
  return { status: answer.status, problem: JSON.parse(answered) as Problem, text: answered }
}

const get = (key: unknown) => ({ bucket: 'media', key, method: 'GET' })
const put = (extra: Record<string, unknown>) => ({
  bucket: 'media',
  key: 'users/alice/x',
  method: 'PUT',
  size: 1,
  type: 'image/png',
  ...extra,
})

describe('keys in a body', () => {
  test.each([
    '../x',
    'users/alice/../bob/x',
    'users/alice/%2e%2e/x',
    'users/alice/%2E%2e/x',
    'users/alice/.',
    'users/alice//x',
    '/users/alice/x',
    'users/alice/',
    'users/alice/\u0000',
    'users/alice/a\\b',
    'users/alice/\u0085',
    'users/alice/\ud800',
    `users/alice/${'a'.repeat(1013)}`,
    '',
    7,
    null,
  ])('%j is 400', async (key) => {
    const { status, problem, text } = await sign(get(key))
    expect([status, problem.code, problem.errors?.[0]?.pointer]).toEqual([
      400,
      'invalid_request',
      '/key',
    ])
    expect(text).not.toContain('X-Amz-Signature')
  })
})

describe('no grant', () => {
  test.each([
    get('users/bob/x'),
    get('users/alice2/x'),
    get('users/alice'),
    get('Users/alice/x'),
    get('users/ALICE/x'),
    get('x'),
    { ...get('users/alice/x'), bucket: 'other' },
    { ...get('users/alice/x'), bucket: 'constructor' },
    put({ overwrite: true }),
    { ...get('users/alice/x'), method: 'DELETE', versionId: 'v1' },
  ])('%j is the same 403', async (body) => {
    const { status, problem } = await sign(body)
    expect([status, problem.code, problem.detail]).toEqual([
      403,
      'forbidden',
      'No grant allows this request.',
    ])
  })
  test.each(['..', '.', 'a/b', '%2e%2e', 'a\\b'])('sub %j resolves to no prefix', async (sub) => {
    expect((await sign(get('users/bob/x'), sub)).status).toBe(403)
    expect((await sign(get(`users/x`), sub)).status).toBe(403)
  })
})

describe('shapes', () => {
  test.each([
    [put({ size: -1 }), 400, '/size'],
    [put({ size: 1.5 }), 400, '/size'],
    [put({ size: 'NaN' }), 400, '/size'],
    [put({ size: undefined }), 400, '/size'],
    [put({ type: 'image' }), 400, '/type'],
    [put({ type: 'image/png\r\nx: y' }), 400, '/type'],
    [put({ expiresIn: 0 }), 400, '/expiresIn'],
    [put({ expiresIn: 604_801 }), 400, '/expiresIn'],
    [put({ expiresIn: '60' }), 400, '/expiresIn'],
    [put({ foo: 1 }), 400, '/foo'],
    [put({ method: 'PATCH' }), 400, '/method'],
    [put({ size: 6 * 2 ** 30 }), 413, undefined],
    [put({ size: 11 * 2 ** 30 }), 413, undefined],
    [put({ type: 'text/html' }), 415, undefined],
    ['{', 400, ''],
    ['[]', 400, ''],
    ['{"bucket":"media","bucket":"x"}', 400, ''],
    ['7', 400, ''],
  ])('%j', async (body, status, pointer) => {
    const answered = await sign(body)
    expect([answered.status, answered.problem.errors?.[0]?.pointer]).toEqual([status, pointer])
    expect(answered.text).not.toContain('X-Amz-Signature')
  })
  test('a body of 3 MiB', async () => {
    expect((await sign(`{"bucket":"${'a'.repeat(3 * 2 ** 20)}"}`)).status).toBe(413)
  })
  test('an unknown or repeated query parameter', async () => {
    for (const query of [
      '?x=1',
      '?expiresIn=1&expiresIn=2',
      '?expiresIn=0',
      '?disposition=other',
    ]) {
      const headers = { Authorization: `Bearer ${await tokenOf('alice')}` }
      expect((await request(`/o/media/users/alice/x${query}`, { headers })).status).toBe(400)
    }
  })
})
