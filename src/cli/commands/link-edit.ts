// `postern link edit`: changes a link's conditions; what it opens stays.
import type { Shell } from '../frame/shell.ts'
import { collect, UsageError } from '../frame/usage.ts'
import { openGateway } from '../gateway.ts'
import { toLink } from '../links/answer.ts'
import { readPassword } from '../links/password.ts'
import { toLines } from '../links/show.ts'
import { toLinkId } from '../links/target.ts'
import { createTermsCommand, toEnd, toTerms } from '../links/terms.ts'

const TEXT = {
  summary: 'change the conditions of a link',
  description:
    'Changes only the conditions named, or takes them away with --clear; --freeze stops the link until --unfreeze. What a link opens cannot be changed.',
  examples: [
    {
      what: 'longer, and for more downloads',
      line: 'postern link edit 7Hq2… --expires-in 30d --max-downloads 20',
    },
    { what: 'without its networks', line: 'postern link edit 7Hq2… --clear cidr' },
  ],
}

/** Options that --clear takes, and the members that they are. */
const MEMBERS = new Map([
  ['not-before', 'notBefore'],
  ['max-downloads', 'maxDownloads'],
  ['strict', 'strict'],
  ['cidr', 'cidrs'],
  ['country', 'countries'],
  ['referrer', 'referrers'],
  ['user-agent', 'userAgent'],
  ['disposition', 'disposition'],
  ['filename', 'filename'],
  ['label', 'label'],
  ['delivery', 'delivery'],
  ['tripwire', 'tripwire'],
  ['password', 'password'],
])

function toCleared(names: readonly string[]): Readonly<Record<string, null>> {
  const members = names.map((name) => {
    const member = MEMBERS.get(name)
    if (member === undefined)
      throw new UsageError(`--clear takes one of ${[...MEMBERS.keys()].join(', ')}`)
    return [member, null] as const
  })
  return Object.fromEntries(members)
}

export function linkEditCommand(shell: Shell) {
  return createTermsCommand(shell, 'edit', TEXT)
    .argument('<link>', 'its id or its URL; after "--" where the id begins with "-"')
    .option('--clear <condition>', 'takes it away; may stand several times', collect, [])
    .option('--freeze', 'nobody can open it')
    .option('--unfreeze', 'it can be opened again')
    .option('--password', 'a new, generated password, which is told once')
    .option('--password-file <file>', 'the password in this file; "-" is standard input')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (given, options) => {
      const id = toLinkId(given)
      const { clear, freeze, unfreeze } = options
      if (freeze && unfreeze) throw new UsageError('--freeze or --unfreeze, not both')
      const password = await readPassword(shell, options)
      const patch = {
        ...toEnd(options),
        ...toTerms(options),
        ...toCleared(clear),
        ...(password !== undefined && { password }),
        ...((freeze || unfreeze) && { frozen: freeze === true }),
      }
      if (Object.keys(patch).length === 0) throw new UsageError('nothing to change was named')
      const call = await openGateway(shell, options)
      const link = toLink(await call('PATCH', `/v1/links/${id}`, patch))
      shell.print(options.json ? JSON.stringify(link) : toLines(link))
    })
}
