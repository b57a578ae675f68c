// Keys in raw request paths, sent without any client's normalisation: nothing escapes its prefix.
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { gateway, tokenOf } from '../support/s3/client.ts'

async function rawStatus(path: string): Promise<number> {
  const { port } = new URL(gateway.url)
  const token = await tokenOf('alice')
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port,
      path,
      headers: { Authorization: `Bearer ${token}`, Host: `localhost:${port}` },
    }
    request(options, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

test.each([
  '/o/media/users/alice//x',
  '/o/media/users/alice/x/',
  '/o/media//users/alice/x',
  '/o/media/users/alice/%00',
  '/o/media/users/alice/a%5cb',
  '/o/media/users/alice/%ff',
  '/o/media/users/alice/%ed%a0%80',
  '/o/media/',
])('%s is malformed', async (path) => {
  expect(await rawStatus(path)).toBe(400)
})

// Miniflare, like Cloudflare's edge, collapses dot segments before a Worker sees the path: what is left is
// another user's key. A path that arrives uncollapsed is 400 (test/core/policy/key.test.ts).
test.each([
  '/o/media/users/alice/../bob/x',
  '/o/media/users/alice/%2e%2e/bob/x',
  '/o/media/users/alice/%2E%2e/bob/x',
  '/o/media/users/alice/.%2e/bob/x',
])('%s leads to nobody else', async (path) => {
  expect(await rawStatus(path)).toBe(403)
})
