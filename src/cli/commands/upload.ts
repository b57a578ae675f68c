// `postern upload`: files and folders through a gateway, verified, resumed after whatever happened.
import type { SessionAnswer } from '../../contract/session.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Refused, toCount } from '../frame/usage.ts'
import { findGateway, type GatewayOptions, openGateway, openToken } from '../gateway.ts'
import { parsePlace, type Place, toOnlyPlace } from '../transfer/place.ts'
import { findSources } from '../transfer/sources.ts'
import { toSizeText } from '../transfer/units.ts'
import { type Tally, uploadAll } from '../transfer/upload.ts'

const TEXT = {
  summary: 'send files and folders through a gateway',
  description: `Sends files, and folders with all below them, straight to the bucket by URLs that the gateway signs. Large files go in parts, in parallel; each part and each whole object is verified. After a kill, a crash or Ctrl-C the same command goes on where it was: what is stored is not sent again (a file whose size or time has changed is sent anew, and that is said). A folder's own name leads its keys; of "." there is none. Every name is checked before a byte is sent. What a run must know is kept in \`~/.local/state/postern\` (\`XDG_STATE_HOME\`), without tokens or signed URLs. With \`--json\` there is a line for each file and a last one with the sum.`,
  examples: [
    {
      what: 'one file under its own name',
      line: 'postern upload video.mov --to media/users/alice/',
    },
    {
      what: 'folders and files together, eight parts at a time',
      line: 'postern upload photos notes.txt --to media/users/alice/ --concurrency 8',
    },
    {
      what: 'under another name, with a type of its own, over what is there',
      line: 'postern upload build.tgz --to media/shared/latest.tgz \\\n  --type application/gzip --overwrite',
    },
    {
      what: 'in a script',
      line: 'POSTERN_URL=https://files.example.com POSTERN_TOKEN=… postern upload dump.sql --json',
    },
  ],
}

async function findOnlyPlace(shell: Shell, options: GatewayOptions): Promise<Place> {
  const call = await openGateway(shell, options)
  // The gateway checks its answers against the schema that this type comes from.
  return toOnlyPlace((await call('GET', '/v1/session')) as SessionAnswer)
}

function tell(
  shell: Shell,
  tally: Tally,
  { json, quiet }: { json: boolean; quiet: boolean },
): void {
  const { files, bytes, failed, resumedBytes } = tally
  if (json) shell.print(JSON.stringify({ ok: failed === 0, ...tally }))
  else if (!quiet) {
    const before = resumedBytes > 0 ? `, ${toSizeText(resumedBytes)} of it by an earlier run` : ''
    shell.note(`sent and verified: ${files} of ${files + failed}, ${toSizeText(bytes)}${before}`)
  }
  if (failed > 0) throw new Refused()
}

export function uploadCommand(shell: Shell) {
  return createCommand(shell, 'upload', TEXT)
    .argument('<files...>', 'files and folders')
    .option(
      '--to <place>',
      'BUCKET/PREFIX/, or of one file BUCKET/KEY; else where the token may upload, if that is one place',
    )
    .option('--type <type>', 'content type of all; else by the ending of each name')
    .option('--overwrite', 'replace objects, where the grant has that option', false)
    .option('--concurrency <count>', 'parts under way at a time, over all files', '6')
    .option('--quiet', 'say only what failed', false)
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (files, { json, to, type, overwrite, quiet, concurrency, ...options }) => {
      const connections = toCount(concurrency, '--concurrency', 64)
      const named = to === undefined ? null : parsePlace(to, '--to')
      const gateway = findGateway(shell, options)
      const token = await openToken(shell, options)
      const place = named ?? (await findOnlyPlace(shell, options))
      const sources = findSources(files, shell.cwd, place.key)
      const tally = await uploadAll(shell, {
        gateway,
        token,
        bucket: place.bucket,
        sources,
        type,
        isOverwriting: overwrite,
        connections,
        isQuiet: quiet,
        isJson: json,
      })
      tell(shell, tally, { json, quiet })
    })
}
