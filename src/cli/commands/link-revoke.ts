// `postern link revoke`: ends links for good.
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { openGateway } from '../gateway.ts'
import { toLinkId } from '../links/target.ts'

const TEXT = {
  summary: 'end links for good',
  description:
    'Ends links. Strict, counted, streamed ones and those with a password end at once; others within the delay that docs/links.md names. URLs to S3 that were handed out live on for at most a minute.',
  examples: [
    { what: 'by id or URL', line: 'postern link revoke 7Hq2… https://files.example.com/l/9Kf3…' },
  ],
}

export function linkRevokeCommand(shell: Shell) {
  return createCommand(shell, 'revoke', TEXT)
    .argument('<links...>', 'ids or URLs; after "--" where one begins with "-"')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (given, { json, ...options }) => {
      const ids = given.map(toLinkId)
      const call = await openGateway(shell, options)
      for (const id of ids) {
        await call('DELETE', `/v1/links/${id}`)
        if (!json) shell.print(`revoked ${id}`)
      }
      if (json) shell.print(JSON.stringify({ ok: true, revoked: ids }))
    })
}
