// Webhooks through their Durable Object, to a receiver on loopback that fails first.
import { env, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeEach, describe, expect, inject, test } from 'vitest'
import { createWebhooks } from '../../src/adapters/webhooks.ts'
import type { WebhookEvent } from '../../src/core/webhook/message.ts'
import { createLinks } from '../support/links.ts'
import type { Received } from '../support/receiver.ts'
import { expectUntainted } from '../support/taint.ts'
import { WEBHOOK_SECRET } from '../support/webhook-secret.ts'
import { createGateway, ISSUER, type Problem } from '../support/worker.ts'

const control = `${inject('receiver')}/control`
const webhooks = createWebhooks(env.WEBHOOKS, true)
const queue = env.WEBHOOKS.get(env.WEBHOOKS.idFromName('queue'))

let serial = 0
function toEvent(more: Partial<WebhookEvent> = {}): WebhookEvent {
  serial += 1
  const data = { bucket: 'media', key: 'users/alice/☃', size: 3 }
  return { id: `upload_${serial}`, type: 'upload.completed', atMs: Date.now(), data, ...more }
}
async function answerWith(...statuses: readonly number[]): Promise<void> {
  await fetch(control, { method: 'PUT', body: JSON.stringify(statuses) })
}
async function received(): Promise<readonly Received[]> {
  return (await fetch(control)).json()
}

interface Row {
  readonly id: string
  readonly body: string | null
  readonly attempts: number
  readonly due: number
  readonly ends: number
}
const readRows = (): Promise<readonly Row[]> =>
  runInDurableObject(
    queue,
    (_object, { storage }) =>
      storage.sql.exec('SELECT * FROM messages ORDER BY id').toArray() as unknown as Row[],
  )
/** As if all of that time had passed. */
const pass = (column: 'due' | 'ends'): Promise<void> =>
  runInDurableObject(queue, (_object, { storage }) => {
    storage.sql.exec(`UPDATE messages SET ${column} = 1`)
  })
const alarmAt = () => runInDurableObject(queue, (_object, { storage }) => storage.getAlarm())

const turn = (): Promise<void> => runInDurableObject(queue, (object) => object.alarm())

/** Sends; the alarm goes off by itself, and one more turn waits for that one. */
async function send(event: WebhookEvent): Promise<void> {
  expect(await webhooks.send(event)).toBe(true)
  await turn()
}

/** By another implementation than the one that signs. */
async function isSigned({ headers, body }: Received, secret = WEBHOOK_SECRET): Promise<boolean> {
  const { createHmac } = await import('node:crypto')
  const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = atob(secret.slice('whsec_'.length))
  const mac = createHmac(
    'sha256',
    Uint8Array.from(key, (char) => char.charCodeAt(0)),
  )
  return headers['webhook-signature'] === `v1,${mac.update(text).digest('base64')}`
}

beforeEach(async () => {
  await answerWith()
  await runInDurableObject(queue, (_object, { storage }) => {
    storage.sql.exec('DELETE FROM messages')
  })
})

test('delivered once, signed, with a body that names what happened', async () => {
  const event = toEvent()
  await send(event)
  const [message, ...more] = await received()
  expect(more).toEqual([])
  if (message === undefined) throw new Error('nothing arrived')
  expect(await isSigned(message)).toBe(true)
  expect(await isSigned({ ...message, body: `${message.body} ` })).toBe(false)
  expect(message.path).toBe('/hook')
  expect(message.headers).toMatchObject({
    'webhook-id': event.id,
    'content-type': 'application/json',
  })
  expect(JSON.parse(message.body)).toEqual({
    type: 'upload.completed',
    timestamp: new Date(event.atMs).toISOString(),
    data: event.data,
  })
  expectUntainted(JSON.stringify(message), [WEBHOOK_SECRET])

  // The same event again, as a repeated completion reports it, is no second message.
  await send(event)
  expect((await received()).length).toBe(1)
  expect(await readRows()).toMatchObject([{ id: event.id, body: null }])
  // And nothing is kept for longer than a day.
  await pass('ends')
  await turn()
  expect([await readRows(), await alarmAt()]).toEqual([[], null])
})

test('a receiver that fails first gets it in the end, never by a redirect', async () => {
  await answerWith(500, 0, 302, 429, 200)
  await send(toEvent())
  for (const attempts of [1, 2, 3, 4]) {
    const [row] = await readRows()
    expect(row).toMatchObject({ attempts, body: expect.any(String) })
    // Its alarm is when it is due, and until then nothing is sent.
    expect(await alarmAt()).toBe(row?.due)
    expect(await runDurableObjectAlarm(queue)).toBe(true)
    expect((await received()).length).toBe(attempts)
    await pass('due')
    await turn()
  }
  const messages = await received()
  expect(messages.map(({ path }) => path)).toEqual(Array(5).fill('/hook'))
  expect(new Set(messages.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  for (const message of messages) expect(await isSigned(message)).toBe(true)
  expect(await readRows()).toMatchObject([{ body: null }])
})

test('given up after a day', async () => {
  await answerWith(500, 500, 500)
  await send(toEvent())
  await pass('ends')
  await turn()
  expect([await readRows(), (await received()).length]).toEqual([[], 1])
})

test('410 ends what is queued', async () => {
  await answerWith(500, 500, 410)
  await send(toEvent())
  await send(toEvent())
  await pass('due')
  await answerWith(410, 410)
  await turn()
  expect((await readRows()).map(({ body }) => body)).toEqual([null, null])
  await answerWith()
  await send(toEvent())
  expect((await received()).length).toBe(1)
})

test('many at a time, none lost', async () => {
  await answerWith(...Array<number>(10).fill(503))
  const events = Array.from({ length: 45 }, () => toEvent())
  expect(await Promise.all(events.map((event) => webhooks.send(event)))).toEqual(
    Array(45).fill(true),
  )
  for (let times = 0; times < 6; times += 1) {
    await pass('due')
    await turn()
  }
  const arrived = new Set((await received()).map(({ headers }) => headers['webhook-id']))
  expect(arrived).toEqual(new Set(events.map(({ id }) => id)))
  expect((await readRows()).every(({ body }) => body === null)).toBe(true)
})

test('a link that its tripwire freezes is told, once, without what would open it', async () => {
  const url = `${inject('receiver')}/hook`
  const { make, open } = createLinks({ WEBHOOK: { url }, WEBHOOK_SECRET })
  const tripwire = { networks: 1, withinMinutes: 5 }
  const { id } = await make({ tripwire, label: 'Für Zoë' })
  for (const [ip, status] of [
    ['192.0.2.1', 302],
    ['198.51.100.1', 403],
    ['203.0.113.1', 403],
  ] as const)
    expect((await open(id, { headers: { 'CF-Connecting-IP': ip } })).status).toBe(status)
  await turn()
  const [message, ...more] = await received()
  if (message === undefined) throw new Error('nothing arrived')
  expect([more, await isSigned(message)]).toEqual([[], true])
  const { type, data } = JSON.parse(message.body)
  const told = { issuer: ISSUER, sub: 'alice', link: id.slice(0, 8), label: 'Für Zoë' }
  expect({ type, data }).toEqual({ type: 'link.frozen', data: told })
  expect(JSON.stringify(message)).not.toContain(id)
})

test('without WEBHOOK nothing is called', async () => {
  const nowhere = new Proxy(env.WEBHOOKS, {
    get: () => {
      throw new Error('called')
    },
  })
  expect(await createWebhooks(nowhere, false).send(toEvent())).toBe(true)
  // And a queue that cannot be reached is told, not thrown.
  expect(await createWebhooks(nowhere, true).send(toEvent())).toBe(false)
})

describe('refused at start', () => {
  const url = 'https://app.example.com/hooks'
  const rows: readonly (readonly [string, string, object])[] = [
    ['no secret', 'WEBHOOK_SECRET', { WEBHOOK: { url }, WEBHOOK_SECRET: undefined }],
    ['a short secret', 'WEBHOOK_SECRET', { WEBHOOK: { url }, WEBHOOK_SECRET: 'whsec_AAAA' }],
    [
      'a bad old secret',
      'WEBHOOK_SECRET_PREVIOUS',
      { WEBHOOK: { url }, WEBHOOK_SECRET_PREVIOUS: 'x' },
    ],
    ['plain http', 'WEBHOOK.url', { WEBHOOK: { url: 'http://app.example.com/hooks' } }],
    ['a password', 'WEBHOOK.url', { WEBHOOK: { url: 'https://a:b@app.example.com/hooks' } }],
    ['no URL', 'WEBHOOK.url', { WEBHOOK: {} }],
    ['an unknown key', 'WEBHOOK.secret', { WEBHOOK: { url, secret: 'x' } }],
    ['no binding', 'WEBHOOK', { WEBHOOK: { url }, WEBHOOKS: undefined }],
  ]
  test.each(rows)('%s', async (_name, path, settings) => {
    const answer = await createGateway({ WEBHOOK_SECRET, ...settings }).request('/readyz')
    const { errors = [] } = await answer.json<Problem>()
    expect([answer.status, errors.map(({ pointer }) => pointer)]).toEqual([503, [path]])
  })
  test('and these are sound', async () => {
    for (const good of [url, 'http://localhost:3000/hooks']) {
      const gateway = createGateway({ WEBHOOK: { url: good }, WEBHOOK_SECRET })
      expect((await gateway.request('/readyz')).status).toBe(200)
    }
  })
})
