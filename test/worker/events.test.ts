// What dashboards see of a request: the data point with its fixed places, Server-Timing in development, the caller in signed URLs.
import { describe, expect, test } from 'vitest'
import { VERSION } from '../../src/version.ts'
import { expectUntainted } from '../support/taint.ts'
import {
  BASE,
  bearer,
  createGateway,
  ISSUER,
  type Problem,
  SETTINGS,
  tokenOf,
} from '../support/worker.ts'

/** The binding, as far as a Worker can look at it: what was written can be read at Cloudflare alone. */
function createDataset(fails = false) {
  const points: AnalyticsEngineDataPoint[] = []
  const binding = {
    writeDataPoint(point: AnalyticsEngineDataPoint) {
      if (fails) throw new TypeError('too many')
      points.push(point)
    },
  }
  // A class of its own, as a binding is: plain objects are variables.
  return { points, POSTERN_EVENTS: Object.assign(Object.create({}), binding) as unknown }
}

describe('data points', () => {
  test('one a request, every value at its place, no key and no secret', async () => {
    const { points, POSTERN_EVENTS } = createDataset()
    const { request, log } = createGateway({ POSTERN_EVENTS })
    const headers = await bearer()
    const answer = await request('/o/media/users/alice/secret-name.pdf', { headers })
    const subject = String(log[0]?.['subject'])
    expect(subject).toMatch(/^[\w-]{16}$/)
    expect(points).toEqual([
      {
        indexes: [subject],
        blobs: [
          '/o/*',
          'GET',
          '',
          'media',
          'GRANTS[0]',
          ISSUER,
          '',
          '',
          VERSION,
          answer.headers.get('X-Request-Id'),
        ],
        doubles: [302, expect.any(Number), 1, 0],
      },
    ])
    const token = headers.Authorization.slice('Bearer '.length)
    expectUntainted(JSON.stringify(points), [
      token,
      'secret-name',
      'alice',
      SETTINGS.SESSION_SECRET,
    ])
  })

  test('refusals have their code, batches their counts, strangers no index', async () => {
    const { points, POSTERN_EVENTS } = createDataset()
    const { request } = createGateway({ POSTERN_EVENTS })
    await request('/v1/session')
    const of = (sub: string) => ({ bucket: 'media', key: `users/${sub}/x`, method: 'GET' })
    const body = JSON.stringify({ requests: [of('alice'), of('bob'), of('alice')] })
    await request('/v1/sign', { method: 'POST', headers: await bearer(), body })
    const seen = points.map(({ indexes, blobs, doubles }) => [
      indexes?.[0] === '',
      blobs?.[2],
      doubles?.[0],
      doubles?.[2],
      doubles?.[3],
    ])
    expect(seen).toEqual([
      [true, 'invalid_token', 401, 1, 0],
      [false, '', 200, 3, 1],
    ])
  })

  test('a dataset that fails costs nobody an answer', async () => {
    const { POSTERN_EVENTS } = createDataset(true)
    const { request, log } = createGateway({ POSTERN_EVENTS })
    expect((await request('/v1/session', { headers: await bearer() })).status).toBe(200)
    expect(log).toHaveLength(1)
  })
})

describe('Server-Timing', () => {
  test('in development: each step and the whole', async () => {
    const { request } = createGateway({ PUBLIC_URL: 'http://localhost:8787' })
    const answer = await request('/v1/session', { headers: await bearer() })
    expect(answer.headers.get('Server-Timing')).toMatch(
      /^token;dur=\d+, (?:limit;dur=\d+, )*work;dur=\d+, total;dur=\d+$/,
    )
  })
  test('nowhere else: it would tell a forger how far he came', async () => {
    const { request } = createGateway()
    expect(
      (await request('/v1/session', { headers: await bearer() })).headers.has('Server-Timing'),
    ).toBe(false)
  })
})

describe('log_subject', () => {
  const named = { BUCKETS: { media: { ...SETTINGS.BUCKETS.media, log_subject: true } } }
  const subOf = (url: string): string | null => new URL(url).searchParams.get('x-postern-sub')

  test('signed URLs name the caller as the log does', async () => {
    const { request, log } = createGateway(named)
    const answer = await request('/o/media/users/alice/x', { headers: await bearer() })
    expect(subOf(answer.headers.get('Location') ?? '')).toBe(log[0]?.['subject'])
    const put = {
      bucket: 'media',
      key: 'users/alice/x',
      method: 'PUT',
      size: 1,
      type: 'text/plain',
    }
    const headers = { Authorization: `Bearer ${await tokenOf('alice')}` }
    const signed = await request('/v1/sign', { method: 'POST', headers, body: JSON.stringify(put) })
    expect(subOf((await signed.json<{ url: string }>()).url)).toBe(log[0]?.['subject'])
  })
  test('is off unless it is asked for', async () => {
    const { request } = createGateway()
    const answer = await request('/o/media/users/alice/x', { headers: await bearer() })
    expect(subOf(answer.headers.get('Location') ?? BASE)).toBeNull()
  })
  test('is a fault where it is not known to be logged', async () => {
    const media = {
      ...SETTINGS.BUCKETS.media,
      provider: 'generic',
      endpoint: 'https://s3.example',
      log_subject: true,
    }
    const { request } = createGateway({ BUCKETS: { media } })
    const ready = await (await request('/readyz')).json<Problem>()
    expect(ready.errors?.map(({ pointer }) => pointer)).toEqual(['BUCKETS.media.log_subject'])
  })
})
