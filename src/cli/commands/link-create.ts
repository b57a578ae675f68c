// `postern link create`: a share link, made by the gateway under the grant `share`.
import type { Shell } from '../frame/shell.ts'
import { collect } from '../frame/usage.ts'
import { openGateway } from '../gateway.ts'
import { toLink } from '../links/answer.ts'
import { readPassword } from '../links/password.ts'
import { toTarget, toUpload } from '../links/target.ts'
import { createTermsCommand, toEnd, toTerms } from '../links/terms.ts'

const TEXT = {
  summary: 'make a share link',
  description:
    'Makes a link that somebody without an account may open, under the conditions named; a prefix ending in "/" opens all below it. The URL is on standard output, a generated password on standard error.',
  examples: [
    {
      what: 'one download within a week',
      line: 'postern link create media/users/alice/report.pdf --expires-in 7d --max-downloads 1',
    },
    {
      what: 'an album, with a generated password',
      line: 'postern link create media/users/alice/album/ --password',
    },
    {
      what: 'a request for uploads',
      line: `postern link create media/users/alice/in/ --upload-type 'image/*' \\\n  --upload-max-bytes 20MB --upload-max-files 10`,
    },
  ],
}

export function linkCreateCommand(shell: Shell) {
  return createTermsCommand(shell, 'create', TEXT)
    .argument(
      '<targets...>',
      'bucket/key, several of one bucket, or bucket/prefix/; the bucket by its alias',
    )
    .option('--password', 'with a generated password, which is told once')
    .option('--password-file <file>', 'with the password in this file; "-" is standard input')
    .option(
      '--upload-type <type>',
      'asks for uploads of this type or family; may stand several times',
      collect,
      [],
    )
    .option('--upload-max-bytes <size>', 'of each file, such as 20MB')
    .option('--upload-max-files <count>', 'how many files it takes')
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (targets, options) => {
      const password = await readPassword(shell, options)
      const body = {
        ...toTarget(targets),
        ...toEnd(options, '7d'),
        ...toTerms(options),
        ...toUpload(options),
        ...(password !== undefined && { password }),
      }
      const call = await openGateway(shell, options)
      const link = toLink(await call('POST', '/v1/links', body))
      if (options.json) shell.print(JSON.stringify(link))
      else {
        shell.print(link.url)
        if (link.password !== undefined) shell.note(`password: ${link.password}`)
        shell.note(`ends ${link.expiresAt}; postern link revoke ${link.id} ends it before`)
      }
    })
}
