// `postern init`: the files of a gateway in a repository of one's own, from answers; it never overwrites.
import { Option } from '@commander-js/extra-typings'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PROVIDERS } from '../../core/sign/provider.ts'
import { toMissing } from '../doctor/secrets.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Failure, UsageError } from '../frame/usage.ts'
import { type Answers, gatherAnswers } from '../init/answers.ts'
import { PATHS, toFiles, toVars } from '../init/files.ts'
import { parseSettings } from '../settings.ts'

const TEXT = {
  summary: 'write wrangler.toml and what goes with it',
  description:
    'Writes wrangler.toml, .dev.vars.example, .gitignore and a src/index.ts of three lines into this folder, from options and, at a terminal, from what it asks. It checks the configuration as the Worker does before it writes, and never overwrites a file: where one is there already, nothing is written.',
  examples: [
    { what: 'asks for everything', line: 'npx postern init' },
    {
      what: 'asks nothing: a bucket on R2, tokens signed with public keys',
      line: 'npx postern init --public-url https://files.example.com --origin https://app.example.com \\\n  --issuer https://login.example.com --jwks-url https://login.example.com/.well-known/jwks.json \\\n  --provider r2 --bucket acme-media --account-id 0123456789abcdef0123456789abcdef',
    },
    {
      what: 'a bucket on AWS, tokens signed with a shared secret',
      line: `npx postern init --public-url https://files.example.com --origin https://app.example.com \\\n  --issuer https://login.example.com --jwks-url '' --provider aws --bucket acme-media --region eu-west-1`,
    },
  ],
}

/** As the Worker would parse it, but for secrets that are not there yet. */
async function checkAnswers(answers: Answers): Promise<void> {
  const settings = await parseSettings({ vars: toVars(answers), ratelimits: [] }, {})
  const faults = settings.ok ? [] : settings.error.filter((fault) => toMissing(fault, {}) === null)
  if (faults.length > 0)
    throw new UsageError(faults.map(({ path, detail }) => `${path}: ${detail}`).join('; '))
  // https://developers.cloudflare.com/workers/wrangler/configuration/#inheritable-keys
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(answers.name))
    throw new UsageError('--name is of lower-case letters, digits and hyphens')
}

/** A repository has a .gitignore mostly, and knows best what belongs into it. */
const KEPT = '.gitignore'

function refuseToOverwrite(cwd: string): void {
  const stands = PATHS.filter((path) => path !== KEPT && existsSync(join(cwd, path)))
  if (stands.length > 0)
    throw new Failure(`already there: ${stands.join(', ')}; nothing was written`, { there: stands })
}

/** The paths that were written. */
async function writeFiles(cwd: string, answers: Answers): Promise<readonly string[]> {
  const texts = toFiles(answers)
  const paths = PATHS.filter((path) => path !== KEPT || !existsSync(join(cwd, path)))
  for (const path of paths) {
    await mkdir(dirname(join(cwd, path)), { recursive: true })
    await writeFile(join(cwd, path), texts[path], { flag: 'wx' })
  }
  return paths
}

export function initCommand(shell: Shell) {
  return createCommand(shell, 'init', TEXT)
    .option('--name <name>', 'of the Worker; else "files"')
    .option('--public-url <url>', 'address of the gateway')
    .option('--origin <origin>', 'of the pages that use it')
    .option('--issuer <url>', '`iss` of your session tokens')
    .option('--jwks-url <url>', 'their public keys; empty for a shared secret')
    .addOption(new Option('--provider <name>', 'who stores the files; else r2').choices(PROVIDERS))
    .option('--bucket <name>', 'the bucket there')
    .option('--account-id <id>', 'r2: the Cloudflare account')
    .option('--endpoint <url>', 'address of the S3 API, where it is neither AWS nor R2')
    .option('--region <region>', 'of the bucket')
    .action(async ({ json, ...given }) => {
      refuseToOverwrite(shell.cwd)
      const answers = await gatherAnswers(shell, given)
      await checkAnswers(answers)
      const files = await writeFiles(shell.cwd, answers)
      const next = [
        'npm install postern && npm install --save-dev wrangler',
        'cp .dev.vars.example .dev.vars, and fill it',
        'npx postern doctor',
        'npx wrangler deploy',
      ]
      shell.print(
        json
          ? JSON.stringify({ ok: true, files, next })
          : [`written: ${files.join(', ')}`, 'next:', ...next.map((line) => `  ${line}`)].join(
              '\n',
            ),
      )
    })
}
