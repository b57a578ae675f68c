// `postern keys new`: makes the gateway's own secrets, and prints them because the user asked for them.
import { generateKeyPairSync } from 'node:crypto'
import { toBase64Url } from '../core/base64url.ts'
import { toThumbprint } from '../core/identity/key.ts'
import { readOptions, UsageError } from './usage.ts'

/** An ES256 private JWK with its RFC 7638 thumbprint as `kid`. */
export async function createSigningJwk(): Promise<{ readonly [member: string]: string }> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '', d = '' } = privateKey.export({ format: 'jwk' })
  const kid = await toThumbprint(x, y)
  return { kty: 'EC', crv: 'P-256', x, y, d, kid, alg: 'ES256', use: 'sig' }
}

export async function makeKeys(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    'postern-key': { type: 'boolean', default: false },
    'webhook-secret': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  })
  if (positionals.length !== 1 || positionals[0] !== 'new') throw new UsageError('keys new')
  const random = crypto.getRandomValues(new Uint8Array(32))
  const secrets = new Map<string, unknown>()
  if (values['postern-key']) secrets.set('POSTERN_KEY', toBase64Url(random))
  if (values['webhook-secret']) {
    const bytes = crypto.getRandomValues(new Uint8Array(32))
    secrets.set('WEBHOOK_SECRET', `whsec_${btoa(String.fromCharCode(...bytes))}`)
  }
  if (secrets.size === 0) secrets.set('POSTERN_SIGNING_KEY', await createSigningJwk())
  // One document, as `wrangler secret bulk` takes it: texts.
  const texts = Object.fromEntries(
    [...secrets].map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
  if (values.json) console.log(JSON.stringify(texts))
  else {
    for (const [name, text] of Object.entries(texts)) {
      console.error(`# ${name}: npx wrangler secret put ${name}, then paste the line`)
      console.log(text)
    }
  }
  return 0
}
