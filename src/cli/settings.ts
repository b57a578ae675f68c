// The configuration that a verb works on: of the local gateway, or of a wrangler.toml with secrets from the environment.
import { existsSync } from 'node:fs'
import { configFile, loadSecrets } from '../../scripts/local.ts'
import { type Config, parseConfig } from '../config/config.ts'
import type { ConfigFault } from '../config/env.ts'
import type { FetchKeys } from '../config/issuers.ts'
import { err, type Result } from '../core/result.ts'
import { parseRemoteKeys } from '../core/token/remote-keys.ts'
import { UsageError } from './usage.ts'

export interface Place {
  readonly config: string
  readonly env: string | undefined
  readonly isLocal: boolean
}

/** Without `--config` the gateway that npm start serves. */
export function toPlace(config: string | undefined, env: string | undefined): Place {
  if (config === undefined) {
    if (!existsSync(configFile))
      throw new UsageError('nothing local yet: run npm start, or --config')
    return { config: configFile, env: 'local', isLocal: true }
  }
  if (!existsSync(config)) throw new UsageError('--config names no file')
  return { config, env, isLocal: false }
}

/** Parsed as the Worker parses it; keys by URL are fetched when a token asks for them. */
export async function readSettings(place: Place): Promise<Result<Config, readonly ConfigFault[]>> {
  // Takes a second to load; usage errors need not wait for it.
  const { unstable_readConfig } = await import('wrangler')
  const { config, env } = place
  const { vars, ratelimits } = unstable_readConfig(
    { config, ...(env !== undefined && { env }) },
    { hideWarnings: true },
  )
  // Only their presence is looked at here.
  const counters = ratelimits.map(({ name }: { readonly name: string }) => [
    name,
    Object.create({ limit: () => null }),
  ])
  const secrets = place.isLocal ? loadSecrets() : process.env
  const fetchKeys: FetchKeys = (url, algorithms) => ({
    async find(header) {
      const text = await fetch(url, { redirect: 'manual' })
        .then((answer) => (answer.status === 200 ? answer.text() : ''))
        .catch(() => '')
      const keys = await parseRemoteKeys(text, algorithms)
      return keys === null ? { kind: 'unavailable', reason: 'no key set' } : keys.find(header)
    },
  })
  // No verb signs for a bucket.
  const assumeRole = () => ({
    get: async () => err({ reason: 'no_credentials' as const, detail: 'not for the command' }),
  })
  return parseConfig(
    { ...Object.fromEntries(counters), ...secrets, ...vars },
    fetchKeys,
    assumeRole,
  )
}
