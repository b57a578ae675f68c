// `postern keys new`: makes the gateway's own secrets, and prints them because the user asked for them.
import { toBase64Url } from '../../core/base64url.ts'
import { createCommand, createGroup } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { createSigningJwk } from '../signing-jwk.ts'

const TEXT = {
  summary: 'make secrets of the gateway',
  description:
    'Makes POSTERN_SIGNING_KEY (an ES256 private JWK), or the secrets named, and prints them to standard output: the only command whose output is secret.',
  examples: [
    {
      what: 'the key that signs receipts, straight to Cloudflare',
      line: 'postern keys new | npx wrangler secret put POSTERN_SIGNING_KEY',
    },
    {
      what: 'several at once',
      line: 'postern keys new --postern-key --webhook-secret --json | npx wrangler secret bulk',
    },
  ],
}

const random = (): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(32))

export function keysCommand(shell: Shell) {
  const create = createCommand(shell, 'new', TEXT)
    .option('--postern-key', 'POSTERN_KEY, which seals tickets and cookies')
    .option('--webhook-secret', 'WEBHOOK_SECRET')
    .action(async ({ posternKey, webhookSecret, json }) => {
      // One document, as `wrangler secret bulk` takes it: texts.
      const texts: Record<string, string> = {
        ...(posternKey && { POSTERN_KEY: toBase64Url(random()) }),
        ...(webhookSecret && {
          WEBHOOK_SECRET: `whsec_${btoa(String.fromCharCode(...random()))}`,
        }),
      }
      if (Object.keys(texts).length === 0)
        texts['POSTERN_SIGNING_KEY'] = JSON.stringify(await createSigningJwk())
      if (json) {
        shell.print(JSON.stringify(texts))
        return
      }
      for (const [name, text] of Object.entries(texts)) {
        shell.note(`# ${name}: npx wrangler secret put ${name}, then paste the line`)
        shell.print(text)
      }
    })
  return createGroup(shell, 'keys', TEXT.summary).addCommand(create)
}
