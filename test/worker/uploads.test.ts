// Uploads that must not begin: what would be refused when its parts are signed has opened nothing at S3.
import { afterEach, expect, test, vi } from 'vitest'
import { mintHmac } from '../support/mint.ts'
import { BASE, createGateway, ISSUER, type Problem, secretBytes } from '../support/worker.ts'

afterEach(() => void vi.restoreAllMocks())

async function openWith(expiresInSeconds: number) {
  const s3 = vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { method } = new Request(input, init)
    return method === 'HEAD'
      ? new Response(null, { status: 404 })
      : new Response(
          '<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>',
        )
  })
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    aud: BASE,
    sub: 'alice',
    iat: now - 60,
    exp: now + expiresInSeconds,
  }
  const token = await mintHmac({ header: { alg: 'HS256' }, claims }, secretBytes)
  const answer = await createGateway().request('/v1/uploads', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ bucket: 'media', key: 'users/alice/a.txt', type: 'text/plain' }),
  })
  return { answer, calls: s3.mock.calls.length }
}

test('a token that lives on by leeway alone opens nothing', async () => {
  const { answer, calls } = await openWith(-5)
  expect(answer.status).toBe(401)
  expect((await answer.json<Problem>()).code).toBe('invalid_token')
  expect(calls).toBe(0)
})

test('one that lives opens it', async () => {
  const { answer, calls } = await openWith(60)
  expect(answer.status).toBe(201)
  expect(calls).toBe(2)
})
