// The configuration that a verb works on: of the local gateway, or of a wrangler.toml with secrets from the environment.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadSecrets, type Secrets, toConfigFile } from '../../scripts/local.ts'
import { type Config, parseConfig } from '../config/config.ts'
import type { AssumeRole } from '../config/credentials.ts'
import type { ConfigFault } from '../config/env.ts'
import type { FetchKeys } from '../config/issuers.ts'
import { err, type Result } from '../core/result.ts'
import { parseRemoteKeys } from '../core/token/remote-keys.ts'
import type { Shell } from './frame/shell.ts'
import { Failure, UsageError } from './frame/usage.ts'
import { readWranglerConfig, type WranglerConfig } from './wrangler.ts'

export interface Place {
  readonly config: string
  readonly env: string | undefined
  readonly isLocal: boolean
}

/** Those of npm start in this folder, made at the first run. */
export function loadLocalSecrets(cwd: string): Secrets {
  if (!existsSync(resolve(cwd, 'wrangler.toml')))
    throw new UsageError('no gateway in this folder: there is no wrangler.toml')
  return loadSecrets(cwd)
}

/** Without `--config` the gateway that npm start serves. */
export function toPlace(
  { cwd }: Shell,
  config: string | undefined,
  env: string | undefined,
): Place {
  if (config === undefined) {
    const file = toConfigFile(cwd)
    if (!existsSync(file)) throw new UsageError('nothing local yet: run npm start, or --config')
    return { config: file, env: 'local', isLocal: true }
  }
  const file = resolve(cwd, config)
  if (!existsSync(file)) throw new UsageError('--config names no file')
  return { config: file, env, isLocal: false }
}

/** No verb signs for a bucket, but for `doctor`. */
const noRole: AssumeRole = () => ({
  get: async () => err({ reason: 'no_credentials', detail: 'not for the command' }),
})

/** Parsed as the Worker parses it; keys by URL are fetched when a token asks for them. */
export function parseSettings(
  { vars, ratelimits }: Pick<WranglerConfig, 'vars' | 'ratelimits'>,
  secrets: Readonly<Record<string, string | undefined>>,
  assumeRole: AssumeRole = noRole,
): Promise<Result<Config, readonly ConfigFault[]>> {
  // Only their presence is looked at here.
  const counters = ratelimits.map(({ name }: { readonly name: string }) => [
    name,
    Object.create({ limit: () => null }),
  ])
  const fetchKeys: FetchKeys = (url, algorithms) => ({
    async find(header) {
      const text = await fetch(url, { redirect: 'manual' })
        .then((answer) => (answer.status === 200 ? answer.text() : ''))
        .catch(() => '')
      const keys = await parseRemoteKeys(text, algorithms)
      return keys === null ? { kind: 'unavailable', reason: 'no key set' } : keys.find(header)
    },
  })
  return parseConfig(
    { ...Object.fromEntries(counters), ...secrets, ...vars },
    fetchKeys,
    assumeRole,
  )
}

/** Of a wrangler.toml, with the secrets that belong to it. */
export async function readSettings(
  shell: Shell,
  place: Place,
): Promise<Result<Config, readonly ConfigFault[]>> {
  const read = await readWranglerConfig(shell.cwd, place.config, place.env)
  return parseSettings(read, place.isLocal ? loadLocalSecrets(shell.cwd) : shell.env)
}

/** The configuration, or all its faults as a failure. */
export async function loadConfig(shell: Shell, place: Place): Promise<Config> {
  const settings = await readSettings(shell, place)
  if (settings.ok) return settings.value
  const lines = settings.error.map(({ path, detail }) => `${path}: ${detail}`)
  throw new Failure(lines.join('\n'), { faults: settings.error })
}
