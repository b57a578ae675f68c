// `postern doctor`: what is wrong with a gateway's configuration and with the buckets behind it, and what to do.
import { setTimeout } from 'node:timers/promises'
import { createRoleCredentials } from '../../adapters/sts.ts'
import type { AssumeRole } from '../../config/credentials.ts'
import { checkBucket, type Visit } from '../doctor/bucket.ts'
import { fault, type Finding, skipped } from '../doctor/finding.ts'
import { fixCors } from '../doctor/fix.ts'
import { checkGateway } from '../doctor/gateway.ts'
import { readSecrets } from '../doctor/secrets.ts'
import { checkSettings, type Settings } from '../doctor/settings.ts'
import { countLevels, toTable } from '../doctor/table.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Refused, UsageError } from '../frame/usage.ts'
import { toPlace } from '../settings.ts'
import { readWranglerConfig, type WranglerConfig } from '../wrangler.ts'

const TEXT = {
  summary: 'find what is wrong with configuration and buckets',
  description:
    'Reads wrangler.toml as the Worker does, with secrets from .dev.vars and the environment, then asks each bucket: credentials, clock, region, addressing, CORS, and what it does with writes that a signature forbids. Writes only below a folder .postern-doctor/ of its own, and removes it. Exit code 1 if there is a fault.',
  examples: [
    { what: 'everything', line: 'postern doctor' },
    { what: 'nothing is written', line: 'postern doctor --read-only' },
    { what: 'one bucket, and its CORS rules are set', line: 'postern doctor --bucket media --fix' },
    {
      what: 'of an environment, and the gateway that runs with it',
      line: 'postern doctor --env staging --gateway https://files.example.com',
    },
  ],
}

interface Options {
  readonly config: string
  readonly env?: string | undefined
  readonly bucket?: string | undefined
  readonly prefix?: string | undefined
  readonly gateway?: string | undefined
  readonly readOnly?: boolean | undefined
  readonly fix?: boolean | undefined
  readonly yes?: boolean | undefined
}

/** Null when it is no TOML, or nothing that wrangler takes. */
async function readToml(
  shell: Shell,
  config: string,
  env: string | undefined,
): Promise<WranglerConfig | null> {
  try {
    return await readWranglerConfig(shell.cwd, config, env)
  } catch (error) {
    // Its texts repeat lines of the file.
    if (error instanceof Error && error.name !== 'Failure') return null
    throw error
  }
}

function findBuckets({ config, keyless }: Settings, alias: string | undefined): readonly string[] {
  const known = [...(config?.policy.buckets.keys() ?? [])]
  if (config !== null && alias !== undefined && !known.includes(alias))
    throw new UsageError('--bucket is an alias of BUCKETS')
  return known.filter((name) => (alias === undefined || name === alias) && !keyless.has(name))
}

function createVisit(shell: Shell, settings: Settings, hasCron: boolean, options: Options) {
  const { config } = settings
  if (config === null) return null
  const { fix = false, yes = false, readOnly = false, prefix } = options
  const origins = [...new Set([config.publicUrl, ...config.origins])]
  const visit: Visit = {
    config,
    hasCron,
    isReadOnly: readOnly,
    prefix,
    now: shell.now,
    fix: async (asker, bucket) =>
      fix ? fixCors(shell, asker, bucket, { origins, isYes: yes }) : [],
  }
  return visit
}

async function examine(shell: Shell, options: Options): Promise<readonly Finding[]> {
  const place = toPlace(shell, options.config, options.env)
  const read = await readToml(shell, place.config, place.env)
  if (read === null) {
    const remedy = 'npx wrangler deploy --dry-run says where'
    return [fault('configuration', 'wrangler cannot read the file', remedy)]
  }
  const assumeRole: AssumeRole = (role) =>
    createRoleCredentials({ role, clock: { now: shell.now, wait: setTimeout }, fetch })
  const settings = await checkSettings(read, readSecrets(place, shell.env), assumeRole)
  const findings = [...settings.findings]
  if (options.gateway !== undefined) findings.push(...(await checkGateway(options.gateway)))
  const aliases = findBuckets(settings, options.bucket)
  const visit = createVisit(shell, settings, (read.triggers.crons ?? []).length > 0, options)
  for (const alias of aliases) {
    const bucket = visit?.config.policy.buckets.get(alias)
    if (visit && bucket) findings.push(...(await checkBucket(bucket, visit)))
  }
  for (const bucket of settings.keyless)
    findings.push({ ...skipped('bucket', 'its keys are not set here'), bucket })
  return findings
}

function checkUsage({ fix, readOnly, prefix, gateway }: Options): void {
  if (fix && readOnly) throw new UsageError('--fix writes, --read-only does not')
  if (prefix !== undefined && !/^(?:[^/\s]+\/)*$/.test(prefix))
    throw new UsageError('--prefix is empty or ends in "/"')
  if (gateway !== undefined && (!URL.canParse(gateway) || !/^https?:/.test(gateway)))
    throw new UsageError('--gateway is a URL')
}

export function doctorCommand(shell: Shell) {
  return createCommand(shell, 'doctor', TEXT)
    .option('--config <file>', 'the wrangler.toml of a gateway', 'wrangler.toml')
    .option('--env <name>', 'its environment')
    .option('--bucket <alias>', 'this bucket only')
    .option('--prefix <prefix>', 'where the keys may write; else where grants allow uploads')
    .option('--gateway <url>', 'ask the running gateway too')
    .option('--read-only', 'write nothing')
    .option('--fix', 'set the CORS rules of each bucket, after showing them')
    .option('--yes', 'with --fix: without asking')
    .action(async ({ json, ...options }) => {
      checkUsage(options)
      const findings = await examine(shell, options)
      const counts = countLevels(findings)
      const isGood = counts.fault === 0
      shell.print(json ? JSON.stringify({ ok: isGood, counts, findings }) : toTable(findings))
      if (!isGood) throw new Refused()
    })
}
