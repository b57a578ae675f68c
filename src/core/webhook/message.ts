// Messages of Standard Webhooks: their body, their signatures, and what an answer to them means.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
import { toBytes } from '../bytes.ts'
import { fromBase64Url } from '../base64url.ts'

/** What happened; `data` holds no secrets, and nothing that opens anything. */
export interface WebhookEvent {
  /** The same for every report of one event, so that a receiver can tell repeats: [A-Za-z0-9_-]. */
  readonly id: string
  readonly type: 'upload.completed' | 'link.frozen'
  readonly atMs: number
  readonly data: { readonly [name: string]: unknown }
}

export const WEBHOOK_LIFE_MS = 24 * 60 * 60_000
const FIRST_RETRY_MS = 5000
const LONGEST_RETRY_MS = 4 * 60 * 60_000

/** The bytes of `whsec_…`: base64 of 24 to 64 bytes; null for anything else. */
export function parseWebhookSecret(text: string): Uint8Array<ArrayBuffer> | null {
  const base64 = /^whsec_([A-Za-z0-9+/]+)={0,2}$/.exec(text)?.[1]
  const bytes =
    base64 === undefined ? null : fromBase64Url(base64.replaceAll('+', '-').replaceAll('/', '_'))
  return bytes !== null && bytes.length >= 24 && bytes.length <= 64 ? bytes : null
}

export function toBody({ type, atMs, data }: WebhookEvent): string {
  return JSON.stringify({ type, timestamp: new Date(atMs).toISOString(), data })
}

/** The three headers; one signature for each secret, so that a receiver may know either during a rotation. */
export async function toHeaders(
  id: string,
  body: string,
  secrets: readonly Uint8Array<ArrayBuffer>[],
  nowMs: number,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000))
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const signatures = secrets.map(async (secret) => {
    const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
    const signed = toBytes(`${id}.${timestamp}.${body}`)
    const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
    return `v1,${btoa(String.fromCharCode(...mac))}`
  })
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': (await Promise.all(signatures)).join(' '),
  }
}

/** Time to the next attempt after `attempts` of them: four times as long each, up to 4 h, give or take a quarter. */
export function toRetryMs(attempts: number, chance: number): number {
  const plain = Math.min(FIRST_RETRY_MS * 4 ** (attempts - 1), LONGEST_RETRY_MS)
  return Math.round(plain * (0.75 + chance / 2))
}

/** 2xx is taken; 410 says that nobody wants it any more; everything else is tried again. */
export function judgeAnswer(status: number): 'delivered' | 'unwanted' | 'retry' {
  if (status >= 200 && status < 300) return 'delivered'
  return status === 410 ? 'unwanted' : 'retry'
}
