// `postern revoke`: writes the record in KV that ends one token, or all that a subject has so far.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { toCutName, toCutRecord, toRevocationName } from '../core/token/revocation.ts'
import { type Place, readSettings, toPlace } from './settings.ts'
import { readOptions, toSeconds, UsageError } from './usage.ts'

/** KV forgets records no sooner than after a minute. */
const MIN_TTL_SECONDS = 60
/** Longer than any session token should live; a record that outlives the token costs nothing. */
const DEFAULT_TTL_SECONDS = 30 * 86_400

/** Through wrangler, which knows the account and the namespace behind the binding. */
function writeRecord(place: Place, name: string, text: string, ttlSeconds: number): boolean {
  const manifest = createRequire(import.meta.url).resolve('wrangler/package.json')
  const wrangler = join(dirname(manifest), 'bin/wrangler.js')
  const where = ['--config', place.config, ...(place.env === undefined ? [] : ['--env', place.env])]
  const what = ['kv', 'key', 'put', name, text, '--binding', 'POSTERN_KV', '--ttl', `${ttlSeconds}`]
  try {
    execFileSync(
      process.execPath,
      [wrangler, ...what, place.isLocal ? '--local' : '--remote', ...where],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    return true
  } catch {
    return false
  }
}

export async function revoke(args: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(args, {
    sub: { type: 'string' },
    jti: { type: 'string' },
    issuer: { type: 'string' },
    ttl: { type: 'string', default: String(DEFAULT_TTL_SECONDS) },
    config: { type: 'string' },
    env: { type: 'string' },
    json: { type: 'boolean', default: false },
  })
  const { sub, jti } = values
  if (positionals.length > 0 || (sub === undefined) === (jti === undefined))
    throw new UsageError('exactly one of --sub and --jti is needed')
  const ttlSeconds = toSeconds(values.ttl, '--ttl', MIN_TTL_SECONDS)
  const place = toPlace(values.config, values.env)
  const settings = await readSettings(place)
  // Without the secrets the configuration has faults; the issuer must then be named.
  const known = settings.ok ? [...settings.value.issuers.keys()] : []
  const issuer = values.issuer ?? (known.length === 1 ? known[0] : undefined)
  if (issuer === undefined || (known.length > 0 && !known.includes(issuer)))
    throw new UsageError('--issuer is needed, one of ISSUERS')

  const untilSeconds = Math.floor(Date.now() / 1000)
  const name =
    sub === undefined ? await toRevocationName(issuer, jti ?? '') : await toCutName(issuer, sub)
  const text = sub === undefined ? '1' : toCutRecord(untilSeconds)
  if (!writeRecord(place, name, text, ttlSeconds)) {
    console.error('the record was not written')
    return 1
  }
  const what = sub === undefined ? 'the token' : 'every token that the subject has so far'
  console.log(
    values.json
      ? JSON.stringify({ ok: true, record: name, ttlSeconds })
      : `revoked: ${what} is refused within 90 seconds. URLs that were issued live until they expire.`,
  )
  return 0
}
