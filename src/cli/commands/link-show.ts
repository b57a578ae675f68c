// `postern link show`: everything of one link.
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { openGateway } from '../gateway.ts'
import { toLink } from '../links/answer.ts'
import { toLines } from '../links/show.ts'
import { toLinkId } from '../links/target.ts'

const TEXT = {
  summary: 'show a link',
  description: 'Shows what a link opens, its state, its conditions, and how often it was used.',
  examples: [
    { what: 'by its id or its URL', line: 'postern link show https://files.example.com/l/7Hq2…' },
  ],
}

export function linkShowCommand(shell: Shell) {
  return createCommand(shell, 'show', TEXT)
    .argument('<link>', 'its id or its URL; after "--" where the id begins with "-"')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (given, { json, ...options }) => {
      const id = toLinkId(given)
      const call = await openGateway(shell, options)
      const link = toLink(await call('GET', `/v1/links/${id}`))
      shell.print(json ? JSON.stringify(link) : toLines(link))
    })
}
