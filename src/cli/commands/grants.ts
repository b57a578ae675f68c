// `postern grants explain`: which grant allows something, or why none does, without a token.
import { ACTIONS, type Action, OPTIONS, type Option } from '../../core/policy/grant.ts'
import { decide, explainDecision } from '../../core/policy/decide.ts'
import { parseKeyPrefix, parseObjectKey } from '../../core/policy/key.ts'
import type { Operation } from '../../core/policy/operation.ts'
import type { Json, Session } from '../../core/token/session.ts'
import { createCommand, createGroup } from '../frame/command.ts'
import { Option as CliOption } from '@commander-js/extra-typings'
import type { Shell } from '../frame/shell.ts'
import { collect, Refused, UsageError } from '../frame/usage.ts'
import { toBytes } from '../links/terms.ts'
import { loadConfig, toPlace } from '../settings.ts'

const TEXT = {
  summary: 'say which grant allows something, or why none does',
  description:
    'Decides as the gateway would for a subject with these claims, and says what each grant that was looked at makes of it. The configuration is that of --config, its secrets are taken from the environment; without it that of npm start. Exit code 1: no grant allows it.',
  examples: [
    {
      what: 'may alice read this?',
      line: 'postern grants explain --sub alice media/users/alice/report.pdf --config wrangler.toml',
    },
    {
      what: 'may an editor upload 2 GB of video below a prefix of a team?',
      line: 'postern grants explain --sub bob --claim role=editor --claim team=red --action upload \\\n  --size 2GB --type video/mp4 media/teams/red/cut.mp4',
    },
  ],
}

/** `name=text`, or `name:=json` for numbers, booleans and lists. */
function toClaim(text: string): readonly [string, Json] {
  const [, name = '', sign, value = ''] = /^([^=:]+)(:?=)([^]*)$/.exec(text) ?? []
  if (name === '') throw new UsageError('--claim is name=text or name:=json')
  if (sign === '=') return [name, value]
  try {
    return [name, JSON.parse(value)]
  } catch {
    throw new UsageError('what follows := in --claim is no JSON')
  }
}

interface Wish {
  readonly action: Action
  readonly size: string
  readonly type: string
  readonly option: readonly string[]
}

function toOptions(names: readonly string[]): readonly Option[] {
  return names.map((name) => {
    const option = OPTIONS.find((known) => known === name)
    if (option === undefined) throw new UsageError(`--option is one of ${OPTIONS.join(', ')}`)
    return option
  })
}

function toOperation(place: string, { action, size, type, option }: Wish): Operation {
  const slash = place.indexOf('/')
  const [bucket, rest] = slash < 0 ? [place, ''] : [place.slice(0, slash), place.slice(slash + 1)]
  const isPrefix = rest === '' || rest.endsWith('/')
  if (action === 'list' || (isPrefix && (action === 'share' || action === 'admin'))) {
    const prefix = parseKeyPrefix(rest)
    if (!prefix.ok) throw new UsageError(`the prefix ${prefix.error}`)
    const below = { bucket, prefix: prefix.value }
    return action === 'list' ? { action, ...below } : { action, ...below }
  }
  const parsed = parseObjectKey(rest)
  if (!parsed.ok) throw new UsageError(`the key ${parsed.error}`)
  const key = parsed.value
  const options = toOptions(option)
  if (action === 'upload' || action === 'write')
    return { action, bucket, key, size: toBytes(size, '--size'), type, options }
  if (action === 'delete') return { action, bucket, key, options }
  return action === 'read' ? { action, bucket, key } : { action, bucket, key }
}

function chooseIssuer(known: readonly string[], given: string | undefined): string {
  const issuer = given ?? (known.length === 1 ? known[0] : undefined)
  if (issuer === undefined || !known.includes(issuer))
    throw new UsageError('--issuer is needed, one of ISSUERS')
  return issuer
}

function withOptions(shell: Shell) {
  return createCommand(shell, 'explain', TEXT)
    .argument(
      '<place>',
      'bucket/key, or bucket/prefix/ for lists and links; the bucket by its alias',
    )
    .requiredOption('--sub <subject>', 'who asks')
    .option('--issuer <url>', 'whose token it would be, where there are several issuers')
    .option(
      '--claim <name=text>',
      'of the token; name:=json for other values; may stand several times',
      collect,
      [],
    )
    .addOption(new CliOption('--action <action>', 'what is asked').choices(ACTIONS).default('read'))
    .option('--size <bytes>', 'upload, write: how large it is', '1')
    .option('--type <type>', 'upload, write: its content type', 'application/octet-stream')
    .option(
      '--option <name>',
      'upload, write, delete: such as overwrite; may stand several times',
      collect,
      [],
    )
    .option('--config <file>', 'the wrangler.toml of a gateway; else that of npm start')
    .option('--env <name>', 'its environment')
}

export function grantsCommand(shell: Shell) {
  const explain = withOptions(shell).action(async (given, options) => {
    const { sub, claim, action, json } = options
    const operation = toOperation(given, {
      ...options,
      action: ACTIONS.find((name) => name === action) ?? 'read',
    })
    const claims = Object.fromEntries(claim.map(toClaim))
    const { issuers, policy } = await loadConfig(shell, toPlace(shell, options.config, options.env))
    const issuer = chooseIssuer([...issuers.keys()], options.issuer)
    const now = Math.floor(shell.now() / 1000)
    const session: Session = {
      issuer,
      subject: sub,
      issuedAtSeconds: now,
      expiresAtSeconds: now + 3600,
      claims: { ...claims, iss: issuer, sub },
    }
    const decided = decide(policy, session, operation)
    const looked = explainDecision(policy, session, operation)
    const answer = decided.ok
      ? { ok: true, grant: decided.value.grant.path, looked }
      : { ok: false, reason: decided.error.reason, looked }
    if (json) shell.print(JSON.stringify(answer))
    else {
      const reason = decided.ok
        ? `allowed by ${decided.value.grant.path}`
        : `refused: ${decided.error.reason.replaceAll('_', ' ')}`
      shell.print([reason, ...looked.map((line) => `  ${line}`)].join('\n'))
    }
    if (!decided.ok) throw new Refused()
  })
  return createGroup(shell, 'grants', 'what the grants of a gateway allow').addCommand(explain)
}
