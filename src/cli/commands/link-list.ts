// `postern link list`: one's own links, or with the grant `admin` those of others.
import type { LinkAnswer } from '../../contract/link.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { UsageError } from '../frame/usage.ts'
import { openGateway } from '../gateway.ts'
import { toLinks } from '../links/answer.ts'
import { toTable } from '../links/show.ts'

const TEXT = {
  summary: 'list links',
  description:
    'Lists your links: id, state, end, use, what they open. With the grant `admin` also those of another subject, or of everybody below a prefix.',
  examples: [
    { what: 'your own', line: 'postern link list' },
    {
      what: 'all below a prefix',
      line: 'postern link list --bucket media --prefix users/alice/ --json',
    },
  ],
}

/** Pages that are asked for before it is called endless. */
const MAX_PAGES = 1000

export function linkListCommand(shell: Shell) {
  return createCommand(shell, 'list', TEXT)
    .option('--sub <subject>', 'links of this subject (admin)')
    .option('--bucket <alias>', 'with --prefix: where (admin)')
    .option('--prefix <prefix>', 'links to what stands below it (admin)')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async ({ sub, bucket, prefix, json, ...options }) => {
      if ((bucket === undefined) !== (prefix === undefined))
        throw new UsageError('--bucket and --prefix go together')
      const call = await openGateway(shell, options)
      const given = Object.entries({ sub, bucket, prefix })
      const query = new URLSearchParams(
        given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      )
      const links: LinkAnswer[] = []
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const { links: more, cursor } = toLinks(await call('GET', `/v1/links?${query}`))
        links.push(...more)
        if (cursor === undefined) break
        query.set('cursor', cursor)
      }
      if (json) shell.print(JSON.stringify({ links }))
      else if (links.length === 0) shell.note('no links')
      else shell.print(toTable(links))
    })
}
