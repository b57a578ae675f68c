// WEBHOOK: where events go, and the secrets that sign them; both are read again by the queue when it delivers.
import { parseWebhookSecret } from '../core/webhook/message.ts'
import { type ConfigFault, type RawEnv, readSecret } from './env.ts'
import type { ConfigInput } from './schema.ts'
import { parseBaseUrl } from './urls.ts'

/** Whether events are sent at all; every fault is reported. */
export function toWebhook(
  input: ConfigInput['WEBHOOK'],
  env: RawEnv,
  faults: ConfigFault[],
): boolean {
  if (input === undefined) return false
  if (parseBaseUrl(input.url) === null) {
    const detail = 'expected an https URL without query; http only for localhost'
    faults.push({ path: 'WEBHOOK.url', detail })
  }
  for (const name of ['WEBHOOK_SECRET', 'WEBHOOK_SECRET_PREVIOUS']) {
    const text = readSecret(env, name)
    if (text === undefined && name === 'WEBHOOK_SECRET_PREVIOUS') continue
    if (text === undefined || parseWebhookSecret(text) === null)
      faults.push({ path: name, detail: 'expected whsec_ and 24 to 64 bytes as base64' })
  }
  return true
}
