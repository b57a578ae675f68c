// Standard Webhooks as its specification and its reference library sign it; retries that end within a day.
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  judgeAnswer,
  parseWebhookSecret,
  toHeaders,
  toRetryMs,
  WEBHOOK_LIFE_MS,
} from '../../../src/core/webhook/message.ts'

test('the example of the specification', async () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (signature scheme)
  const secret = Uint8Array.from(atob('plJ3nmyCDGBKInavdOK15jsl'), (char) => char.charCodeAt(0))
  const body = '{"event_type":"ping","data":{"success":true}}'
  const headers = await toHeaders('msg_loFOjxBNrRLzqYUf', body, [secret], 1_731_705_121_999)
  expect(headers).toEqual({
    'content-type': 'application/json',
    'webhook-id': 'msg_loFOjxBNrRLzqYUf',
    'webhook-timestamp': '1731705121',
    'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
  })
  const both = await toHeaders('msg_loFOjxBNrRLzqYUf', body, [secret, secret], 1_731_705_121_000)
  expect(both['webhook-signature']?.split(' ')).toEqual([
    headers['webhook-signature'],
    headers['webhook-signature'],
  ])
})

test.each([
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 24],
  [`whsec_${btoa('x'.repeat(32))}`, 32],
  [`whsec_${btoa('x'.repeat(64))}`, 64],
  [`whsec_${btoa('x'.repeat(23))}`, null],
  [`whsec_${btoa('x'.repeat(65))}`, null],
  ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', null],
  ['whsec_', null],
  ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-', null],
])('secret %s: %s bytes', (text, length) => {
  expect(parseWebhookSecret(text)?.length ?? null).toBe(length)
})

test('retries grow, never crowd, and there are about a dozen in a day', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
        minLength: 40,
        maxLength: 40,
      }),
      (chances) => {
        const waits = chances.map((chance, at) => toRetryMs(at + 1, chance))
        expect(Math.min(...waits)).toBeGreaterThanOrEqual(3750)
        expect(Math.max(...waits)).toBeLessThanOrEqual(5 * 60 * 60_000)
        let [elapsed, attempts] = [0, 1]
        for (const wait of waits) {
          elapsed += wait
          if (elapsed < WEBHOOK_LIFE_MS) attempts += 1
        }
        expect(attempts).toBeGreaterThanOrEqual(9)
        expect(attempts).toBeLessThanOrEqual(15)
      },
    ),
  )
})

test.each([
  [200, 'delivered'],
  [299, 'delivered'],
  [410, 'unwanted'],
  [0, 'retry'],
  [101, 'retry'],
  [302, 'retry'],
  [400, 'retry'],
  [404, 'retry'],
  [429, 'retry'],
  [500, 'retry'],
] as const)('%s is %s', (status, outcome) => {
  expect(judgeAnswer(status)).toBe(outcome)
})
