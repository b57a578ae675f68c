// `postern download`: objects and prefixes through a gateway into a folder, verified, resumed after whatever happened.
import { resolve } from 'node:path'
import { downloadAll } from '../download/download.ts'
import type { Tally } from '../download/report.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Refused, toCount, UsageError } from '../frame/usage.ts'
import { findGateway, openToken } from '../gateway.ts'
import { isPrefix, parsePlace } from '../transfer/place.ts'
import { toSizeText } from '../transfer/units.ts'

const TEXT = {
  summary: 'fetch objects and prefixes through a gateway',
  description: `Fetches objects, and all below a prefix (\`BUCKET/PREFIX/\`), straight from the bucket by URLs that the gateway signs. Large objects come in ranges, in parallel, each of the same state of the object: one that changes meanwhile is fetched anew, and that is said. After a kill, a crash or Ctrl-C the same command goes on where it was: what is stored is not fetched again. A file has its name once it is whole, of the right size and, where S3's ETag or checksum proves it, of the right bytes (\`verified\` of \`--json\`: \`md5\`, \`md5-of-parts\`, a checksum of S3, or \`size\` alone); until then it is \`.NAME.postern-part\` beside it. A key becomes a file of its last name; a prefix's last name leads its files, as a folder's does in \`upload\`. Nothing is written outside of the folder: no link on the way is followed, and a key that can be no file here is refused by itself. A file that is there stays, unless \`--overwrite\`. What a run must know is kept in \`~/.local/state/postern\` (\`XDG_STATE_HOME\`), without tokens or signed URLs. With \`--json\` there is a line for each object and a last one with the sum.`,
  examples: [
    {
      what: 'one object into this folder',
      line: 'postern download media/users/alice/video.mov',
    },
    {
      what: 'all below a prefix, into backup/photos, eight ranges at a time',
      line: 'postern download media/users/alice/photos/ --to backup --concurrency 8',
    },
    {
      what: 'over what is there',
      line: 'postern download media/shared/latest.tgz --overwrite',
    },
    {
      what: 'in a script',
      line: 'POSTERN_URL=https://files.example.com POSTERN_TOKEN=… \\\n  postern download media/users/alice/dump.sql --json',
    },
  ],
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
    shell.note(`fetched: ${files} of ${files + failed}, ${toSizeText(bytes)}${before}`)
  }
  if (failed > 0) throw new Refused()
}

export function downloadCommand(shell: Shell) {
  return createCommand(shell, 'download', TEXT)
    .argument('<places...>', 'BUCKET/KEY, or BUCKET/PREFIX/ for all below it')
    .option('--to <folder>', 'where the files go; made where it is missing', '.')
    .option('--overwrite', 'replace files that are there', false)
    .option('--concurrency <count>', 'ranges under way at a time, over all objects', '6')
    .option('--quiet', 'say only what failed', false)
    .option('--gateway <url>', 'PUBLIC_URL of the gateway; else POSTERN_URL')
    .option('--token-file <file>', 'your session token; else POSTERN_TOKEN')
    .action(async (given, { json, to, overwrite, quiet, concurrency, ...options }) => {
      const connections = toCount(concurrency, '--concurrency', 64)
      const places = given.map((text) => parsePlace(text, 'what is fetched'))
      // "media" alone may be a key whose bucket was forgotten.
      if (given.some((text) => !text.includes('/')) && places.some(isPrefix))
        throw new UsageError(
          'what is fetched is BUCKET/KEY or BUCKET/PREFIX/; all of one is BUCKET/',
        )
      const tally = await downloadAll(shell, {
        gateway: findGateway(shell, options),
        token: await openToken(shell, options),
        places,
        to: resolve(shell.cwd, to),
        isOverwriting: overwrite,
        connections,
        isQuiet: quiet,
        isJson: json,
      })
      tell(shell, tally, { json, quiet })
    })
}
