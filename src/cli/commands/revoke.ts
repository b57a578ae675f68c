// `postern revoke`: writes the record in KV that ends one token, or all that a subject has so far.
import { toCutName, toCutRecord, toRevocationName } from '../../core/token/revocation.ts'
import { createCommand } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { Failure, toSeconds, UsageError } from '../frame/usage.ts'
import { type Place, readSettings, toPlace } from '../settings.ts'
import { runWrangler } from '../wrangler.ts'

/** KV forgets records no sooner than after a minute. */
const MIN_TTL_SECONDS = 60
/** Longer than any session token should live; a record that outlives the token costs nothing. */
const DEFAULT_TTL_SECONDS = 30 * 86_400

const TEXT = {
  summary: 'end tokens early',
  description:
    'Ends all tokens that a subject has so far, or one token by its id: within 90 seconds, everywhere. URLs that were issued live until they expire. Without --config at the gateway of npm start; with it, by wrangler, at the deployed one.',
  examples: [
    { what: 'all of a user', line: 'postern revoke --sub alice --config wrangler.toml' },
    {
      what: 'one token, of one of several issuers',
      line: 'postern revoke --jti 7d1c… --issuer https://login.example.com --config wrangler.toml',
    },
  ],
}

/** Through wrangler, which knows the account and the namespace behind the binding. */
function writeRecord(
  shell: Shell,
  place: Place,
  record: { readonly name: string; readonly text: string; readonly ttlSeconds: number },
): Promise<boolean> {
  const where = ['--config', place.config, ...(place.env === undefined ? [] : ['--env', place.env])]
  const what = ['kv', 'key', 'put', record.name, record.text, '--binding', 'POSTERN_KV']
  const how = ['--ttl', `${record.ttlSeconds}`, place.isLocal ? '--local' : '--remote']
  return runWrangler(shell.cwd, [...what, ...how, ...where])
}

async function chooseIssuer(shell: Shell, place: Place, given: string | undefined) {
  const settings = await readSettings(shell, place)
  // Without the secrets the configuration has faults; the issuer must then be named.
  const known = settings.ok ? [...settings.value.issuers.keys()] : []
  const issuer = given ?? (known.length === 1 ? known[0] : undefined)
  if (issuer === undefined || (known.length > 0 && !known.includes(issuer)))
    throw new UsageError('--issuer is needed, one of ISSUERS')
  return issuer
}

export function revokeCommand(shell: Shell) {
  return createCommand(shell, 'revoke', TEXT)
    .option('--sub <subject>', 'whose tokens end')
    .option('--jti <id>', 'the id of the one token that ends')
    .option('--issuer <url>', 'whose tokens they are, where there are several issuers')
    .option('--ttl <seconds>', 'how long the record is kept', String(DEFAULT_TTL_SECONDS))
    .option('--config <file>', 'the wrangler.toml of a gateway; else that of npm start')
    .option('--env <name>', 'its environment')
    .action(async ({ sub, jti, issuer: given, ttl, config, env, json }) => {
      if ((sub === undefined) === (jti === undefined))
        throw new UsageError('exactly one of --sub and --jti is needed')
      const ttlSeconds = toSeconds(ttl, '--ttl', MIN_TTL_SECONDS)
      const place = toPlace(shell, config, env)
      const issuer = await chooseIssuer(shell, place, given)
      const untilSeconds = Math.floor(shell.now() / 1000)
      const name =
        sub === undefined ? await toRevocationName(issuer, jti ?? '') : await toCutName(issuer, sub)
      const text = sub === undefined ? '1' : toCutRecord(untilSeconds)
      if (!(await writeRecord(shell, place, { name, text, ttlSeconds })))
        throw new Failure('the record was not written')
      const what = sub === undefined ? 'the token' : 'every token that the subject has so far'
      shell.print(
        json
          ? JSON.stringify({ ok: true, record: name, ttlSeconds })
          : `revoked: ${what} is refused within 90 seconds. URLs that were issued live until they expire.`,
      )
    })
}
