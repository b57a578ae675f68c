// The secrets that a check on this machine has: of `.dev.vars`, as wrangler dev reads them, and of the environment.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { ConfigFault } from '../../config/env.ts'
import type { Place } from '../settings.ts'
import { fault, type Finding, ok } from './finding.ts'

export type Secrets = Readonly<Record<string, string | undefined>>

function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/**
 * `.dev.vars.ENV` or else `.dev.vars`, beside wrangler.toml; the environment wins.
 * https://developers.cloudflare.com/workers/local-development/environment-variables/
 */
export function readSecrets({ config, env }: Place, environment: Secrets): Secrets {
  const names = env === undefined ? ['.dev.vars'] : [`.dev.vars.${env}`, '.dev.vars']
  for (const name of names) {
    const text = readFile(join(dirname(config), name))
    if (text !== null) return { ...parseEnv(text), ...environment }
  }
  return environment
}

/** The secret that a fault says is missing; null for a fault of another kind. */
export function toMissing({ path, detail }: ConfigFault, secrets: Secrets): string | null {
  const named = /^secret (?:(\w+) )?is not set$/.exec(detail)
  if (named !== null) return named[1] ?? path
  return path === 'WEBHOOK_SECRET' && !secrets[path] ? path : null
}

export function judgeSecrets(missing: readonly string[]): Finding {
  if (missing.length === 0) return ok('secrets', 'all that the configuration names are set')
  return fault(
    'secrets',
    `not set here: ${missing.join(', ')}`,
    'in .dev.vars or the environment for this command; npx wrangler secret put NAME for the Worker',
  )
}
