// What batches of uploads cost: a unit for each request, also one that is refused, and all or nothing.
import { expect, test } from 'vitest'
import { bearer, createGateway } from '../support/worker.ts'

const LIMITS = [{ name: 'up', per: 'sub', allow: 20, every: '1m', on: ['upload'] }]

test.each(['/v1/uploads', '/v1/uploads/complete'])('%s', async (path) => {
  const gateway = createGateway({ LIMITS })
  const post = async (count: number): Promise<Response> =>
    gateway.request(path, {
      method: 'POST',
      headers: await bearer(),
      // Refused by itself, each: nothing of it reaches S3.
      body: JSON.stringify({ requests: Array.from({ length: count }, () => ({})) }),
    })
  const many = await post(21)
  expect(many.status).toBe(429)
  expect(await many.json()).toMatchObject({ code: 'rate_limited' })
  const some = await post(15)
  expect(some.status).toBe(200)
  expect(some.headers.get('RateLimit')).toContain('r=5')
  expect((await post(6)).status).toBe(429)
  expect(gateway.log.at(-1)).toMatchObject({ route: path, status: 429 })
})
